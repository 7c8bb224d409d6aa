"""The command `manifold`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vae_explorer.cli.arguments import add_decoding, add_json, add_model, add_out, classes_said, print_json, say_class, whole
from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS

if TYPE_CHECKING:
    from vae_explorer.inference.trained import TrainedModel

SUMMARY = "The manifold figure: decoded images at the inverse normal CDF of an even grid (Kingma & Welling 2014, figure 4)."


def configure(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("--grid", type=whole(1, 100), default=20, metavar="N", help="N × N images")
    parser.add_argument(
        "--axes",
        nargs=2,
        type=whole(1, LIMITS["latents"].most),
        metavar=("I", "J"),
        help="the two latents of the grid, counted from 1 (default: those with the most KL); others are 0",
    )
    add_out(parser)
    add_decoding(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    import numpy as np

    import vae_explorer as vx
    from vae_explorer.images import check_picture_place, write_picture
    from vae_explorer.latent.grids import manifold_grid, manifold_line, mosaic
    from vae_explorer.models.card import made_by

    check_picture_place(args.out)
    model = vx.load(args.model)
    axes = _axes(args.axes, model)
    z = np.zeros((args.grid ** len(axes), model.card.spec.latent_dim), np.float32)
    z[:, axes] = manifold_grid(args.grid) if len(axes) == 2 else manifold_line(args.grid)
    picture = mosaic(model.decode_uint8(z, args.label, args.switch), args.grid)
    where = f"at the quantiles of a {args.grid} × {args.grid} grid" if len(axes) == 2 else f"at {args.grid} quantiles"
    if len(axes) < model.card.spec.latent_dim:
        where += f" of latents {axes[0] + 1} and {axes[1] + 1}, others 0"
    classes = classes_said(args.label, model.card.spec.classes)
    write_picture(args.out, picture, made_by(model.card, where, classes, args.switch))
    if args.json:
        print_json({"model": model.card.name, "grid": args.grid, "classes": classes, "out": args.out})
    else:
        say_class(args.label is not None, model.card.classes if model.card.spec.classes else ())
    return 0


def _axes(chosen: Sequence[int] | None, model: TrainedModel) -> list[int]:
    """Return the latents of the grid, counted from 0: the only one, or two."""
    from vae_explorer.latent.section import by_information

    latents = model.card.spec.latent_dim
    if chosen is None:
        return list(range(latents)) if latents <= 2 else by_information(model.codes.mean, model.codes.std)[:2]
    if max(chosen) > latents or chosen[0] == chosen[1]:
        raise UserError(f"{model.card.name} has {latents} latents; give --axes two different numbers from 1 to {latents}")
    return [number - 1 for number in chosen]
