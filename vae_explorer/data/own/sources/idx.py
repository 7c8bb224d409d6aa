"""IDX files, as MNIST has: images, and labels in a file of the corresponding name, packed by gzip or not."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np

from vae_explorer.codes import Split
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.found import Found, digest_of_files
from vae_explorer.data.own.layout import layout_of
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.rows import ArrayFile, Rows, joined
from vae_explorer.data.own.sources.splits import splits_of
from vae_explorer.errors import UserError

_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}  # http://yann.lecun.com/exdb/mnist
_PACKED = b"\x1f\x8b"
_LABEL = "label"
_SPLIT_WORDS = {"train": "train", "t10k": "test", "test": "test"}  # in names of files


def matches(path: Path) -> bool:
    """Tell whether `path` is an IDX file of images, or a folder that holds such files."""
    if path.is_dir():
        return any(map(_holds_images, path.glob("*idx*")))
    return _holds_images(path)


def find(path: Path, reading: Reading) -> Found:
    """Find the images of an IDX file, or of the training and test files of a folder."""
    files = [each for each in sorted(path.glob("*idx*")) if _holds_images(each)] if path.is_dir() else [path]
    splits = splits_of(_split_word(each) for each in files)
    if len(files) > 1 and (not splits or len(files) > len(Split)):
        raise UserError(f"{path} holds several sets of images: {', '.join(each.name for each in files)}; name one file")
    if splits:
        files.sort(key=lambda each: splits[_split_word(each)])
    rows = []
    for each in files:
        array = _array(each)
        layout, _ = layout_of(array.shape, array.name, reading.layout)
        rows.append(Rows(array, layout, 0, array.shape[0]))
    labels = [_labels(each, len(own)) for each, own in zip(files, rows, strict=True)]
    texts = {} if None in labels else {_LABEL: [text for own in labels for text in own or ()]}
    return Found(
        "idx",
        joined(rows),
        digest_of_files([str(each) for each in _with_labels(files)]),
        texts,
        {_LABEL: ColumnKind.CATEGORICAL},
        _LABEL if texts else None,
        [splits[_split_word(each)] for each, own in zip(files, rows, strict=True) for _ in range(len(own))] if splits else None,
        notes=() if texts else ("No file of labels belongs to the images.",),
        arrays=True,
    )


def _split_word(path: Path) -> str:
    return next((split for word, split in _SPLIT_WORDS.items() if word in path.name.casefold()), "")


def _labels(images: Path, count: int) -> list[str] | None:
    """Return the labels beside a file of images, None without them. Raises `UserError` if their number differs."""
    path = _label_file(images)
    if path is None:
        return None
    array = _array(path)
    if array.shape != (count,):
        raise UserError(f"{path} holds labels of shape {array.shape} for {count:,} images; fetch both files again")
    return [str(label) for label in array.loaded().tolist()]


def _label_file(images: Path) -> Path | None:
    name = images.name.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")
    bare = name.removesuffix(".gz")
    found = (images.parent / each for each in (name, bare, f"{bare}.gz"))
    return next((each for each in found if each != images and each.is_file()), None)


def _with_labels(files: Sequence[Path]) -> list[Path]:
    return [*files, *(each for each in map(_label_file, files) if each is not None)]


def _holds_images(path: Path) -> bool:
    try:
        return path.is_file() and len(_array(path).shape) in (3, 4)
    except (UserError, OSError):
        return False


def _array(path: Path) -> ArrayFile:
    """Return the array of an IDX file. Raises `UserError` if it is none, or its length differs from its header."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _PACKED
        with gzip.open(path) if packed else path.open("rb") as file:
            shape, dtype = _header(cast(IO[bytes], file))
    except (OSError, EOFError, zlib.error, struct.error, KeyError) as error:
        raise UserError(f"{path} is no whole IDX file; fetch it again") from error
    start = 4 + 4 * len(shape)
    if not packed and os.path.getsize(path) != start + math.prod(shape) * dtype.itemsize:
        raise UserError(f"{path} is damaged: its length differs from its header; fetch it again")
    return ArrayFile(path.name, str(path), shape, dtype, start=start, member="" if packed else None)


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    zeros, kind, axes = struct.unpack(">HBB", file.read(4))
    if zeros or not axes:
        raise KeyError(zeros)
    return struct.unpack(f">{axes}I", file.read(4 * axes)), np.dtype(_TYPES[kind])
