"""The card of a store: what it holds, where its images came from, and how they were read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vae_explorer.data.columns import Column, ColumnKind
from vae_explorer.data.own.places import MANIFEST
from vae_explorer.data.own.reading import Reading
from vae_explorer.errors import UserError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class ColumnCard:
    """A column without its values."""

    name: str
    kind: ColumnKind
    names: tuple[str, ...]
    unit: str
    missing: int  # images without a value
    range: tuple[float, float] | None  # of a continuous column

    @staticmethod
    def of(column: Column) -> ColumnCard:
        return ColumnCard(column.name, column.kind, column.names, column.unit, column.missing, column.range)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the images of a store came from."""

    path: str
    kind: str
    digest: str  # of the files' names, sizes and times


@dataclass(frozen=True, slots=True)
class Manifest:
    """The card of a store. `checksums` hold a SHA-256 of every file of the store."""

    name: str
    shape: tuple[int, int, int]  # (H, W, C)
    channels: tuple[str, ...]  # their names; () where the source does not name them
    sizes: tuple[int, int]  # numbers of training and test images
    columns: tuple[ColumnCard, ...]
    class_name: str | None
    source: Source
    reading: Reading
    notes: tuple[str, ...]
    skipped: int
    checksums: Mapping[str, str]
    created: str

    @property
    def fingerprint(self) -> str:
        """Return a checksum of images, split and labels; equal sets have equal fingerprints."""
        columns = [(card.name, card.kind.value, card.names, card.unit) for card in self.columns]
        held = [self.shape, self.sizes, columns, self.class_name, sorted(self.checksums.items())]
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "name": self.name,
            "shape": self.shape,
            "channels": self.channels,
            "sizes": self.sizes,
            "columns": [
                {
                    "name": card.name,
                    "kind": card.kind.value,
                    "names": card.names,
                    "unit": card.unit,
                    "missing": card.missing,
                    "range": card.range,
                }
                for card in self.columns
            ],
            "class": self.class_name,
            "source": {"path": self.source.path, "kind": self.source.kind, "digest": self.source.digest},
            "reading": self.reading.to_json(),
            "notes": self.notes,
            "skipped": self.skipped,
            "checksums": dict(self.checksums),
            "fingerprint": self.fingerprint,
            "created": self.created,
        }


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the store in `folder`. Raises `UserError` if it is missing or damaged."""
    try:
        held = json.loads((folder / MANIFEST).read_text("utf-8"))
        if held["format"] > FORMAT:
            raise UserError(f"{folder} was made by a newer version of the program; update the program")
        return _manifest(held)
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError(f"{folder} is no data set; remove the folder") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"the data set in {folder} is damaged ({type(error).__name__}); remove it with data remove and add it again"
        ) from error


def _manifest(held: Mapping[str, Any]) -> Manifest:
    height, width, channels = map(int, held["shape"])
    train, test = map(int, held["sizes"])
    return Manifest(
        str(held["name"]),
        (height, width, channels),
        tuple(map(str, held["channels"])),
        (train, test),
        tuple(_column(each) for each in held["columns"]),
        held["class"],
        Source(**held["source"]),
        Reading.from_json(held["reading"]),
        tuple(held["notes"]),
        int(held["skipped"]),
        dict(held["checksums"]),
        str(held["created"]),
    )


def _column(held: Mapping[str, Any]) -> ColumnCard:
    span = held["range"]
    return ColumnCard(
        str(held["name"]),
        ColumnKind(held["kind"]),
        tuple(map(str, held["names"])),
        str(held["unit"]),
        int(held["missing"]),
        None if span is None else (float(span[0]), float(span[1])),
    )
