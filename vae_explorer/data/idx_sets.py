"""MNIST and Fashion-MNIST: addresses and checksums from torchvision, the download and the reading ours.

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

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import DataMissing, Dataset, Fetching, ImageSet
from vae_explorer.data.download import download
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file

_PARTS = ("train", "t10k")


def load_mnist(fetching: Fetching) -> Dataset:
    return _load("MNIST", fetching)


def load_fashion_mnist(fetching: Fetching) -> Dataset:
    return _load("FashionMNIST", fetching)


def _load(name: str, fetching: Fetching) -> Dataset:
    raw = fetching.root / name / "raw"
    files = [raw / f"{part}-{kind}-ubyte" for part in _PARTS for kind in ("images-idx3", "labels-idx1")]
    if not all(file.is_file() for file in files):
        _provide_all(name, raw, fetching)
    try:
        return Dataset(*(_image_set(*files[place : place + 2]) for place in (0, 2)))
    except (OSError, ValueError) as error:
        why = str(error) or type(error).__name__
        raise UserError(f"the files in {raw} are damaged ({why}); delete that folder and start again") from error


def _provide_all(name: str, raw: Path, fetching: Fetching) -> None:
    import torchvision.datasets  # a second and more, which only a missing file needs

    kind = getattr(torchvision.datasets, name)
    for archive, md5 in kind.resources:
        _provide(raw / Path(archive).stem, raw / archive, md5, [mirror + archive for mirror in kind.mirrors], fetching)


def _provide(unpacked: Path, archive: Path, md5: str, addresses: list[str], fetching: Fetching) -> None:
    """See to it that `unpacked` lies there whole: take it, or unpack the archive, or download that first."""
    if unpacked.is_file():
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


def _read_idx(path: Path) -> NDArray[np.uint8]:
    """The bytes in an IDX file, in the shape that its header gives. Raises `UserError` where that is not the file's length."""
    with path.open("rb") as file:
        magic = file.read(4)
        sizes = file.read(4 * magic[3]) if magic[:3] == b"\0\0\x08" and len(magic) == 4 else b""
        promised = struct.unpack(f">{len(sizes) // 4}I", sizes[: len(sizes) // 4 * 4])
        if not promised or path.stat().st_size != 4 + 4 * magic[3] + math.prod(promised):
            raise UserError(f"{path} is damaged (its length is not what its header says); delete it and start again")
        return np.fromfile(file, np.uint8).reshape(promised)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot create the data folder {folder}: {error.strerror}; choose another with --data-dir") from error


def _image_set(images_file: Path, labels_file: Path) -> ImageSet:
    images, labels = _read_idx(images_file), _read_idx(labels_file)
    if images.ndim != 3 or labels.shape != images.shape[:1] or not len(labels):
        raise ValueError(f"{images.shape} images for {labels.shape} labels")
    return ImageSet(images, labels)
