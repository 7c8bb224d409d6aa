"""The command `data`: a person's own images as data sets."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vae_explorer import locations
from vae_explorer.cli.arguments import add_data_dir, add_json, complain, place, print_json, say
from vae_explorer.cli.reading import Watched, add_reading, added
from vae_explorer.data.own.places import bare_name
from vae_explorer.errors import UserError

SUMMARY = "Add, list, show or remove data sets of your own images."

if TYPE_CHECKING:
    from vae_explorer.data.own.store import Store


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="read images once and keep them as a data set")
    add.add_argument(
        "path", type=place, metavar="PATH", help="a folder of pictures, a Python file, which is run, or another source"
    )
    add.add_argument("--name", default="", help="name of the data set (default: the name of the folder or file)")
    add_reading(add)
    add.add_argument(
        "--skipped", type=place, metavar="FILE.csv", help="also write every skipped file and its reason to a table"
    )
    for action, help in (("list", "list your data sets"), ("show", "show a data set and check its files"), ("remove", "")):
        parsed = actions.add_parser(action, help=help or "remove a data set; the images it was made from stay")
        if action != "list":
            parsed.add_argument("name", type=bare_name, metavar="NAME", help="name of the data set")
    for parsed in actions.choices.values():
        add_data_dir(parsed)
        add_json(parsed)


def run(args: argparse.Namespace) -> int:
    return _ACTIONS[args.action](args, locations.data(args.data_dir))


def _add(args: argparse.Namespace, root: Path) -> int:
    from vae_explorer.data.base import Cancelled
    from vae_explorer.data.own.prepare import write_skipped
    from vae_explorer.files import check_writable

    if args.skipped:
        check_writable(args.skipped)
    watched = Watched()
    try:
        found = added(args, args.path, root, args.name, watched)
    except Cancelled as error:
        complain(f"vae-explorer: {error}")
        return 128 + watched.number
    skipped = found.store.skipped()
    if args.skipped:
        write_skipped(Path(args.skipped), skipped)
    if args.json:
        rows = [{"file": each.name, "reason": each.reason} for each in skipped]
        print_json(_facts(found.store) | {"new": found.is_new, "skipped": rows})
        return 0
    for each in skipped:
        say(f"skipped {each.name}: {each.reason}")
    _say_store(found.store)
    if not found.is_new:
        say("these images were read in this way before; nothing was read again")
    return 0


def _list(args: argparse.Namespace, root: Path) -> int:
    from vae_explorer.data.own.store import stores

    found = [_facts(store) for store in stores(root)]
    if args.json:
        print_json(found)
        return 0
    for facts in found:
        say(f"{facts['name']}  {facts['train']:,} + {facts['test']:,} images of {_size(facts['shape'])}  from {facts['path']}")
    return 0


def _show(args: argparse.Namespace, root: Path) -> int:
    store = _found(args.name, root)
    store.check()
    if args.json:
        rows = [{"file": each.name, "reason": each.reason} for each in store.skipped()]
        print_json(_facts(store) | {"skipped": rows, "reading": store.manifest.reading.to_json()})
        return 0
    _say_store(store)
    say("all files are whole")
    return 0


def _remove(args: argparse.Namespace, root: Path) -> int:
    from vae_explorer.data.own.store import remove_store

    remove_store(root, args.name)
    if args.json:
        print_json({"removed": args.name})
    else:
        say(f"removed {args.name}; the images it was made from are where they were")
    return 0


_ACTIONS = {"add": _add, "list": _list, "show": _show, "remove": _remove}


def _found(name: str, root: Path) -> Store:
    from vae_explorer.data.own.store import find_store, stores

    store = find_store(root, name)
    if store is None:
        known = ", ".join(each.name for each in stores(root)) or "none"
        raise UserError(f"there is no data set of your own called {name!r}; known: {known}")
    return store


def _facts(store: Store) -> dict[str, Any]:
    from vae_explorer.data.sources import own_name

    held = store.manifest
    return {
        "name": own_name(store),
        "train": held.sizes[0],
        "test": held.sizes[1],
        "shape": list(held.shape),
        "class": held.class_name,
        "columns": [_column_facts(card) for card in held.to_json()["columns"]],
        "path": held.source.path,
        "kind": held.source.kind,
        "notes": list(held.notes),
        "skipped_files": held.skipped,
        "fingerprint": held.fingerprint,
        "created": held.created,
        "folder": str(store.folder),
    }


def _column_facts(card: Mapping[str, Any]) -> dict[str, Any]:
    return {**card, "names": list(card["names"])}


def _size(shape: Sequence[int]) -> str:
    """Write (H, W, C), without the one channel of grey images."""
    return "×".join(str(side) for side in (shape[:2] if shape[2] == 1 else shape))


def _say_store(store: Store) -> None:
    from vae_explorer.data.sources import own_name

    held = store.manifest
    skipped = f"{held.skipped:,} {'was' if held.skipped == 1 else 'were'} skipped"
    say(f"{own_name(store)}: {sum(held.sizes):,} images of {_size(held.shape)} were read, {skipped}")
    say(f"  {held.sizes[0]:,} training images, {held.sizes[1]:,} test images; from {held.source.path}")
    for card in held.columns:
        what = f"{len(card.names):,} categories" if card.names else card.kind.value
        what += " from {:g} to {:g}".format(*card.range) if card.range else ""
        missing = f", {card.missing:,} missing" if card.missing else ""
        mark = " (the class)" if card.name == held.class_name else ""
        say(f"  {card.name}{mark}: {what}{' ' + card.unit if card.unit else ''}{missing}")
    if held.class_name is None:
        say("  no class")
    for note in held.notes:
        say(f"  {note}")
