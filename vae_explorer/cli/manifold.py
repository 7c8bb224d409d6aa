"""The command `manifold`."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import add_decoding, add_json, add_model, add_out, classes_said, print_json, say_class, whole

SUMMARY = "The manifold figure: decoded images at the inverse normal CDF of an even grid (Kingma & Welling 2014, figure 4)."


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("--grid", type=whole(1, 100), default=20, metavar="N", help="N × N images")
    add_out(parser)
    add_decoding(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer.images import check_picture_place, write_picture
    from vae_explorer.latent.grids import manifold_grid, mosaic
    from vae_explorer.models.card import made_by

    check_picture_place(args.out)
    model = vx.load(args.model)
    picture = mosaic(model.decode_uint8(manifold_grid(args.grid), args.label, args.switch), args.grid)
    where = f"at the quantiles of a {args.grid} × {args.grid} grid"
    classes = classes_said(args.label, model.card.spec.classes)
    write_picture(args.out, picture, made_by(model.card, where, classes, args.switch))
    if args.json:
        print_json({"model": model.card.name, "grid": args.grid, "classes": classes, "out": args.out})
    else:
        say_class(args.label is not None, model.card.classes if model.card.spec.classes else ())
    return 0
