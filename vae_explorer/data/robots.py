"""Robots: drawn faces, put together at random from named parts of the package robohash (set 5, by Pablo Stanley, avataaars.com).

The package is the extra `robots`; its art is free for personal and commercial use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_explorer.data.base import Cancelled, DataMissing, Dataset, Fetching, ImageSet
from vae_explorer.data.columns import Column, ColumnKind, Columns
from vae_explorer.data.drawn import drawn_once
from vae_explorer.data.sources import DATASETS

SIDE, TRAIN, TEST = 64, 10_000, 2_000
HEADS = DATASETS["robots"].classes
LAYERS = {  # folder of the package -> what a person calls it, from the lowest layer to the highest
    "000#Body": "skin",
    "001#Eye": "eyes",
    "002#Eyebrow": "eyebrows",
    "003#Mouth": "mouth",
    "004#Cloth": "clothes",
    "005#FacialHair": "face",
    "006#Top": "head",
    "007#Accessories": "glasses",
}
_WORDS = {"Blank": "bald", "LongHair": "long hair", "ShortHair": "short hair", "WinterHat": "winter hat"}
_SEED, _AT_ONCE = 2026, 500  # images put together at once, for memory


@dataclass(frozen=True, slots=True)
class Layer:
    """The parts of one layer: each has a kind, and kinds are equally frequent."""

    name: str
    files: tuple[Path, ...]
    kinds: tuple[str, ...]  # of each file

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.kinds)))

    def draw(self, count: int, chosen: np.random.Generator) -> NDArray[np.int64]:
        """Draw (count,) places in `files`: a kind, then a file of the kind."""
        members = [[place for place, kind in enumerate(self.kinds) if kind == name] for name in self.names]
        drawn = chosen.integers(0, len(members), count)
        share = chosen.random(count)
        return np.array([members[kind][int(part * len(members[kind]))] for kind, part in zip(drawn, share, strict=True)])


def load(fetching: Fetching) -> Dataset:
    """Put the faces together, the same faces each time: images (n, 64, 64, 3). Raises `DataMissing` and `Cancelled`."""
    layers = layers_of(parts_folder())
    chosen = np.random.default_rng(_SEED)
    places = [layer.draw(TRAIN + TEST, chosen) for layer in layers]
    facts = f"{SIDE} {TRAIN + TEST} {[file.name for layer in layers for file in layer.files]}"
    shape = (TRAIN + TEST, SIDE, SIDE, 3)
    images = drawn_once(fetching.root, "robots", facts, shape, lambda: put_together(layers, places, fetching))
    columns = Columns(
        tuple(_column(layer, drawn) for layer, drawn in zip(layers, places, strict=True) if len(layer.names) > 1), "head"
    )
    labels = columns["head"].labels
    return Dataset(ImageSet(images[:TRAIN], labels[:TRAIN]), ImageSet(images[TRAIN:], labels[TRAIN:]), columns=columns)


def layers_of(folder: Path) -> tuple[Layer, ...]:
    """Return the layers of the parts below `folder`, from the lowest to the highest."""
    layers = []
    for name, title in LAYERS.items():
        files = tuple(sorted((folder / name).glob("*.png")))
        layers.append(Layer(title, files, tuple(_kind(title, file.stem) for file in files)))
    return tuple(layers)


def _kind(layer: str, stem: str) -> str:
    """Return the kind of the part called `stem`, such as LongHairBob-Brown, without its colour."""
    kind = stem.partition("-")[0].rstrip("0123456789")
    if layer != "head":
        return "none" if kind == "Blank" else kind
    match = re.match(r"LongHair|ShortHair|WinterHat", kind)
    return _WORDS.get(match[0] if match else kind, kind.lower())


def put_together(layers: Sequence[Layer], places: Sequence[NDArray[np.int64]], fetching: Fetching) -> NDArray[np.uint8]:
    """Lay the parts of each face over one another, on white: images (n, SIDE, SIDE, 3)."""
    parts = [np.stack([_small(file, fetching) for file in layer.files]) for layer in layers]
    count = len(places[0])
    images = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for start in range(0, count, _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        colours = np.full((len(images[rows]), SIDE, SIDE, 3), 255, np.float32)
        for part, drawn in zip(parts, places, strict=True):
            some = part[drawn[rows]]
            colours *= 1 - some[..., 3:] / 255
            colours += some[..., :3]
        images[rows] = np.rint(np.clip(colours, 0, 255))
        fetching.progress("robots", min(start + _AT_ONCE, count), count)
    return images


def _small(file: Path, fetching: Fetching) -> NDArray[np.float32]:
    """Return a part (SIDE, SIDE, 4) whose colours are multiplied by their opacity. Raises `Cancelled`."""
    if fetching.should_stop():
        raise Cancelled("drawing the robots was stopped")
    with Image.open(file) as picture:
        return np.array(picture.convert("RGBA").convert("RGBa").reduce(picture.width // SIDE), np.float32)


def parts_folder() -> Path:
    spec = find_spec("robohash")
    if spec is None or not spec.submodule_search_locations:
        raise DataMissing("the parts of the robots are not here; install them with pip install 'vae-explorer[robots]'")
    return Path(next(iter(spec.submodule_search_locations)), "sets", "set5")


def _column(layer: Layer, drawn: NDArray[np.int64]) -> Column:
    names = HEADS if layer.name == "head" else layer.names
    numbers = np.array([names.index(kind) for kind in layer.kinds], np.int32)
    return Column(layer.name, ColumnKind.CATEGORICAL, numbers[drawn], names)
