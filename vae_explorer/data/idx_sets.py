"""MNIST and Fashion-MNIST: files, download, unpacking and reading.

torchvision's own download uses mirrors without TLS, trusts an MD5 and cannot be cancelled. It waits for a dead network for
ever, and unpacks in place. A cut download then leaves half a file that torchvision later takes for whole.
"""

from __future__ import annotations

import gzip
import math
import os
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import DataMissing, Dataset, Fetching, ImageSet
from vae_explorer.data.download import RemoteFile, download
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file

_PARTS = ("train", "t10k")


@dataclass(frozen=True, slots=True)
class Publication:
    """The archives of a data set, and the addresses of folders that hold all of them."""

    mirrors: tuple[str, ...]
    archives: tuple[RemoteFile, ...]


PUBLICATIONS = {
    "MNIST": Publication(
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        (
            RemoteFile(
                "train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
            ),
            RemoteFile("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ),
    ),
    "FashionMNIST": Publication(
        (
            "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        (
            RemoteFile(
                "train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
            ),
            RemoteFile("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
    ),
}


def load_mnist(fetching: Fetching) -> Dataset:
    return _load("MNIST", fetching)


def load_fashion_mnist(fetching: Fetching) -> Dataset:
    return _load("FashionMNIST", fetching)


def _load(name: str, fetching: Fetching) -> Dataset:
    raw = fetching.root / name / "raw"
    files = [raw / f"{part}-{kind}-ubyte" for part in _PARTS for kind in ("images-idx3", "labels-idx1")]
    if not all(map(os.path.isfile, files)):
        _provide_all(name, raw, fetching)
    try:
        return Dataset(*(_image_set(*files[place : place + 2]) for place in (0, 2)))
    except (OSError, ValueError) as error:
        why = str(error) or type(error).__name__
        raise UserError(f"the files in {raw} are damaged ({why}); delete that folder and start again") from error


def _provide_all(name: str, raw: Path, fetching: Fetching) -> None:
    found = PUBLICATIONS[name]
    for archive in found.archives:
        _provide(archive, raw, [mirror + archive.name for mirror in found.mirrors], fetching)


def _provide(remote: RemoteFile, raw: Path, addresses: list[str], fetching: Fetching) -> None:
    """Make sure that `remote` lies unpacked in folder `raw`, downloading it if necessary."""
    archive = raw / remote.name
    unpacked = archive.with_suffix("")
    if os.path.isfile(unpacked):
        return
    if not os.path.isfile(archive):
        if not fetching.download:
            raise DataMissing(f"{unpacked.parent} does not hold {archive.name}; get the data with Data ▸ Download images")
        _make_folder(archive.parent)
        download(remote, addresses, archive, fetching)
    if not _is_whole(archive, remote):
        raise UserError(f"{archive} is damaged (its size or SHA-256 differs); delete it and start again")
    if not os.access(unpacked.parent, os.W_OK):
        kind = UserError if fetching.download else DataMissing
        raise kind(
            f"cannot unpack {archive}: its folder is read-only; copy the data to another folder and name the folder with --data-dir"
        )
    with gzip.open(archive, "rb") as source, atomic_file(unpacked) as target:
        shutil.copyfileobj(source, target)


def _is_whole(path: Path, remote: RemoteFile) -> bool:
    try:
        return remote.is_in(path)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; check its permissions") from error


def _read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the bytes of an IDX file in its header's shape.

    Raises `UserError` if the length differs.
    """
    with path.open("rb") as file:
        magic = file.read(4)
        sizes = file.read(4 * magic[3]) if magic[:3] == b"\0\0\x08" and len(magic) == 4 else b""
        promised = struct.unpack(f">{len(sizes) // 4}I", sizes[: len(sizes) // 4 * 4])
        if not promised or path.stat().st_size != 4 + 4 * magic[3] + math.prod(promised):
            raise UserError(f"{path} is damaged (its length differs from its header); delete it and start again")
        return np.fromfile(file, np.uint8).reshape(promised)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot create the data folder {folder}: {error.strerror}; choose another folder with --data-dir"
        ) from error


def _image_set(images_file: Path, labels_file: Path) -> ImageSet:
    images, labels = _read_idx(images_file), _read_idx(labels_file)
    if images.ndim != 3 or labels.shape != images.shape[:1] or not len(labels):
        raise ValueError(f"{images.shape} images for {labels.shape} labels")
    return ImageSet(images[..., None], labels)
