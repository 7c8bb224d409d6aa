"""The command `interpolate`."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import (
    add_json,
    add_model,
    add_out,
    add_point,
    add_switch,
    check_point,
    classes_said,
    print_json,
    say_class,
    whole,
)

SUMMARY = "A path between two latent points, as an animation or a strip."


def configure(parser: argparse.ArgumentParser) -> None:
    from vae_explorer.latent.paths import DEFAULT_FRAMES, MAX_FRAMES, MIN_FRAMES

    add_model(parser)
    add_point(parser, "--start", "where the path begins")
    add_point(parser, "--end", "where it ends")
    parser.add_argument("--frames", type=whole(MIN_FRAMES, MAX_FRAMES), default=DEFAULT_FRAMES, metavar="N")
    parser.add_argument(
        "--spherical",
        action="store_true",
        help="lead at even angles around 0 instead of along a straight line: codes of many latents lie near a sphere of radius √D",
    )
    add_out(parser, "FILE", ".gif or .apng: an animation; .png: a strip")
    parser.add_argument(
        "--class",
        dest="labels",
        type=int,
        nargs="+",
        default=[],
        metavar="C",
        help="decode as this class, or from the first class at the start to the second at the end (conditional models)",
    )
    add_switch(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer.errors import UserError
    from vae_explorer.images import check_frames_place, write_frames
    from vae_explorer.latent.paths import Interpolation, linear_path
    from vae_explorer.models.card import made_by, point_written

    if len(args.labels) > 2:
        raise UserError(f"--class takes one class, or one for each end of the path, not {len(args.labels)}")
    check_frames_place(args.out)
    model = vx.load(args.model)
    labels = tuple(args.labels) or classes_said(None, model.card.spec.classes)
    for option, point in (("--start", args.start), ("--end", args.end)):
        check_point(option, point, model.card.spec.latent_dim, model.card.name)
    points = f"{point_written(args.start)} to {point_written(args.end)}"
    interpolation = Interpolation.SPHERICAL if args.spherical else Interpolation.LINEAR
    condition = None
    if labels:  # a model without classes refuses labels
        first, last = (model.class_weights(label) for label in (labels[0], labels[-1]))
        condition = linear_path(first, last, args.frames)
    frames = model.decode_uint8(interpolation.path(args.start, args.end, args.frames), condition, args.switch)
    write_frames(args.out, frames, note=made_by(model.card, points, labels, args.switch))
    if args.json:
        ends = {"start": args.start, "end": args.end, "frames": args.frames, "interpolation": interpolation, "classes": labels}
        print_json({"model": model.card.name, **ends, "out": args.out})
    else:
        say_class(bool(args.labels), model.card.classes if model.card.spec.classes else ())
    return 0
