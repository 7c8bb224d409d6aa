"""The command `factors`."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import add_data_dir, add_json, add_model, place, print_json, say
from vae_explorer.cli.progress import show_download
from vae_explorer.foreign import short

SUMMARY = (
    "How the latents know the labels of the images: mutual information gap, and disentanglement, completeness, informativeness."
)
_NAME = 24  # characters of a factor


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--out", type=place, metavar="FILE.png", help="the importance of each latent for each factor, as a picture"
    )
    add_data_dir(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer import locations
    from vae_explorer.cli.factors_picture import matrix_picture
    from vae_explorer.data.base import Fetching
    from vae_explorer.data.sources import load_dataset
    from vae_explorer.images import check_picture_place, write_picture
    from vae_explorer.inference.disentanglement import disentanglement
    from vae_explorer.latent.section import by_information, name_of
    from vae_explorer.models.card import made_by

    if args.out:
        check_picture_place(args.out)
    model = vx.load(args.model)
    dataset = load_dataset(model.card.dataset, Fetching(locations.data(args.data_dir), progress=show_download()))
    found = disentanglement(model.codes.mean, tuple(dataset.columns))
    order = by_information(model.codes.mean, model.codes.std)
    if args.out:
        picture = matrix_picture(found.importance[order], [f"z {latent + 1}" for latent in order], found.factors)
        write_picture(args.out, picture, made_by(model.card, "importance of latents for factors"))
    figures = {
        "mutual_information_gap": found.mig,
        "disentanglement": found.disentanglement,
        "completeness": found.completeness,
        "informativeness": float(found.informativeness.mean()),
    }
    if args.json:
        by_factor = {
            name: {
                "mutual_information_gap": float(found.gaps[place]),
                "informativeness": float(found.informativeness[place]),
                "information": found.information[:, place].tolist(),
                "importance": found.importance[:, place].tolist(),
            }
            for place, name in enumerate(found.factors)
        }
        print_json({"model": model.card.name, "dataset": model.card.dataset} | figures | {"factors": by_factor})
        return 0
    say(f"{model.card.name} and the labels of {model.card.dataset}")
    for name, value in figures.items():
        say(f"  {name.replace('_', ' ')} {value:.3f}")
    for column, name in enumerate(found.factors):
        best = int(found.importance[:, column].argmax())
        share, gap, known = found.importance[best, column], found.gaps[column], found.informativeness[column]
        say(f"  {short(name, _NAME)}: {name_of(best)} has {share:.2f} of its importance; gap {gap:.3f}, predicted {known:.3f}")
    return 0
