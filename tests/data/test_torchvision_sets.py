"""Data sets that torchvision reads, compared with torchvision's own items one by one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torchvision import datasets

from tests.data.vision_files import MAKERS, SIZES, kmnist
from vae_explorer.data.base import DataMissing, Dataset, Fetching
from vae_explorer.data.sources import DATASETS, load_dataset
from vae_explorer.errors import UserError

THEIRS: dict[str, Callable[[Path, str], Any]] = {
    "kmnist": lambda root, part: datasets.KMNIST(root, train=part == "train"),
    "emnist-balanced": lambda root, part: datasets.EMNIST(root, "balanced", train=part == "train"),
    "emnist-letters": lambda root, part: datasets.EMNIST(root, "letters", train=part == "train"),
    "qmnist": lambda root, part: datasets.QMNIST(root, part),
    "usps": lambda root, part: datasets.USPS(root, train=part == "train"),
    "svhn": lambda root, part: datasets.SVHN(root, part),
    "cifar-10": lambda root, part: datasets.CIFAR10(root, train=part == "train"),
}
NAMES = list(MAKERS)


def load(name: str, root: Path) -> Dataset:
    return load_dataset(name, Fetching(root, download=False))


@pytest.mark.parametrize("name", NAMES)
def test_that_pixels_and_labels_are_torchvisions_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MAKERS[name](tmp_path, monkeypatch)
    dataset = load(name, tmp_path)
    for part, ours in (("train", dataset.train), ("test", dataset.test)):
        theirs = THEIRS[name](tmp_path, part)
        assert len(ours) == len(theirs) == SIZES[part]
        for place, (picture, label) in enumerate(theirs):
            pixels = np.asarray(picture)
            pixels = pixels.T if name.startswith("emnist") else pixels
            assert np.array_equal(ours.images[place], pixels.reshape(DATASETS[name].image_shape))
            assert ours.labels[place] == label - (name == "emnist-letters")


@pytest.mark.parametrize("name", NAMES)
def test_that_class_names_are_torchvisions_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MAKERS[name](tmp_path, monkeypatch)
    classes = getattr(THEIRS[name](tmp_path, "test"), "classes", [str(digit) for digit in range(10)])
    classes = [each for each in classes if each != "N/A"]  # torchvision's label 0 of letters
    assert [each.partition(" - ")[0] for each in classes] == list(DATASETS[name].classes)


@pytest.mark.parametrize("name", NAMES)
def test_that_missing_files_are_not_fetched_unasked(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"does not hold whole files of .*; get the data with Data ▸ Download images"):
        load(name, tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, 0.5], ids=["empty", "cut"])
def test_that_a_damaged_file_gets_one_line(name: str, size: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MAKERS[name](tmp_path, monkeypatch)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * size)])
        with pytest.raises(UserError) as refused:
            load(name, tmp_path)
        assert "start again" in str(refused.value) or isinstance(refused.value, DataMissing)
        assert "\n" not in str(refused.value)
        path.write_bytes(whole)
    load(name, tmp_path)


def test_that_labels_of_other_images_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kmnist(tmp_path, monkeypatch)
    raw = tmp_path / "KMNIST" / "raw"
    (raw / "train-labels-idx1-ubyte").write_bytes((raw / "t10k-labels-idx1-ubyte").read_bytes())
    with pytest.raises(UserError, match=r"the files of KMNIST in .* are damaged \(23 images for 9 labels\); delete"):
        load("kmnist", tmp_path)
