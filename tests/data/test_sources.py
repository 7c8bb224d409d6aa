from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

import vae_explorer as vx
from tests.readme import snippets
from vae_explorer import locations
from vae_explorer.cli import main
from vae_explorer.codes import Split
from vae_explorer.data.base import DataMissing, Dataset, DatasetSpec, Fetching, never, no_progress
from vae_explorer.data.sources import DATASETS, load_dataset

NOWHERE = Fetching(Path("/nowhere"), download=False)


@pytest.fixture
def digits() -> Dataset:
    return load_dataset("digits", NOWHERE)


def test_that_an_unknown_data_set_lists_the_known_ones() -> None:
    with pytest.raises(DataMissing, match=r"unknown data set 'cifar'; known: .*digits, .*fashion-mnist, .*mnist"):
        load_dataset("cifar", NOWHERE)


def test_that_digits_have_the_sizes_in_the_table(digits: Dataset) -> None:
    assert (len(digits.train), len(digits.test)) == DATASETS["digits"].size == (1437, 360)
    assert digits.train.images.shape[1:] == DATASETS["digits"].image_shape
    assert digits.train.images.dtype == digits.train.labels.dtype == np.uint8


def test_that_digits_are_scikit_learns_each_of_them_once(digits: Dataset) -> None:
    ours = np.concatenate([digits.train.images, digits.test.images]).reshape(-1, 64)
    labels = np.concatenate([digits.train.labels, digits.test.labels])
    bunch = load_digits()
    theirs = np.round(bunch.data * 255 / 16)
    assert sorted(map(tuple, np.column_stack([ours, labels]))) == sorted(map(tuple, np.column_stack([theirs, bunch.target])))


def test_that_every_class_has_its_share_in_both_splits(digits: Dataset) -> None:
    train, test = (np.bincount(part.labels, minlength=10) for part in (digits.train, digits.test))
    assert test / (train + test) == pytest.approx(np.full(10, 360 / 1797), abs=0.006)


def test_that_digits_are_split_alike_every_time(digits: Dataset) -> None:
    np.random.default_rng(5)
    again = load_dataset("digits", NOWHERE)
    assert np.array_equal(digits.train.images, again.train.images)
    assert np.array_equal(digits.test.labels, again.test.labels)


def test_that_a_split_is_found_by_the_number_that_codes_use(digits: Dataset) -> None:
    assert digits.split(Split.TRAIN) is digits.train
    assert digits.split(Split.TEST) is digits.test


def test_that_by_default_nothing_is_said_and_nothing_stops() -> None:
    no_progress("file", 1, 2)
    assert not never()


@pytest.mark.parametrize("name", list(DATASETS))
def test_that_a_table_line_fits_its_classes(name: str) -> None:
    assert len(set(DATASETS[name].classes)) == len(DATASETS[name].classes) != 1
    assert DATASETS[name].title
    assert DATASETS[name].source


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_that_the_real_files_hold_what_the_table_says(name: str) -> None:
    dataset = load_dataset(name, Fetching(locations.data(), download=False))
    for part, size in zip((dataset.train, dataset.test), DATASETS[name].size, strict=True):
        assert part.images.shape == (size, *DATASETS[name].image_shape)
        assert sorted(set(part.labels.tolist())) == list(range(10))


@pytest.mark.real_data
def test_that_the_real_test_digits_begin_as_everybody_knows() -> None:
    dataset = load_dataset("mnist", Fetching(locations.data(), download=False))
    assert dataset.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert dataset.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert dataset.train.images.mean() / 255 == pytest.approx(0.1307, abs=1e-4)


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_tables: None) -> str:
    """One new file and one line in the table, as the README says of images of one's own."""
    made, line = snippets("Images of your own")
    (tmp_path / "letters.py").write_text(made, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "letters", raising=False)
    exec(line.replace("vae_explorer.data.letters", "letters"), {"DATASETS": DATASETS, "DatasetSpec": DatasetSpec})
    return "letters"


def test_that_images_of_ones_own_take_one_file_and_one_line(
    letters: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "train",
        "--dataset",
        letters,
        "--data-dir",
        str(tmp_path),
        "--epochs",
        "1",
        "--out",
        str(tmp_path / "m.safetensors"),
    ]
    assert main(words) == 2
    assert capsys.readouterr().err == f"vae-explorer: there is no {tmp_path / 'letters.npz'}; put the file there\n"
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (60, 28, 28), np.uint8)
    classes = (np.arange(60) % 3).astype(np.uint8)
    np.savez(tmp_path / "letters.npz", images=images, classes=classes, test_images=images[:9], test_classes=classes[:9])
    assert main(words) == 0
    assert vx.codes(tmp_path / "m.safetensors").mean.shape == (69, 2)
    assert vx.load(tmp_path / "m.safetensors").card.classes == ("A", "B", "C")
