"""The command `decode`."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import (
    add_decoding,
    add_json,
    add_model,
    add_out,
    add_point,
    check_point,
    classes_said,
    print_json,
    say_class,
)

SUMMARY = "The decoder's image at one latent point."


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_point(parser, "--z", "the latent point")
    add_out(parser)
    add_decoding(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer.images import check_picture_place, write_picture
    from vae_explorer.models.card import made_by, point_written

    check_picture_place(args.out)
    model = vx.load(args.model)
    check_point("--z", args.z, model.card.spec.latent_dim, model.card.name)
    picture = model.decode_uint8(args.z, args.label, args.switch)[0]
    classes = classes_said(args.label, model.card.spec.classes)
    note = made_by(model.card, point_written(args.z), classes, args.switch)
    write_picture(args.out, picture, note)
    if args.json:
        print_json({"model": model.card.name, "z": args.z, "classes": classes, "out": args.out})
    else:
        say_class(args.label is not None, model.card.classes if model.card.spec.classes else ())
    return 0
