"""CelebA, from a small folder of its layout with MD5s that torchvision accepts."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import CelebA

from vae_explorer.cli import main
from vae_explorer.codes import Split
from vae_explorer.data.base import Cancelled, DataMissing, Fetching
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own import passes
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.store import find_store
from vae_explorer.data.sources import all_datasets, load_dataset
from vae_explorer.errors import UserError
from vae_explorer.mapped import is_mapped

COUNT, SIZE = 13, (178, 218)  # width and height of the real pictures
NAMES = [f"{number:06}.jpg" for number in range(1, COUNT + 1)]
PARTITION = [0] * 8 + [1] * 2 + [2] * 3  # training, validation, test
ATTRIBUTES = [f"Attribute_{number}" for number in range(39)] + ["Smiling"]
VALUES = np.random.default_rng(3).choice([-1, 1], (COUNT, 40))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data" / "celeba"
    pictures = folder / "img_align_celeba"
    pictures.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in NAMES:
        pixels = random.integers(0, 256, (6, 5, 3), np.uint8)
        Image.fromarray(pixels).resize(SIZE).save(pictures / name)

    def write(name: str, rows: list[list[object]], *head: str) -> None:
        lines = [*head, *(" ".join(map(str, row)) for row in rows)]
        (folder / name).write_text("".join(f"{line}\n" for line in lines))

    write(
        "list_attr_celeba.txt",
        [[name, *row] for name, row in zip(NAMES, VALUES, strict=True)],
        "13",
        " ".join(ATTRIBUTES) + " ",
    )
    write("identity_CelebA.txt", [[name, 7] for name in NAMES])
    write("list_bbox_celeba.txt", [[name, 0, 0, 9, 9] for name in NAMES], "13", "image_id x_1 y_1 width height")
    write("list_landmarks_align_celeba.txt", [[name, *range(10)] for name in NAMES], "13", " ".join(f"l{n}" for n in range(10)))
    write("list_eval_partition.txt", [list(row) for row in zip(NAMES, PARTITION, strict=True)])
    known = [
        (code, hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest(), name)
        for code, _, name in CelebA.file_list
        if name.endswith(".txt")
    ]
    monkeypatch.setattr(CelebA, "file_list", known)
    return tmp_path / "data"


def test_that_it_is_prepared_once_with_torchvisions_attributes_and_its_own_split(root: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    dataset = load_dataset("celeba", Fetching(root, progress=lambda *news: seen.append(news)))
    assert seen[-1] == ("CelebA", COUNT * 12288, COUNT * 12288)
    assert is_mapped(dataset.train.images)
    assert dataset.train.images.shape == (10, 64, 64, 3)
    assert list(dataset.columns["file"].values) == NAMES
    assert dataset.columns.the_class is None
    for part, split in (("train", 0), ("valid", 0), ("test", 1)):
        theirs = CelebA(root, split=part, target_type="attr")
        rows = [NAMES.index(name) for name in theirs.filename]
        assert all((row >= 10) == (split == Split.TEST) for row in rows)
        for place, row in enumerate(rows):
            picture, values = theirs[place]
            ours = [dataset.columns[name] for name in theirs.attr_names if name]
            assert [int(column.values[row]) for column in ours] == values.tolist()
            assert {(column.kind, column.names) for column in ours} == {(ColumnKind.CATEGORICAL, ("no", "yes"))}
            image = np.concatenate([dataset.train.images, dataset.test.images])[row].astype(int)
            cropped = picture.crop((0, 20, 178, 198)).resize((64, 64), Image.Resampling.BOX)
            assert np.abs(image - np.asarray(cropped, int)).mean() < 6


def test_that_only_other_processes_read_the_pictures(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that reads a deadly picture itself would end with it."""
    monkeypatch.setattr(passes, "done_here", lambda *_: pytest.fail("this process reads"))
    assert len(load_dataset("celeba", Fetching(root)).train) == 10


def test_that_the_second_opening_needs_no_files(root: Path) -> None:
    first = load_dataset("celeba", Fetching(root))
    shutil.rmtree(root / "celeba")
    again = load_dataset("celeba", Fetching(root, download=False))
    assert "own/celeba" not in all_datasets(root)
    assert np.array_equal(first.test.images, again.test.images)


def test_that_nothing_is_read_unasked_or_half(root: Path) -> None:
    with pytest.raises(DataMissing, match=r"are not read yet; read them with Data ▸ Download images"):
        load_dataset("celeba", Fetching(root, download=False))
    with pytest.raises(Cancelled):
        load_dataset("celeba", Fetching(root, should_stop=lambda: True))
    assert find_store(root, "celeba") is None


def test_that_missing_and_damaged_files_get_one_line(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"does not hold CelebA; get its text files and the unpacked folder img_align_celeba"):
        load_dataset("celeba", Fetching(tmp_path / "empty"))
    (root / "celeba" / "list_bbox_celeba.txt").write_text("cut")
    with pytest.raises(
        UserError, match=r"celeba does not hold the files of CelebA whole \(list_attr_celeba.txt, .* fetch them again"
    ):
        load_dataset("celeba", Fetching(root))


def test_that_other_images_of_its_name_are_said(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vae_explorer.data.own import adding

    monkeypatch.setattr(adding, "DATASETS", {})
    for number in range(3):
        (tmp_path / "celeba").mkdir(exist_ok=True)
        Image.new("L", (9, 9), 90 * number).save(tmp_path / "celeba" / f"{number}.png")
    add(tmp_path / "celeba", Reading(), root)
    with pytest.raises(UserError, match="holds other images; remove them with 'data remove celeba'"):
        load_dataset("celeba", Fetching(root))


def test_that_a_folder_anywhere_is_added_at_another_size(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.move(root / "celeba", tmp_path / "faces")
    words = ["data", "add", str(tmp_path / "faces"), "--size", "32", "--class", "Smiling", "--data-dir", str(root)]
    assert main(words) == 0
    assert "faces: 13 images of 32×32×3 were read, 0 were skipped" in capsys.readouterr().out
    dataset = load_dataset("faces", Fetching(root))
    assert dataset.train.labels.tolist() == (VALUES[:10, 39] > 0).tolist()
