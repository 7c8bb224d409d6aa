"""The command `traverse`."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import (
    add_decoding,
    add_json,
    add_model,
    add_out,
    check_point,
    classes_said,
    finite,
    print_json,
    say_class,
    whole,
)
from vae_explorer.limits import LIMITS

SUMMARY = "Traversals: one row of images for each latent, which goes from −3 to 3 while the others stay."
_ROWS = 20


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--z", nargs="+", type=finite, metavar="Z", help="the point around which latents move, one number for each (default: 0)"
    )
    parser.add_argument("--steps", type=whole(2, 120), default=7, metavar="N", help="images of a row (default: 7)")
    parser.add_argument(
        "--rows", type=whole(1, LIMITS["latents"].most), default=_ROWS, metavar="N", help=f"at most so many latents ({_ROWS})"
    )
    add_out(parser, "FILE", ".png: one row for each latent, the latent that tells most first; .gif or .apng: an animation")
    add_decoding(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer.images import check_frames_place, is_animation, write_frames
    from vae_explorer.latent.section import by_information
    from vae_explorer.latent.traversals import frames, traversal_values, traversals
    from vae_explorer.models.card import along_written, made_by

    check_frames_place(args.out)
    model = vx.load(args.model)
    centre = args.z or [0.0] * model.card.spec.latent_dim
    check_point("--z", centre, model.card.spec.latent_dim, model.card.name)
    latents = by_information(model.codes.mean, model.codes.std)[: args.rows]
    images = model.decode_uint8(traversals(centre, latents, traversal_values(args.steps)), args.label, args.switch)
    classes = classes_said(args.label, model.card.spec.classes)
    note = made_by(model.card, along_written(latents, centre), classes, args.switch)
    write_frames(args.out, frames(images, len(latents), is_animation(args.out)), note=note)
    if args.json:
        print_json({"model": model.card.name, "z": centre, "latents": [each + 1 for each in latents], "out": args.out})
    else:
        say_class(args.label is not None, model.card.classes if model.card.spec.classes else ())
    return 0
