"""The command `list`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from vae_explorer import locations
from vae_explorer.cli.arguments import DONE_IN_PART, add_data_dir, add_json, complain, print_json, say
from vae_explorer.foreign import safe, short
from vae_explorer.models.catalogue import why_no_runs
from vae_explorer.shapes import written

SUMMARY = "List models, data sets and families."
_CELL = 120  # characters


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=sorted(_LISTS))
    add_data_dir(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    rows = _LISTS[args.what](args)
    if args.json:
        print_json(rows)
    else:
        for line in _table(rows):
            say(line)
    unread = why_no_runs() if args.what == "models" else ""
    if unread:
        complain(f"vae-explorer: {unread}")
    return DONE_IN_PART if unread else 0


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    texts = [{key: _text(value, whole=key == "file") for key, value in row.items()} for row in rows]
    for row in texts:
        yield "  ".join(text.ljust(max(len(other[key]) for other in texts)) for key, text in row.items()).rstrip()


def _text(value: Any, whole: bool) -> str:
    """Return the text of a cell; only a file path may be long."""
    text = "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
    return safe(text) if whole else short(text, _CELL)


def _models(_: argparse.Namespace) -> list[dict[str, Any]]:
    from vae_explorer.models.card import measured_by
    from vae_explorer.models.catalogue import finished_runs, pretrained_models
    from vae_explorer.models.model_file import ModelFileError, read_card
    from vae_explorer.models.terms import headline

    rows: list[dict[str, Any]] = []
    for kind, models in (("pretrained", pretrained_models()), ("run", finished_runs())):
        for name, path in models.items():
            try:
                card = read_card(path)
            except ModelFileError:
                unknown = {"family": "", "dataset": "", "test_elbo": None, "test": "", "measured": ""}
                rows.append({"name": name, "kind": "unreadable"} | unknown | {"file": str(path)})
                continue
            elbo = round(card.metrics["elbo"], 2) if "elbo" in card.metrics else None
            row = {"name": name, "kind": kind, "family": card.spec.family, "dataset": card.dataset, "test_elbo": elbo}
            said = {"test": headline(card.spec, card.metrics, card.errors), "measured": measured_by(card)}
            rows.append(row | said | {"file": str(path)})
    return rows


def _datasets(args: argparse.Namespace) -> list[dict[str, Any]]:
    from vae_explorer.data.sources import all_datasets

    return [
        {
            "name": name,
            "title": spec.title,
            "train": spec.size[0],
            "test": spec.size[1],
            "image": written(spec.image_shape),
            "source": spec.source,
        }
        for name, spec in all_datasets(locations.data(args.data_dir)).items()
    ]


def _families(_: argparse.Namespace) -> list[dict[str, Any]]:
    from vae_explorer.models.families import FAMILIES

    return [{"name": name, "title": FAMILIES[name].title, "source": FAMILIES[name].source} for name in FAMILIES]


_LISTS = {"models": _models, "datasets": _datasets, "families": _families}
