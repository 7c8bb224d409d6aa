"""numpy files: one array of images, or images and labels under any names, in one part or in train and test parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vae_explorer.codes import Split
from vae_explorer.data.own.found import Found, digest_of_files
from vae_explorer.data.own.layout import layout_of
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.array_files import arrays_in, is_array_file
from vae_explorer.data.own.sources.array_labels import Labels, labels_of
from vae_explorer.data.own.sources.rows import ArrayFile, Rows, joined
from vae_explorer.data.own.sources.splits import splits_of
from vae_explorer.errors import UserError

_SPLIT = re.compile(r"(training|train|validation|valid|val|dev|testing|test)")
_IMAGE_WORDS = ("x", "image", "images", "imgs", "img", "data", "pixels")


@dataclass(frozen=True, slots=True)
class _Part:
    """The arrays of one split; `split` is the word in their names, "" without one."""

    split: str
    arrays: Mapping[str, ArrayFile]  # by name without that word


def matches(path: Path) -> bool:
    return is_array_file(path)


def find(path: Path, reading: Reading) -> Found:
    """Find images and labels of a .npy or .npz file.

    The images are the largest array of pixels, by preference one that is called so. Arrays with an entry for each image are
    labels.
    """
    arrays, notes = arrays_in(path)
    parts = _parts(arrays)
    name = _image_name(parts, path)
    chosen = [part for part in parts if name in part.arrays]
    rows = []
    for part in chosen:
        array = part.arrays[name]
        layout, note = layout_of(array.shape, array.name, reading.layout)
        rows.append(Rows(array, layout, 0, layout.shape[0]))
        notes += [note] if note else []
    labels = labels_of([part.arrays for part in chosen], name, [len(each) for each in rows], arrays)
    return Found(
        "arrays",
        joined(rows),
        digest_of_files([str(path)]),
        labels.texts,
        labels.kinds,
        splits=_splits(chosen, [len(each) for each in rows]),
        notes=(*notes, *_left_out(arrays, labels, chosen, name)),
        arrays=True,
    )


def _parts(arrays: Mapping[str, ArrayFile]) -> list[_Part]:
    """Return the arrays by the splits that their names tell, or all together."""
    found: dict[str, dict[str, ArrayFile]] = {}
    for name, array in arrays.items():
        match = _SPLIT.search(name.casefold())
        word = match[0] if match else ""
        rest = name.casefold().replace(word, "", 1).strip("_-./ ") if word else name
        found.setdefault(word, {})[rest] = array
    if splits_of(word for word in found if word):
        return [_Part(word, each) for word, each in found.items() if word]
    return [_Part("", arrays)]


def _image_name(parts: Sequence[_Part], path: Path) -> str:
    """Return the name of the images, the same in all parts that have them. Raises `UserError`."""
    sizes: dict[str, int] = {}
    for part in parts:
        for name, array in part.arrays.items():
            if array.dtype.kind in "biuf" and len(array.shape) >= 2:
                sizes[name] = sizes.get(name, 0) + array.size * (len(array.shape) > 2) or 1
    if not sizes:
        shapes = "; ".join(f"{name} {array.shape}" for part in parts for name, array in part.arrays.items())
        raise UserError(f"{path} holds no images, only {shapes}; give an array of shape (n, height, width)")
    called = [name for name in sizes if name.casefold() in _IMAGE_WORDS and sizes[name] > 1]
    return max(called or sizes, key=lambda name: sizes[name])


def _splits(parts: Sequence[_Part], counts: Sequence[int]) -> list[Split] | None:
    splits = splits_of(part.split for part in parts)
    return [splits[part.split] for part, count in zip(parts, counts, strict=True) for _ in range(count)] if splits else None


def _left_out(arrays: Mapping[str, ArrayFile], labels: Labels, parts: Sequence[_Part], name: str) -> list[str]:
    used = {part.arrays[name].name for part in parts} | labels.used
    return [f"The array {each} of shape {array.shape} is left out." for each, array in arrays.items() if array.name not in used]
