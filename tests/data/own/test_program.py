"""A person's Python file as a source of images."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

import vae_explorer as vx
from tests.data.own.made import added
from tests.readme import snippets
from vae_explorer.cli import main
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own import passes
from vae_explorer.data.own.preview import preview
from vae_explorer.data.own.reading import Reading
from vae_explorer.errors import UserError

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 8, 9, 3), np.uint8)
HEAD = "import numpy as np\nfrom vae_explorer.data.base import Dataset, ImageSet\nfrom vae_explorer.data.columns import *\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    np.save(tmp_path / "mine" / "cells.npy", IMAGES)
    return tmp_path / "mine"


def written(
    folder: Path, *lines: str, images: str = "np.load(fetching.root / 'cells.npy')", labels: str = "np.arange(50) % 2"
) -> Path:
    body = [f"images, labels = {images}, {labels}", *lines]
    body.append("return Dataset(ImageSet(images[:40], labels[:40]), ImageSet(images[40:], labels[40:]))")
    path = folder / "my_cells.py"
    path.write_text(HEAD + "def load(fetching):\n" + "".join(f"    {line}\n" for line in body), "utf-8")
    return path


def refusal(path: Path, root: Path) -> str:
    with pytest.raises(UserError) as refused:
        added(path, root)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("crew", [False, True])
@pytest.mark.parametrize("how", ["", ", mmap_mode='r'"])
def test_that_its_images_labels_and_split_are_kept(
    crew: bool, how: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "WORTH_A_CREW", 0 if crew else 1e9)
    monkeypatch.setattr(passes, "AT_ONCE", 7)
    monkeypatch.setattr(passes, "processors", lambda: 2)
    path = written(folder, images=f"np.load(fetching.root / 'cells.npy'{how})")
    store = added(path, tmp_path / "data")
    dataset = store.dataset()
    assert (store.name, store.spec.classes) == ("my_cells", ("0", "1"))
    assert np.array_equal(dataset.train.images, IMAGES[:40])
    assert np.array_equal(dataset.test.images, IMAGES[40:])
    assert dataset.test.labels.tolist() == [0, 1] * 5


def test_that_columns_are_kept_and_the_only_one_of_categories_is_the_class(folder: Path, tmp_path: Path) -> None:
    (folder / "my_cells.py").write_text(
        HEAD
        + "def load(fetching):\n"
        + "    part, kind = ImageSet(np.full((3, 8, 8), 9, 'u1'), np.zeros(3, int)), ColumnKind\n"
        + "    age = Column('age', kind.CONTINUOUS, np.array([0.1, np.nan, 3, 4, 5, 6]), unit='years')\n"
        + "    sex = Column('sex', kind.CATEGORICAL, np.array([0, 1, MISSING, 0, 0, 1], np.int32), ('f', 'm'))\n"
        + "    note = Column('note', kind.TEXT, Texts.of(['a', '', 'c', 'd', 'e', 'f']))\n"
        + "    return Dataset(part, part, columns=Columns((age, sex, note)))\n"
    )
    columns = added(folder / "my_cells.py", tmp_path / "data").dataset().columns
    assert columns.class_name == "sex"
    assert [(each.name, each.kind, each.unit) for each in columns] == [
        ("age", ColumnKind.CONTINUOUS, "years"),
        ("sex", ColumnKind.CATEGORICAL, ""),
        ("note", ColumnKind.TEXT, ""),
    ]
    np.testing.assert_array_equal(columns["age"].values, [0.1, np.nan, 3, 4, 5, 6])  # type: ignore[arg-type]
    assert columns["sex"].values.tolist() == [0, 1, -1, 0, 0, 1]  # type: ignore[union-attr]
    assert list(columns["note"].values) == ["a", "", "c", "d", "e", "f"]


def test_that_channels_keep_their_names(folder: Path, tmp_path: Path) -> None:
    lines = (
        "def load(fetching):\n"
        "    part = ImageSet(np.full((3, 8, 8, 2), 9, 'u1'), np.zeros(3, int))\n"
        "    return Dataset(part, part{})\n"
    )
    names = [(), ("DAPI", "GFP"), ("DAPI", "actin")]
    for number, channels in enumerate(names, 1):
        (folder / "my_cells.py").write_text(HEAD + lines.format(f", channels={channels}" if channels else ""))
        store = added(folder / "my_cells.py", tmp_path / "data")
        assert (store.name, store.dataset().channels) == ("my_cells" + (f"-{number}" if number > 1 else ""), channels)


def test_that_it_is_read_again_only_after_a_change_of_its_images(folder: Path, tmp_path: Path) -> None:
    path = written(folder)
    assert [added(path, tmp_path / "data").name for _ in range(2)] == ["my_cells", "my_cells"]
    np.save(folder / "cells.npy", 255 - IMAGES)
    assert added(path, tmp_path / "data").name == "my_cells-2"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1 / 0", "the loader of my_cells failed (my_cells.py, line 6): ZeroDivisionError: division by zero"),
        ("np.zeros(2).reshape(3)", "the loader of my_cells failed (my_cells.py, line 6): ValueError: cannot reshape"),
        ("open('/nowhere')", "the loader of my_cells failed (my_cells.py, line 6): there is no /nowhere; put the file there"),
        ("import hdf5_of_nobody", "(my_cells.py, line 6): the module hdf5_of_nobody is not installed; install the module"),
        ("raise SystemExit(1)", "the loader of my_cells failed (my_cells.py, line 6): SystemExit: 1"),
        ("x = )", "the loader of my_cells failed: SyntaxError: unmatched ')' (my_cells.py, line 6)"),
        ("return images", "returns no Dataset of two ImageSets; make the loader return a Dataset"),
        ("images = [[1], [2, 3]]", "the training images of my_cells cannot be read as one array"),
        ("images = images * 1e3", "the training images of my_cells hold values from "),
        ("images = images[:, :2]", "my_cells has images of 2×9×3. Give images of 4 to 256 pixels a side"),
        ("labels = ['a'] * 50", "the labels of my_cells are no numbers; give numbers from 0, zeros without classes"),
        ("labels = labels - 1", "my_cells holds labels from -1 to 0"),
        ("labels = labels[:7]", "the training labels of my_cells have shape (7,), and there are 40 images"),
    ],
)
def test_that_an_error_of_the_file_is_one_line(line: str, reason: str, folder: Path, tmp_path: Path) -> None:
    assert reason in refusal(written(folder, line), tmp_path / "data")
    assert not list((tmp_path / "data").rglob("*.npy"))


def test_that_a_file_without_a_loader_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "my_cells.py").write_text("load = 3\n")
    assert "my_cells.py defines no function load(fetching); see" in refusal(folder / "my_cells.py", tmp_path / "data")


def test_that_neighbours_are_imported_and_nothing_is_left(folder: Path, tmp_path: Path) -> None:
    (folder / "neighbour_of_cells.py").write_text("COUNT = 50\n")
    path = written(folder, "import neighbour_of_cells", "assert len(images) == neighbour_of_cells.COUNT")
    before = (list(sys.path), sys.dont_write_bytecode)
    added(path, tmp_path / "data")
    assert (sys.path, sys.dont_write_bytecode) == before
    assert sorted(os.listdir(folder)) == ["cells.npy", "my_cells.py", "neighbour_of_cells.py"]
    del sys.modules["neighbour_of_cells"]


def test_that_the_window_runs_no_program(folder: Path) -> None:
    path = written(folder, f"open({str(folder / 'was-run')!r}, 'w')")
    with pytest.raises(
        UserError, match=r"my_cells.py is a program, which the window does not run; type: vae-explorer data add"
    ):
        preview(path, Reading())
    assert not (folder / "was-run").exists()


def test_that_the_command_line_says_that_it_runs_the_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(folder, "print('hello')")
    assert main(["data", "add", str(path), "--json", "--data-dir", str(tmp_path / "data")]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["train"] == 40
    assert said.err.splitlines()[:2] == [f"running {path}", "hello"]


def test_that_a_file_is_trained_on_as_the_guide_says(folder: Path, tmp_path: Path) -> None:
    (code,) = snippets("Images of a Python file")
    (folder / "my_cells.py").write_text(code, "utf-8")
    images = np.concatenate([IMAGES // 2, 128 + IMAGES // 2])[np.random.default_rng(0).permutation(100)]
    np.save(folder / "cells.npy", images)
    out = str(tmp_path / "m.safetensors")
    assert main(["train", "--images", str(folder / "my_cells.py"), "--epochs", "1", "--batch-size", "20", "--out", out]) == 0
    assert vx.load(out).card.classes == ("bright", "dark")
    dataset = vx.dataset(folder / "my_cells.py")
    assert np.array_equal(dataset.train.images, images[:-20])
    assert np.array_equal(dataset.train.labels == 0, images[:-20].mean(axis=(1, 2, 3)) > 128)


@pytest.mark.parametrize("classes", ["None", "3", "'cat'"])
def test_that_classes_that_are_no_list_are_refused(classes: str, folder: Path, tmp_path: Path) -> None:
    path = written(folder)
    path.write_text(path.read_text("utf-8") + f"CLASSES = {classes}\n", "utf-8")
    assert refusal(path, tmp_path / "data") == f"CLASSES of {path} is no list of names; give a list such as ['cat', 'dog']"


def test_that_the_command_for_a_program_can_be_pasted(tmp_path: Path) -> None:
    (tmp_path / "a; b.py").touch()
    with pytest.raises(UserError) as refused:
        preview(tmp_path / "a; b.py", Reading())
    command = str(refused.value).partition("type: ")[2]
    assert shlex.split(command) == ["vae-explorer", "data", "add", str(tmp_path / "a; b.py")]
