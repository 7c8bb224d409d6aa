"""Small files in the formats of torchvision's data sets, with MD5s that torchvision accepts."""

from __future__ import annotations

import bz2
import hashlib
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from torchvision import datasets

from tests.data.conftest import idx

SIZES = {"train": 23, "test": 9}
Maker = Callable[[Path, pytest.MonkeyPatch], None]


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _bytes(part: str, *shape: int, most: int = 256) -> np.ndarray:
    return np.random.default_rng(SIZES[part]).integers(0, most, (SIZES[part], *shape), np.uint8)


def kmnist(root: Path, _: pytest.MonkeyPatch) -> None:
    raw = root / "KMNIST" / "raw"
    raw.mkdir(parents=True)
    for part, name in (("train", "train"), ("test", "t10k")):
        (raw / f"{name}-images-idx3-ubyte").write_bytes(idx(_bytes(part, 28, 28)))
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(idx(_bytes(part, most=10)))


def _emnist(root: Path, split: str, first: int, classes: int) -> None:
    raw = root / "EMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for part in SIZES:
        (raw / f"emnist-{split}-{part}-images-idx3-ubyte").write_bytes(idx(_bytes(part, 28, 28)))
        labels = np.linspace(first, first + classes - 1, SIZES[part]).astype(np.uint8)
        (raw / f"emnist-{split}-{part}-labels-idx1-ubyte").write_bytes(idx(labels))


def emnist_balanced(root: Path, _: pytest.MonkeyPatch) -> None:
    _emnist(root, "balanced", 0, 47)


def emnist_letters(root: Path, _: pytest.MonkeyPatch) -> None:
    _emnist(root, "letters", 1, 26)


def qmnist(root: Path, _: pytest.MonkeyPatch) -> None:
    raw = root / "QMNIST" / "raw"
    raw.mkdir(parents=True)
    for part in SIZES:
        (raw / f"qmnist-{part}-images-idx3-ubyte").write_bytes(idx(_bytes(part, 28, 28)))
        facts = np.random.default_rng(1).integers(0, 10, (SIZES[part], 8)).astype(">i4")
        head = struct.pack(">BBBB2I", 0, 0, 12, 2, *facts.shape)
        (raw / f"qmnist-{part}-labels-idx2-int").write_bytes(head + facts.tobytes())


def usps(root: Path, _: pytest.MonkeyPatch) -> None:
    root.mkdir(exist_ok=True)
    for part, name in (("train", "usps.bz2"), ("test", "usps.t.bz2")):
        numbers = np.random.default_rng(2).uniform(-1, 1, (SIZES[part], 256))
        lines = [
            f"{label + 1} " + " ".join(f"{place + 1}:{number:.4f}" for place, number in enumerate(row)) + " \n"
            for label, row in zip(_bytes(part, most=10), numbers, strict=True)
        ]
        (root / name).write_bytes(bz2.compress("".join(lines).encode()))


def svhn(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root.mkdir(exist_ok=True)
    known = dict(datasets.SVHN.split_list)
    for part in SIZES:
        path = root / f"{part}_32x32.mat"
        labels = 1 + np.arange(SIZES[part], dtype=np.uint8)[:, None] % 10  # 10 is the digit 0
        savemat(path, {"X": np.moveaxis(_bytes(part, 32, 32, 3), 0, -1), "y": labels})
        known[part] = [known[part][0], path.name, md5(path)]
    monkeypatch.setattr(datasets.SVHN, "split_list", known)


def cifar_10(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    parts = {f"data_batch_{number}": slice((number - 1) * 5, number * 5) for number in range(1, 6)}
    images, labels = _bytes("train", 3, 32, 32), _bytes("train", most=10)
    batches = {name: (images[rows], labels[rows]) for name, rows in parts.items()}
    batches["test_batch"] = _bytes("test", 3, 32, 32), _bytes("test", most=10)
    for name, (pixels, classes) in batches.items():
        batch = {"data": pixels.reshape(len(pixels), -1), "labels": classes.tolist()}
        (folder / name).write_bytes(pickle.dumps(batch))
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names}))
    monkeypatch.setattr(datasets.CIFAR10, "train_list", [[name, md5(folder / name)] for name in parts])
    monkeypatch.setattr(datasets.CIFAR10, "test_list", [["test_batch", md5(folder / "test_batch")]])
    monkeypatch.setattr(datasets.CIFAR10, "meta", datasets.CIFAR10.meta | {"md5": md5(folder / "batches.meta")})


MAKERS: dict[str, Maker] = {
    "kmnist": kmnist,
    "emnist-balanced": emnist_balanced,
    "emnist-letters": emnist_letters,
    "qmnist": qmnist,
    "usps": usps,
    "svhn": svhn,
    "cifar-10": cifar_10,
}
