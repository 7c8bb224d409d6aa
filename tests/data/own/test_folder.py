"""A folder of pictures: which files are images, of which class and split, and with which pixels."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.own.made import added, class_of, colours, grey, held, reasons, save
from vae_explorer.data.own.reading import Colour
from vae_explorer.errors import UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "cells"
    folder.mkdir()
    return folder


def test_that_a_flat_folder_has_its_pixels_and_no_classes(source: Path, root: Path) -> None:
    expected = {f"{number}.png": save(source / f"{number}.png", grey(number)) for number in range(10)}
    store = added(source, root)
    images = held(store)
    assert set(images) == set(expected)
    assert all(np.array_equal(images[name][..., 0], pixels) for name, pixels in expected.items())
    assert store.manifest.shape == (6, 8, 1)
    assert store.manifest.sizes == (8, 2)
    assert store.dataset().columns.the_class is None


def test_that_sub_folders_are_classes_and_files_of_the_system_are_none(source: Path, root: Path) -> None:
    for name in ("cat", "Ärger über 猫", "z-last"):
        for number in range(4):
            save(source / name / f"{number}.png", colours(number))
    for junk in (".DS_Store", "Thumbs.db", "__MACOSX/a/._a.png", ".ipynb_checkpoints/1.png", "cat/.hidden.png"):
        (source / junk).parent.mkdir(parents=True, exist_ok=True)
        (source / junk).write_bytes(b"\0\1")
    store = added(source, root)
    assert store.spec.classes == ("cat", "z-last", "Ärger über 猫")
    assert class_of(store) == {
        os.path.join(name, f"{number}.png"): name for name in ("cat", "Ärger über 猫", "z-last") for number in range(4)
    }
    assert store.skipped() == []
    assert store.manifest.notes == ()


def test_that_classes_are_sorted_as_people_count(source: Path, root: Path) -> None:
    for name in ("10", "9", "1"):
        save(source / name / "a.png", grey(0))
    assert added(source, root).spec.classes == ("1", "9", "10")


def test_that_pictures_beside_class_folders_have_no_class(source: Path, root: Path) -> None:
    for name in ("cat/a.png", "cat/deep/b.png", "dog/a.png", "alone.png"):
        save(source / name, grey(0))
    store = added(source, root)
    assert class_of(store) == {"alone.png": "", "cat/a.png": "cat", "cat/deep/b.png": "cat", "dog/a.png": "dog"}
    assert store.spec.classes == ("cat", "dog", "unknown")
    labels = np.concatenate([store.dataset().train.labels, store.dataset().test.labels])
    assert sorted(labels.tolist()) == [0, 0, 1, 2]


def test_that_a_folder_that_holds_one_folder_alone_stands_for_it(source: Path, root: Path) -> None:
    for name in ("cat", "dog"):
        save(source / "archive" / "images" / name / "a.png", grey(0))
    assert added(source, root).spec.classes == ("cat", "dog")


@pytest.mark.parametrize("words", [("train", "test"), ("Training", "val"), ("training", "testing")])
def test_that_train_and_test_folders_are_the_split(source: Path, root: Path, words: tuple[str, str]) -> None:
    for split, numbers in zip(words, (range(3), range(3, 5)), strict=True):
        for number in numbers:
            save(source / split / ("even" if number % 2 == 0 else "odd") / f"{number}.png", grey(number))
    store = added(source, root)
    assert store.manifest.sizes == (3, 2)
    assert store.spec.classes == ("even", "odd")
    test = {store.dataset().test.images[row].tobytes() for row in range(2)}
    assert test == {grey(3).tobytes(), grey(4).tobytes()}


def test_that_a_test_share_overrules_train_and_test_folders(source: Path, root: Path) -> None:
    for number in range(10):
        save(source / ("train" if number < 9 else "test") / f"{number}.png", grey(number))
    assert added(source, root, test_share=0.5).manifest.sizes == (5, 5)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "LA", "CMYK"])
def test_that_every_mode_is_read(source: Path, root: Path, mode: str) -> None:
    flat = Image.new("RGB", (8, 6), (0, 0, 0)).convert("L" if mode == "LA" else "RGB").convert(mode)
    flat.save(source / ("a.tif" if mode == "CMYK" else "a.png"))
    save(source / "b.png", np.full((6, 8), 255, np.uint8))
    images = held(added(source, root))
    assert (images["b.png"] == 255).all()
    assert all((image == 0).all() for name, image in images.items() if name != "b.png")


def test_that_coloured_files_without_colours_are_grey(source: Path, root: Path) -> None:
    for number in range(4):
        save(source / f"{number}.png", np.repeat(grey(number)[..., None], 3, axis=-1))
    store = added(source, root)
    assert store.manifest.shape == (6, 8, 1)
    assert np.array_equal(held(store)["2.png"][..., 0], grey(2))
    assert "All images are grey, though their files have three channels." in store.manifest.notes


def test_that_one_colour_makes_the_set_coloured(source: Path, root: Path) -> None:
    for number in range(100):  # more than the first look sees
        save(source / f"{number}.png", grey(number))
    red = save(source / "38.png", colours(1))
    images = held(added(source, root))
    assert np.array_equal(images["38.png"], red)
    assert np.array_equal(images["39.png"], np.repeat(grey(39)[..., None], 3, axis=-1))


def test_that_grey_and_colour_can_be_asked_for(source: Path, root: Path) -> None:
    pixels = save(source / "a.png", colours(1))
    save(source / "b.png", colours(2))
    assert held(added(source, root, colour=Colour.COLOUR))["a.png"].shape == (6, 8, 3)
    luma = pixels @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    assert np.abs(held(added(source, root, colour=Colour.GREY))["a.png"][..., 0] - luma).max() <= 1


def test_that_inverting_swaps_black_and_white(source: Path, root: Path) -> None:
    for number in range(2):
        save(source / f"{number}.png", grey(number))
    assert np.array_equal(held(added(source, root, invert=True))["1.png"][..., 0], 255 - grey(1))


def test_that_the_most_common_size_is_taken_and_said(source: Path, root: Path) -> None:
    for number in range(70):
        save(source / f"{number}.png", grey(number, 5, 9))
    save(source / "70.png", np.full((10, 18), 77, np.uint8))
    for number in range(71, 100):
        save(source / f"{number}.png", grey(number, 12, 12))
    store = added(source, root)
    assert store.manifest.shape == (5, 9, 1)
    assert (held(store)["70.png"] == 77).all()
    assert any("30 images are scaled and padded to 5×9" in note for note in store.manifest.notes)


@pytest.mark.parametrize(("own", "taken"), [((1, 1), (4, 4)), ((600, 300), (256, 128)), ((3, 700), (4, 256))])
def test_that_sizes_beyond_the_limits_are_brought_within(
    source: Path, root: Path, own: tuple[int, int], taken: tuple[int, int]
) -> None:
    for name in ("a.png", "b.png"):
        save(source / name, np.full(own, 99, np.uint8))
    store = added(source, root)
    assert store.manifest.shape == (*taken, 1)
    assert (held(store)["a.png"] == 99).all()


def test_that_pictures_are_upright(source: Path, root: Path) -> None:
    ramp = np.tile(np.arange(40, dtype=np.uint8) * 6, (20, 1))
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a.png", "b.png"):
        save(source / name, ramp, exif=exif)
    assert np.array_equal(held(added(source, root))["a.png"][..., 0], np.rot90(ramp, -1))


@pytest.mark.parametrize("background", [255, 100])
def test_that_transparent_parts_are_white_or_as_chosen(source: Path, root: Path, background: int) -> None:
    ink = np.zeros((6, 8, 4), np.uint8)
    ink[2:4, 3:5, 3] = 255
    for name in ("a.png", "b.png"):
        save(source / name, ink)
    expected = np.full((6, 8), background, np.uint8)
    expected[2:4, 3:5] = 0
    assert np.array_equal(held(added(source, root, background=background))["b.png"][..., 0], expected)


def test_that_bad_files_are_listed_and_the_others_read(source: Path, root: Path, tmp_path: Path) -> None:
    for number in range(10):
        save(source / f"good{number}.png", grey(number))
    whole = (source / "good0.png").read_bytes()
    (source / "cut.png").write_bytes(whole[: len(whole) // 2])
    (source / "empty.png").write_bytes(b"")
    (source / "page.png").write_text("<html><body>404</body></html>")
    (source / "folder.png").mkdir()
    save(source / "really-a-jpeg.png", np.full((6, 8), 70, np.uint8), format="JPEG")
    Image.new("1", (20_000, 20_000)).save(source / "bomb.png")
    store = added(source, root)
    assert {name: reason.split(";")[0] for name, reason in reasons(store).items()} == {
        "bomb.png": "is far too large: an image has at most 67,108,864 pixels",
        "cut.png": "cannot be read as an image: image file is truncated",
        "empty.png": "cannot be read as an image: it is empty",
        "folder.png": "is a folder, not an image",
        "page.png": "is no image that can be read",
    }
    images = held(store)
    assert set(images) == {f"good{number}.png" for number in range(10)} | {"really-a-jpeg.png"}
    assert all(np.array_equal(images[f"good{number}.png"][..., 0], grey(number)) for number in range(10))
    assert (images["really-a-jpeg.png"] == 70).all()


def test_that_each_image_keeps_its_row_among_other_sizes_kinds_and_bad_files(source: Path, root: Path) -> None:
    """Neighbours of one size and kind are checked together; a large file is not read at once."""
    random = np.random.default_rng(0)
    expected = {}
    for number in range(24):
        name = f"{number}.png"
        if number % 7 == 3:
            (source / name).write_bytes(b"no image")
        elif number == 12:
            save(source / name, random.integers(0, 256, (700, 800, 3), dtype=np.uint8))  # over a MiB
        elif number % 5 == 4:
            expected[name] = save(source / name, colours(number))
        else:
            expected[name] = np.repeat(save(source / name, grey(number))[..., None], 3, axis=-1)
    store = added(source, root)
    images = held(store)
    assert set(reasons(store)) == {"3.png", "10.png", "17.png"}
    assert set(images) == {*expected, "12.png"}
    assert all(np.array_equal(images[name], pixels) for name, pixels in expected.items())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_that_a_pipe_is_not_waited_for_and_a_loop_of_links_not_followed(source: Path, root: Path) -> None:
    for name in ("a/1.png", "b/2.png"):
        save(source / name, grey(0))
    os.mkfifo(source / "a" / "pipe.png")
    (source / "a" / "loop").symlink_to(source)
    (source / "a" / "nowhere.png").symlink_to(source / "gone")
    store = added(source, root)
    assert reasons(store)["a/pipe.png"].startswith("cannot be read as an image: it is a named pipe")
    assert reasons(store)["a/loop"] == "is a link to a folder above it"
    assert reasons(store)["a/nowhere.png"] == "does not exist"
    assert set(held(store)) == {"a/1.png", "b/2.png"}


def test_that_any_name_is_read_and_kept(source: Path, root: Path) -> None:
    names = ["a b.png", "line\nbreak.png", "-dash.png", "猫🐈.png", "x" * 200 + ".png", "R&B <b>bold<b>.png"]
    names += [os.fsdecode(b"\xff.png")] if os.name == "posix" else []
    for number, name in enumerate(names):
        save(source / name, grey(number))
    images = held(added(source, root))
    assert all(np.array_equal(images[name][..., 0], grey(number)) for number, name in enumerate(names))


def test_that_masks_of_zeros_and_ones_are_black_and_white(source: Path, root: Path) -> None:
    mask = (grey(0) > 127).astype(np.uint8)
    for name in ("a.png", "b.png"):
        save(source / name, mask)
    store = added(source, root)
    assert np.array_equal(held(store)["a.png"][..., 0], 255 * mask)
    assert any("0 is shown black and 1 white" in note for note in store.manifest.notes)


def test_that_other_files_are_counted(source: Path, root: Path) -> None:
    for name in ("a.png", "b.png", "notes.txt", "more.txt", "table.xml"):
        save(source / name, grey(0), format="PNG")
    assert added(source, root).manifest.notes == ("3 files are left out: no picture by the ending (.txt (2), .xml (1)).",)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda folder: None, "holds no images"),
        (lambda folder: (folder / "a.png").write_bytes(b"no"), "1 image was found, but a data set needs 2"),
        (
            lambda folder: [(folder / name).write_bytes(b"no") for name in ("a.png", "b.png")],
            "none of the 2 images can be read; a.png",
        ),
        (lambda folder: (folder / "folder.png").mkdir(), "holds no images; folder.png is a folder, not an image"),
    ],
)
def test_that_a_folder_without_images_is_refused_in_one_line(source: Path, root: Path, make: object, complaint: str) -> None:
    make(source)  # type: ignore[operator]
    with pytest.raises(UserError, match=complaint) as refused:
        added(source, root)
    assert "\n" not in str(refused.value)
    assert not (root / "own").exists() or os.listdir(root / "own") == []


def test_that_all_images_of_one_unreadable_split_are_named(source: Path, root: Path) -> None:
    save(source / "train" / "a.png", grey(0))
    (source / "test").mkdir()
    (source / "test" / "b.png").write_bytes(b"no")
    with pytest.raises(UserError, match="no test images that can be read"):
        added(source, root)
