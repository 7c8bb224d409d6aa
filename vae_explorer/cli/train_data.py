"""The data set of a training: a name, or a person's own images, which are read first."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vae_explorer import locations
from vae_explorer.cli.arguments import complain, place, print_json
from vae_explorer.cli.reading import Watched, add_reading, added
from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.own.store import stores
from vae_explorer.data.sources import DATASETS, find_dataset, own_name

if TYPE_CHECKING:
    from vae_explorer.data.own.adding import Added

STAND_IN = DatasetSpec("", "", (32, 32, 1), ("image",), (60_000, 10_000), "")  # checks the other options before any reading


def add_images(dataset: argparse._MutuallyExclusiveGroup, parser: argparse.ArgumentParser) -> None:
    """Add `--images` beside `--dataset`, and how these images are read."""
    dataset.add_argument(
        "--images",
        type=place,
        metavar="PATH",
        help="train on own images: a folder of pictures, a table, .npy, .npz, IDX, or a Python file, which is run (read once, then "
        "kept; see 'data')",
    )
    add_reading(parser)


def data_of(args: argparse.Namespace, watched: Watched) -> tuple[str, DatasetSpec | None]:
    """Return the name of the data set, and its facts if it is not in the table.

    Reads own images unless they were read before. Raises `UserError`, and `Cancelled` on a signal.
    """
    root = locations.data(args.data_dir)
    if args.images:
        found = added(args, args.images, root, "", watched)
        _tell(found, args.json)
        return found.name, found.store.spec
    spec = find_dataset(args.dataset, root)
    if args.dataset not in DATASETS:
        return args.dataset, spec
    for name in [own_name(store) for store in stores(root) if store.name == args.dataset != own_name(store)]:
        complain(f"{args.dataset} is a data set of the program; the data set {name} has your own images")
    return args.dataset, None


def _tell(found: Added, as_json: bool) -> None:
    name, held = found.name, found.store.manifest
    facts = {"dataset": name, "train": held.sizes[0], "test": held.sizes[1], "skipped": held.skipped}
    if as_json:
        print_json({"event": "read", **facts, "new": found.is_new})
        return
    skipped = f", {held.skipped:,} skipped ('vae-explorer data show {name} --json' lists them)" if held.skipped else ""
    read = "read" if found.is_new else "read before"
    complain(f"{name}: {sum(held.sizes):,} images {read}{skipped}")
