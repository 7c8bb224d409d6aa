"""Arguments about a file of another program."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vae_explorer.cli.arguments import finite, place, whole

if TYPE_CHECKING:
    from vae_explorer.data.base import Dataset
    from vae_explorer.models.model_file import ModelFile
    from vae_explorer.models.own.how import How

_SIDE, _LATENTS = 4096, 512


def add_how(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how to open a file of another program."""
    group = parser.add_argument_group("a model of your own", "What is not given is found out by calling the model, and said.")
    group.add_argument(
        "--network",
        metavar="NETWORK",
        default="",
        help="the network of a state dict: my_vae.py:VAE, my_vae.py:VAE(16) or package.module:VAE; its code is run",
    )
    group.add_argument("--encoder", type=place, metavar="FILE", help="the encoder of a .pt2, TorchScript or .onnx decoder")
    group.add_argument("--latents", type=whole(1, _LATENTS), metavar="D", help="number of latents")
    group.add_argument("--image-shape", type=whole(1, _SIDE), nargs="+", metavar="SIDE", help="H W, or H W C")
    group.add_argument("--pixels", metavar="RANGE", help="unit, signed, bytes or logits")
    group.add_argument("--layout", help="nchw, nhwc, nhw, flat or flat-nhwc")
    group.add_argument("--posterior", metavar="KIND", help="mean, log-variance, std, joined or distribution")
    group.add_argument("--likelihood", metavar="NAME", help="bernoulli, continuous-bernoulli or gaussian")
    group.add_argument("--sigma", type=finite, metavar="S", help="the std of a pixel, of a Gaussian likelihood")


def add_placing(parser: argparse.ArgumentParser) -> None:
    """Add the options that name the images whose codes a model of another program shows."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--images", type=place, metavar="PATH", help="show the codes of own images: a folder, a table, .npy or .npz"
    )
    group.add_argument("--data", metavar="NAME", help="show the codes of a data set (see 'list datasets')")


def place_of(args: argparse.Namespace) -> Callable[[ModelFile], tuple[ModelFile, Dataset | None]] | None:
    """Return the function that gives a model the codes of the named images; None where no images are named.

    Own images take the size of the model's images, and are kept as a data set. The function raises `UserError`.
    """
    if not args.images and not args.data:
        return None

    def placed_images(file: ModelFile) -> tuple[ModelFile, Dataset | None]:
        from vae_explorer import locations
        from vae_explorer.data.base import Fetching
        from vae_explorer.data.own.adding import add
        from vae_explorer.data.own.reading import Colour, Reading
        from vae_explorer.data.sources import find_dataset, load_dataset
        from vae_explorer.inference.placing import check_encoder, placed

        check_encoder(file)
        root, name = locations.data(args.data_dir), args.data
        if args.images:
            height, width, channels = file.card.spec.image_shape
            colour = {1: Colour.GREY, 3: Colour.COLOUR}.get(channels, Colour.OWN)
            name = add(args.images, Reading(size=(height, width), colour=colour), root).name
        dataset = load_dataset(name, Fetching(root))
        return placed(file, name, find_dataset(name, root), dataset), dataset

    return placed_images


def how_of(args: argparse.Namespace) -> How:
    """Return what a person said on the command line. Raises `UserError` on words that are not known."""
    from vae_explorer.models.own.given import Given
    from vae_explorer.models.own.how import How

    given = Given.of(
        latents=args.latents,
        image_shape=args.image_shape,
        pixels=args.pixels,
        layout=args.layout,
        posterior=args.posterior,
        likelihood=args.likelihood,
        sigma=args.sigma,
    )
    return How(args.network, Path(args.encoder) if args.encoder else None, given)
