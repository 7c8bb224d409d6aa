"""The command `decode`."""

from __future__ import annotations

import argparse
import math

from vae_explorer.cli.arguments import (
    add_decoding,
    add_json,
    add_model,
    add_out,
    add_point,
    check_point,
    classes_said,
    finite,
    print_json,
    say_class,
)

SUMMARY = "The decoder's image at one latent point."


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_point(parser, "--z", "the latent point")
    add_out(parser)
    add_decoding(parser)
    parser.add_argument(
        "--pose",
        type=finite,
        nargs=3,
        metavar=("ANGLE", "RIGHT", "DOWN"),
        help="of a family with a pose: the angle in degrees, counterclockwise, and the shift in half sides (default: 0 0 0)",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer.images import check_picture_place, write_picture
    from vae_explorer.models.card import made_by, point_written
    from vae_explorer.poses import Pose

    check_picture_place(args.out)
    model = vx.load(args.model)
    check_point("--z", args.z, model.card.spec.latent_dim, model.card.name)
    pose = None if args.pose is None else Pose(math.radians(args.pose[0]), *args.pose[1:])
    picture = model.decode_uint8(args.z, args.label, args.switch, pose)[0]
    classes = classes_said(args.label, model.card.spec.classes)
    point = point_written(args.z) + (f" in pose {point_written(args.pose)}" if args.pose else "")
    note = made_by(model.card, point, classes, args.switch)
    write_picture(args.out, picture, note)
    if args.json:
        posed = {"pose": args.pose} if args.pose else {}
        print_json({"model": model.card.name, "z": args.z, "classes": classes, "out": args.out} | posed)
    else:
        say_class(args.label is not None, model.card.classes if model.card.spec.classes else ())
    return 0
