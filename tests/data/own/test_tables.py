"""Tables of labels, names that follow a pattern, pages and IDX files."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.own.made import added, class_of, colours, grey, held, reasons, save
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.reading import Pages
from vae_explorer.errors import UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(8):
        save(tmp_path / "cells" / "pictures" / f"{number:03d}.png", grey(number))
    return tmp_path / "cells"


def table(folder: Path, *rows: str, name: str = "labels.csv", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes("\r\n".join(rows).encode(encoding))
    return folder / name


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "utf-8-sig"), (",", "utf-8"), ("\t", "utf-16"), (";", "cp1252"), ("|", "utf-8")]
)
@pytest.mark.parametrize("whole", [True, False])
def test_that_a_table_gives_classes_numbers_and_texts(
    source: Path, root: Path, delimiter: str, encoding: str, whole: bool
) -> None:
    head = ["file", "class", "age [years]", "note", "Straße"]
    rows = [
        [
            f"pictures/{row:03d}.png",
            "" if row == 3 else ["1", "10", "2"][row % 3],
            "" if row == 5 else f"{20.5 + row}",
            "same",
            "AB"[row % 2],
        ]
        for row in range(7)
    ]
    rows.append(["pictures/nowhere.png", "1", "3", "", "A"])
    path = table(source, *(delimiter.join(row) for row in [head, *rows]), encoding=encoding)
    store = added(source if whole else path, root)
    assert reasons(store) == {
        "labels.csv, line 9": "names 'pictures/nowhere.png', which is no picture",
        "pictures/007.png": "has no row in labels.csv",
    }
    columns = {column.name: column for column in store.dataset().columns}
    assert {name: column.kind for name, column in columns.items()} == {
        "class": ColumnKind.CATEGORICAL,
        "age": ColumnKind.CONTINUOUS,
        "note": ColumnKind.TEXT,
        "Straße": ColumnKind.CATEGORICAL,
        "file": ColumnKind.TEXT,
    }
    assert (columns["age"].unit, columns["age"].range, columns["age"].missing) == ("years", (20.5, 26.5), 1)
    assert class_of(store) == {row[0]: row[1] for row in rows[:7]}
    images = held(store)
    assert all(np.array_equal(images[f"pictures/{row:03d}.png"][..., 0], grey(row)) for row in range(7))
    ages = dict(zip(columns["file"].values, columns["age"].values, strict=True))  # type: ignore[arg-type]
    assert ages["pictures/004.png"] == 24.5


@pytest.mark.parametrize(
    "names",
    [
        [f"{row:03d}" for row in range(8)],
        [f"{row:03d}.png" for row in range(8)],
        [f"./pictures/{row:03d}.png" for row in range(8)],
        [f"C:\\elsewhere\\{row:03d}.png" for row in range(8)],
    ],
)
def test_that_files_are_found_by_path_name_or_stem(source: Path, root: Path, names: list[str]) -> None:
    rows = [f"{'ab'[row % 2]},{name}" for row, name in enumerate(names)]
    store = added(table(source, "kind,image_id", *rows), root)
    assert class_of(store) == {f"pictures/{row:03d}.png": "ab"[row % 2] for row in range(8)}


def test_that_files_of_full_paths_may_lie_anywhere(source: Path, root: Path, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    rows = [f"{source}/pictures/{row:03d}.png,{row}" for row in range(8)]
    assert len(held(added(table(tmp_path / "tables", "path,number", *rows), root))) == 8


def test_that_a_column_says_the_split(source: Path, root: Path) -> None:
    rows = [f"{row:03d}.png,{'train' if row < 6 else 'test'}" for row in range(8)]
    store = added(table(source, "file,split", *rows), root)
    assert store.manifest.sizes == (6, 2)
    assert [column.name for column in store.dataset().columns] == ["file"]
    assert np.array_equal(store.dataset().test.images[:, :, :, 0], [grey(6), grey(7)])
    path = table(source, "file,part", *rows)
    assert added(path, root, split_column="part").manifest.sizes == (6, 2)
    with pytest.raises(UserError, match="column 'file' does not say train or test"):
        added(path, root, split_column="file")


def test_that_columns_can_be_chosen(source: Path, root: Path) -> None:
    rows = [f"{row:03d}.png,{(row + 1) % 8:03d}.png,{row % 2}" for row in range(8)]
    store = added(table(source, "before,after,kind", *rows), root, file_column="after", class_column="none")
    assert store.manifest.class_name is None
    befores = dict(zip(*(store.dataset().columns[name].values for name in ("file", "before")), strict=True))  # type: ignore[arg-type]
    assert befores["pictures/000.png"] == "007.png"
    with pytest.raises(UserError, match="has no column 'now'; known: before, after, kind"):
        added(source / "labels.csv", root, file_column="now")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([], "is an empty table"),
        (["file,class", "nowhere.png,1"], "no column of .* names pictures"),
        (["file,class", '"000.png,1'], "no column of"),
        (["a\0b", "c"], "no column of|cannot be read as a table"),
        (["file", "x" * 200_000], "cannot be read as a table: line"),
    ],
)
def test_that_other_tables_are_refused_in_one_line(source: Path, root: Path, rows: list[str], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as refused:
        added(table(source, *rows), root)
    assert "\n" not in str(refused.value)


def test_that_a_table_of_other_things_in_a_folder_is_left_alone(source: Path, root: Path) -> None:
    table(source, "city,people", "Bern,134000", "Basel,173000")
    assert added(source, root).manifest.source.kind == "folder"


def test_that_one_file_a_channel_is_joined_by_a_pattern(source: Path, root: Path) -> None:
    for number in range(4):
        for channel in (1, 2, 10):
            save(source / "well" / f"A{number}_t{number % 2}_ch{channel}.tif", grey(100 * number + channel))
    save(source / "well" / "A9_t0_ch1.tif", grey(0))
    save(source / "well" / "A0_t0_ch7.tif", grey(0))
    store = added(source / "well" / "{name}_t{time}_ch{c}.tif", root)
    assert store.manifest.shape == (6, 8, 3)
    assert store.manifest.channels == ("1", "2", "10")
    assert reasons(store) == {
        "A0_t0_ch7.tif": "is channel 7, which most images lack",
        "A9_t0_ch1.tif": "belongs to an image without channel 2, 10",
    }
    dataset = store.dataset()
    images = dict(zip(dataset.columns["name"].values, [*dataset.train.images, *dataset.test.images], strict=True))  # type: ignore[arg-type]
    for number in range(4):
        expected = np.stack([grey(100 * number + channel) for channel in (1, 2, 10)], axis=-1)
        assert np.array_equal(images[f"A{number}"], expected)
    assert dataset.columns["time"].names == ("0", "1")


def test_that_channels_that_do_not_fit_are_skipped(source: Path, root: Path) -> None:
    for name in ("a", "b", "c", "d"):
        for channel in (1, 2):
            save(source / f"{name}{channel}.png", grey(channel))
    save(source / "a2.png", grey(0, 3, 3))
    save(source / "b2.png", colours(0))
    store = added(source / "{name}{c}.png", root)
    assert reasons(store) == {
        "a1.png": "has channels of different sizes, 3×3 and 6×8",
        "b1.png": "is coloured; a file of one channel is grey",
    }


def test_that_a_pattern_without_channels_gives_labels_and_a_split(source: Path, root: Path) -> None:
    for number in range(6):
        save(source / ("test" if number > 3 else "train") / f"{'ab'[number % 2]}-{number}.png", colours(number))
    store = added(source / "{split}" / "{class}-{name}.png", root)
    assert store.manifest.sizes == (4, 2)
    assert store.spec.classes == ("a", "b")
    assert np.array_equal(store.dataset().test.images[0], colours(4))


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("{name}_x.png", "no picture in .* follows the pattern"),
        ("no/{name}.png", "there is no folder"),
        ("{1}.png", "cannot be read"),
    ],
)
def test_that_a_pattern_of_nothing_is_refused(source: Path, root: Path, pattern: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        added(source / pattern, root)


def pages(path: Path, numbers: range) -> None:
    first, *others = (Image.fromarray(grey(number)) for number in numbers)
    first.save(path, save_all=True, append_images=others)


def test_that_pages_are_images_channels_or_left_out(source: Path, root: Path) -> None:
    pages(source / "stack.tif", range(20, 24))
    pages(source / "stack2.tif", range(30, 34))
    for number in range(8):
        (source / "pictures" / f"{number:03d}.png").unlink()
    images = held(added(source, root))
    assert np.array_equal(images["stack2.tif, page 3"][..., 0], grey(32))
    assert len(images) == 8
    channels = held(added(source, root, pages=Pages.CHANNELS))
    assert np.array_equal(channels["stack.tif"], np.stack([grey(number) for number in range(20, 24)], axis=-1))
    assert set(held(added(source, root, pages=Pages.FIRST))) == {"stack.tif", "stack2.tif"}
    assert len(held(added(source / "stack.tif", root))) == 4


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize("packed", [False, True])
def test_that_idx_pairs_are_read(tmp_path: Path, root: Path, packed: bool) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    images, labels = np.stack([grey(number) for number in range(9)]), np.arange(9, dtype=np.uint8) % 3 + 1
    for word, rows in (("train", slice(0, 6)), ("t10k", slice(6, 9))):
        for kind, array in (("images-idx3", images[rows]), ("labels-idx1", labels[rows])):
            data = idx(array)
            (folder / f"{word}-{kind}-ubyte{'.gz' * packed}").write_bytes(gzip.compress(data) if packed else data)
    dataset = added(folder, root).dataset()
    assert np.array_equal(dataset.train.images[..., 0], images[:6])
    assert np.array_equal(dataset.test.images[..., 0], images[6:])
    assert dataset.train.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert dataset.columns["label"].names == ("1", "2", "3")
    alone = added(folder / f"train-images-idx3-ubyte{'.gz' * packed}", root)
    assert sum(alone.manifest.sizes) == 6


def test_that_idx_files_of_wide_numbers_are_read(tmp_path: Path, root: Path) -> None:
    array = (np.stack([grey(number) for number in range(4)]) / 255).astype(">f4")
    (tmp_path / "a-idx3").write_bytes(idx(array, 13))
    store = added(tmp_path / "a-idx3", root)
    assert {image.tobytes() for image in held_rows(store)} == {grey(number).tobytes() for number in range(4)}


def held_rows(store: object) -> list[np.ndarray]:
    dataset = store.dataset()  # type: ignore[attr-defined]
    return [*dataset.train.images, *dataset.test.images]


@pytest.mark.parametrize(
    "data",
    [idx(np.zeros((3, 4, 4), np.uint8))[:-5], b"\0\0\x08\x03\0", gzip.compress(b"\0\0\x08\x03" * 9)[:-9]],
    ids=["short", "head alone", "cut archive"],
)
def test_that_a_damaged_idx_file_is_refused_in_one_line(tmp_path: Path, root: Path, data: bytes) -> None:
    (tmp_path / "a-images-idx3-ubyte").write_bytes(data)
    with pytest.raises(UserError) as refused:
        added(tmp_path / "a-images-idx3-ubyte", root)
    assert "\n" not in str(refused.value)


def test_that_labels_of_another_number_are_refused(tmp_path: Path, root: Path) -> None:
    (tmp_path / "a-images-idx3").write_bytes(idx(np.zeros((3, 4, 4), np.uint8)))
    (tmp_path / "a-labels-idx1").write_bytes(idx(np.zeros(2, np.uint8)))
    with pytest.raises(UserError, match=r"holds labels of shape \(2,\) for 3 images"):
        added(tmp_path / "a-images-idx3", root)
