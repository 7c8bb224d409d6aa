"""The command `explore`."""

from __future__ import annotations

import argparse

from vae_explorer.cli.arguments import add_data_dir, add_theme, place
from vae_explorer.cli.own import add_how, add_placing

SUMMARY = "Open the window on a model (the default command)."


def configure(parser: argparse.ArgumentParser) -> None:
    from vae_explorer.models.catalogue import DEFAULT_MODEL

    parser.add_argument(
        "model",
        type=place,
        metavar="MODEL",
        nargs="?",
        default=DEFAULT_MODEL,
        help="a name from 'list models', or a file; also .pt2, TorchScript, .onnx, and a state dict with --network",
    )
    add_how(parser)
    add_placing(parser)
    add_theme(parser, "as set in the window")
    add_data_dir(parser)


def run(args: argparse.Namespace) -> int:
    from vae_explorer.cli.own import how_of, place_of
    from vae_explorer.cli.preflight import window_problems
    from vae_explorer.errors import UserError

    for problem in window_problems():
        raise UserError(problem)
    how, place = how_of(args), place_of(args)
    from vae_explorer.runtime.importing import without_collecting
    from vae_explorer.runtime.loading_torch import open_libraries

    open_libraries()
    with without_collecting():
        from vae_explorer.cli.doctor import diagnostics
        from vae_explorer.gui.app import run as run_window

    known = diagnostics(args.data_dir)
    return run_window(args.model, data_dir=args.data_dir, theme=args.theme, diagnostics=known, how=how, place=place)
