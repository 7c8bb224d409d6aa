"""MNIST and Fashion-MNIST: addresses, checksums and file format from torchvision, the download itself ours.

torchvision's own download cannot be cancelled, waits without end for a dead network and unpacks in place, so that a cut one
leaves a half file which it later takes for whole.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np

from vae_explorer.data.base import DataMissing, Dataset, Fetching, ImageSet
from vae_explorer.data.download import download
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file


def load_mnist(fetching: Fetching) -> Dataset:
    from torchvision.datasets import MNIST

    return _load(MNIST, "MNIST", fetching)


def load_fashion_mnist(fetching: Fetching) -> Dataset:
    from torchvision.datasets import FashionMNIST

    return _load(FashionMNIST, "FashionMNIST", fetching)


def _load(kind: Any, folder: str, fetching: Fetching) -> Dataset:
    raw = fetching.root / folder / "raw"
    for name, md5 in kind.resources:
        _provide(raw / Path(name).stem, raw / name, md5, [mirror + name for mirror in kind.mirrors], fetching)
    try:
        return Dataset(_image_set(kind(fetching.root, train=True)), _image_set(kind(fetching.root, train=False)))
    except (OSError, ValueError, RuntimeError, AssertionError, IndexError, KeyError, EOFError) as error:
        why = str(error) or type(error).__name__
        raise UserError(f"the files in {raw} are damaged ({why}); delete that folder and start again") from error


def _provide(unpacked: Path, archive: Path, md5: str, addresses: list[str], fetching: Fetching) -> None:
    """See to it that `unpacked` lies there whole: take it, or unpack the archive, or download that first."""
    if unpacked.is_file():
        if not _is_whole(unpacked):
            raise UserError(f"{unpacked} is damaged (its length is not what its header says); delete it and start again")
        return
    if not archive.is_file():
        if not fetching.download:
            raise DataMissing(f"{unpacked.parent} does not hold {archive.name}; get the data with Data ▸ Download images")
        _make_folder(archive.parent)
        download(addresses, archive, md5, fetching)
    if hashlib.md5(_content(archive), usedforsecurity=False).hexdigest() != md5:
        raise UserError(f"{archive} is damaged (its checksum differs); delete it and start again")
    if not os.access(unpacked.parent, os.W_OK):
        kind = UserError if fetching.download else DataMissing
        raise kind(f"cannot unpack {archive}: its folder is read-only; copy the data elsewhere and name that with --data-dir")
    with gzip.open(archive, "rb") as source, atomic_file(unpacked) as target:
        shutil.copyfileobj(source, target)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; check its permissions") from error


def _is_whole(path: Path) -> bool:
    """Whether an IDX file of bytes is as long as its header says."""
    with path.open("rb") as file:
        magic = file.read(4)
        sizes = file.read(4 * magic[3]) if magic[:3] == b"\0\0\x08" and len(magic) == 4 else b""
    if not sizes or len(sizes) < 4 * magic[3]:
        return False
    promised: int = math.prod(struct.unpack(f">{magic[3]}I", sizes))
    return path.stat().st_size == 4 + len(sizes) + promised


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot create the data folder {folder}: {error.strerror}; choose another with --data-dir") from error


def _image_set(source: Any) -> ImageSet:
    images = np.ascontiguousarray(source.data.numpy(), np.uint8)
    labels = source.targets.numpy().astype(np.uint8)
    if images.ndim != 3 or len(images) != len(labels) or not len(labels):
        raise ValueError(f"{images.shape} images for {labels.shape} labels")
    return ImageSet(images, labels)
