"""A path between two latent points, as an animation or a strip."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import add_decoding, add_json, add_model, add_point, print_json, whole


def configure(parser: argparse.ArgumentParser) -> None:
    from vae_explorer.latent.paths import DEFAULT_FRAMES, MAX_FRAMES, MIN_FRAMES

    add_model(parser)
    add_point(parser, "--start", "where the path begins")
    add_point(parser, "--end", "where it ends")
    parser.add_argument("--frames", type=whole(MIN_FRAMES, MAX_FRAMES), default=DEFAULT_FRAMES, metavar="N")
    parser.add_argument("--out", required=True, metavar="FILE", help=".gif or .apng: an animation; .png: a strip")
    add_decoding(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import vae_explorer as vx
    from vae_explorer.images import write_frames
    from vae_explorer.latent.paths import linear_path
    from vae_explorer.models.card import made_by

    model = vx.load(args.model)
    points = "({:g}, {:g}) to ({:g}, {:g})".format(*args.start, *args.end)
    frames = model.decode_uint8(linear_path(args.start, args.end, args.frames), args.label, args.switch)
    write_frames(args.out, frames, note=made_by(model.card, points))
    if args.json:
        print_json({"model": model.card.name, "start": args.start, "end": args.end, "frames": args.frames, "out": args.out})
    return 0
