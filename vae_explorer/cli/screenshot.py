"""The command `screenshot`."""

from __future__ import annotations

import argparse
import os

from vae_explorer.cli.arguments import add_data_dir, add_json, add_model, add_out, add_theme, finite, print_json

SUMMARY = "A picture of the real window, made without a screen."

PANELS = ("inspector", "evidence", "draw", "path", "equation", "samples", "channels", "pose")
HALVES = ("upper", "lower", "left", "right")  # halves of an image


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    add_out(parser)
    parser.add_argument("--size", type=_size, default=(1280, 800), metavar="WxH", help="1280x800 (default) to 7680x4320")
    parser.add_argument("--cursor", nargs=2, type=finite, metavar=("X", "Y"), help="place the mouse over this latent point")
    parser.add_argument("--path", nargs=4, type=finite, metavar=("X0", "Y0", "X1", "Y1"), help="a path is laid")
    parser.add_argument(
        "--plane", choices=("latent", "equal"), default="latent", help="equal: through Φ(z), area is prior mass"
    )
    parser.add_argument("--panel", choices=PANELS, help="bring this panel to the front of its tabs")
    parser.add_argument("--hide", choices=HALVES, help="put the inspected image on the pad, and hide this half")
    parser.add_argument("--zoom", action="store_true", help="with --panel evidence or draw: zoom the map to the posteriors")
    add_theme(parser, "light")
    add_data_dir(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    from vae_explorer.cli.preflight import window_problems
    from vae_explorer.errors import UserError

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    for problem in window_problems():
        raise UserError(problem)
    from vae_explorer.gui.screenshot import take_screenshot

    take_screenshot(
        args.model,
        args.out,
        size=args.size,
        theme=args.theme or "light",
        plane=args.plane,
        cursor=args.cursor,
        path=args.path,
        panel=args.panel,
        hidden=args.hide,
        zoom=args.zoom,
        data_dir=args.data_dir,
    )
    if args.json:
        print_json({"model": args.model, "out": args.out, "size": list(args.size)})
    return 0


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it as 1280x800")
    size = (int(width), int(height))
    if not (640 <= size[0] <= 7680 and 480 <= size[1] <= 4320):
        raise argparse.ArgumentTypeError(f"{text} is out of range; choose 640x480 to 7680x4320")
    return size
