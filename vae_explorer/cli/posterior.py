"""The command `posterior`."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import add_class, add_json, add_model, add_out, check_told, place, print_json, say_notes, whole
from vae_explorer.errors import UserError

SUMMARY = "The true posterior p(z|x) of an image file as a picture, with the encoder's q(z|x) and the best diagonal Gaussian beside it."


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "image", type=place, metavar="IMAGE", help="an image file; it is read in the model's channels and scaled to its size"
    )
    add_out(parser)
    parser.add_argument("--size", type=whole(16, 2000), default=400, metavar="N", help="N × N pixels")
    add_class(parser, "the class of the image")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import numpy as np

    import vae_explorer as vx
    from vae_explorer import colours
    from vae_explorer.cli import posterior_picture as pictures
    from vae_explorer.image_reading import read_image
    from vae_explorer.images import check_picture_place, in_domain, write_picture
    from vae_explorer.inference.evidence.engine import EvidenceEngine
    from vae_explorer.latent.regions import RADII, density_levels, ellipse, raster_points
    from vae_explorer.models.card import made_by
    from vae_explorer.models.spec import LATENT_DIM

    check_picture_place(args.out)
    model = vx.load(args.model)
    latents = model.card.spec.latent_dim
    if latents != LATENT_DIM:
        raise UserError(
            f"posterior draws the plane of two latents, and {model.card.name} has {latents}; `evaluate --evidence` gives its log p(x)"
        )
    engine = EvidenceEngine(model)
    check_told(model.card.name, model.card.spec.classes, args.label)
    read = read_image(args.image, model.image_shape)
    image = in_domain(read.pixels, model.card.binarised)
    terms, gaps = engine.gaps(image, args.label)
    sides = engine.sides_of_both(image, args.label)
    found = engine.posterior(image, args.label, sides=sides, size=(args.size, args.size))
    other = np.exp(model.log_posterior(image, raster_points(sides, args.size), args.label)).reshape(args.size, args.size)
    lines: list[pictures.Line] = [
        (pictures.borders_of(found.density, sides, found.levels), colours.TRUE, None),
        (pictures.borders_of(other, sides, density_levels(other)), colours.ENCODER, pictures.DASHED),
        ([ellipse(gaps.best_mean[0], radius * gaps.best_std[0]) for radius in RADII], colours.BEST, pictures.DOTTED),
    ]
    picture = pictures.posterior_picture(found.density, sides, lines)
    write_picture(args.out, picture, made_by(model.card, f"p(z|x) of {args.image}"))
    if args.json:
        numbers = ("log_evidence", "elbo", "reconstruction", "kl", "posterior_kl")
        values = {name: float(getattr(terms, name)[0]) for name in numbers}
        values |= {"approximation_gap": float(gaps.approximation[0]), "amortisation_gap": float(gaps.amortisation[0])}
        moved = max(float(each.step_halving_difference[0]) for each in (terms, gaps))
        place = {"mean": found.mean.tolist(), "covariance": found.covariance.tolist(), "area": found.area}
        place |= {"best_mean": gaps.best_mean[0].tolist(), "best_std": gaps.best_std[0].tolist()}
        said = {"model": model.card.name, "image": args.image, "notes": read.notes, "out": args.out}
        print_json(
            said | values | {"step_halving_difference": moved} | place | {"x_range": list(sides[0]), "y_range": list(sides[1])}
        )
    else:
        say_notes(args.image, read.notes)
    return 0
