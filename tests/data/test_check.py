"""A data set is taken as what it means, or refused in one line before anything uses it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vae_explorer import mapped
from vae_explorer.data import check
from vae_explorer.data.base import Dataset, ImageSet
from vae_explorer.data.check import check_dataset
from vae_explorer.data.columns import Column, ColumnKind, Columns, Texts
from vae_explorer.errors import UserError

N, SHAPE, CLASSES = 12, (5, 4), 3
IMAGES = np.random.default_rng(0).integers(0, 256, (N, *SHAPE, 1), np.uint8)
GREY = IMAGES[..., 0]
LABELS = (np.arange(N) % CLASSES).astype(np.uint8)


def checked(images: Any = GREY, labels: Any = LABELS, classes: int = CLASSES, test: ImageSet | None = None) -> ImageSet:
    """The training images and labels of a data set after its check."""
    return check_dataset(
        "letters", Dataset(ImageSet(images, labels), ImageSet(GREY, LABELS) if test is None else test), (*SHAPE, 1), classes
    ).train


def refusal(**changes: Any) -> str:
    with pytest.raises(UserError) as caught:
        checked(**changes)
    message = str(caught.value)
    assert "letters" in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "images",
    [
        GREY.astype(np.int64),
        GREY.astype(">u2"),
        (GREY / 255).astype(np.float32),
        GREY / 255,
        (GREY / 255).astype(">f4"),
        (GREY / np.float32(255) + np.float32(1e-6)),
        GREY[..., None],
        GREY[:, None],
        GREY.reshape(N, -1),
        np.asfortranarray(GREY),
        GREY.transpose(1, 2, 0).copy().transpose(2, 0, 1),
        GREY[:, ::-1].copy()[:, ::-1],
        GREY.tolist(),
        np.broadcast_to(GREY, GREY.shape),
        np.ma.masked_array(GREY),
    ],
    ids=lambda images: f"{type(images).__name__} {getattr(images, 'dtype', '')} {getattr(images, 'shape', '')}",
)
def test_that_images_that_mean_the_same_are_the_same(images: Any) -> None:
    found = checked(images).images
    assert found.dtype == np.uint8
    assert found.tolist() == IMAGES.tolist()
    assert found.flags.c_contiguous
    assert found.flags.writeable


def test_that_half_precision_images_keep_their_levels_to_within_one() -> None:
    found = checked((GREY / 255).astype(np.float16)).images
    assert abs(found.astype(int) - IMAGES).max() <= 1


def test_that_bools_are_black_and_white() -> None:
    assert checked(GREY > 127).images.tolist() == (255 * (IMAGES > 127)).tolist()


@pytest.mark.parametrize(
    "labels",
    [
        LABELS.astype(np.int64),
        LABELS.astype(">u2"),
        LABELS.astype(np.float64),
        LABELS[:, None],
        np.eye(CLASSES)[LABELS],
        np.eye(CLASSES, dtype=bool)[LABELS],
        LABELS.tolist(),
    ],
    ids=lambda labels: f"{type(labels).__name__} {getattr(labels, 'dtype', '')} {getattr(labels, 'shape', '')}",
)
def test_that_labels_that_mean_the_same_are_the_same(labels: Any) -> None:
    found = checked(labels=labels).labels
    assert found.dtype == np.uint8
    assert found.tolist() == LABELS.tolist()


@pytest.mark.parametrize(("classes", "kind"), [(1, np.uint8), (256, np.uint8), (257, np.uint16), (32_768, np.uint16)])
def test_that_labels_take_no_more_bytes_than_the_classes_need(classes: int, kind: type) -> None:
    labels = np.full(N, classes - 1)
    found = checked(labels=labels, classes=classes, test=ImageSet(GREY, LABELS * 0)).labels
    assert found.dtype == kind
    assert found.tolist() == labels.tolist()


def test_that_what_is_right_comes_back_as_it_was() -> None:
    found = checked(IMAGES)
    assert found.images is IMAGES
    assert found.labels is LABELS


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            (GREY.astype(np.float32)),
            r"the training images of letters hold values from \d+ to 2\d\d in image 0, of type float32; white is 1",
        ),
        (GREY.astype(np.uint16) * 16, r"hold values from \d+ to \d+ in image 0, of type uint16; white is 255\. Give uint8"),
        (GREY.astype(np.int16) - 1000, r"hold values from -\d+ to -\d+ in image 0, of type int16"),
        (
            np.where(np.arange(N)[:, None, None] == 7, np.nan, GREY / 255),
            "no finite numbers, the first in image 7. Replace them",
        ),
        (np.where(np.arange(N)[:, None, None] == 3, np.inf, GREY / 255), "no finite numbers, the first in image 3"),
        (GREY / 255 / 255, "have no pixel above 1/255 of white"),
        ((GREY > 127).astype(np.uint8), "have no pixel above 1/255 of white. Give zeros and ones as bool, or times 255"),
        ((GREY > 127).astype(np.int64), "have no pixel above 1/255 of white"),
        (GREY.astype(np.complex64), "are of type complex64. Give uint8 from 0 to 255, or floats from 0 to 1"),
        (GREY.astype(str), "are of type <U3"),
        (GREY.astype(object), "are of type object"),
        (GREY.transpose(1, 2, 0), r"have shape \(5, 4, 12\).*5 × 4\. Give \(n, 5, 4\), with images\.transpose\(2, 0, 1\)"),
        (GREY.transpose(0, 2, 1), r"have shape \(12, 4, 5\).*with images\.transpose\(0, 2, 1\)"),
        (np.stack([GREY] * 3, axis=-1), r"have shape \(12, 5, 4, 3\).*grey and not coloured"),
        (GREY[:, :4], r"have shape \(12, 4, 4\), but the data set's images are 5 × 4\. Give \(n, 5, 4\)\."),
        (GREY[:11], r"training labels of letters have shape \(12,\), and there are 11 images"),
        (GREY[:0], "letters has no training images. Give at least one"),
        (np.uint8(3), "letters has no training images"),
        ([[1, 2], [3]], "cannot be read as one array"),
        (np.ma.masked_array(GREY, GREY > 9), "have masked values. Fill them"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_that_images_that_leave_a_guess_are_refused(images: Any, message: str) -> None:
    assert re.search(message, refusal(images=images))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS + 1, "letters holds labels from 0 to 3 but names 3 classes. Give 4 names, or labels from 0 to 2."),
        (LABELS.astype(np.int64) - 1, "holds labels from -1 to 2 but names 3 classes. Give labels from 0 to 2."),
        (LABELS.astype(np.int64) * 2**40, "holds labels from 0 to 2199023255552 but names 3 classes. Give labels from 0 to 2."),
        (
            LABELS + 0.5,
            "training labels of letters are no whole numbers. Give each image the number of its class, from 0 to 2.",
        ),
        (np.where(LABELS, LABELS, np.nan), "are no whole numbers"),
        (np.eye(CLASSES)[LABELS] * 0.9, "have shape (12, 3) and are not one-hot"),
        (np.eye(4)[LABELS], "have shape (12, 4), and there are 12 images"),
        (LABELS[:5], "have shape (5,), and there are 12 images"),
        (LABELS.astype(str), "are of type <U3"),
        (None, "there are no training labels of letters"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_that_labels_that_leave_a_guess_are_refused(labels: Any, message: str) -> None:
    assert message in refusal(labels=labels)


def test_that_labels_that_begin_with_1_are_refused_with_the_way_out() -> None:
    both = ImageSet(GREY, 1 + np.arange(N) % 5)
    message = refusal(labels=both.labels, classes=4, test=both)
    assert message == "letters holds labels from 1 to 5 but names 4 classes. Give 6 names, or labels from 0 to 3."


def test_that_the_test_images_are_checked_as_the_training_images_are() -> None:
    assert "letters has no test images" in refusal(test=ImageSet(GREY[:0], LABELS[:0]))
    assert "the test images of letters have shape" in refusal(test=ImageSet(GREY[:, 1:], LABELS))
    assert "holds labels from 0 to 3" in refusal(test=ImageSet(GREY, LABELS + 1))


def test_that_a_mapped_file_of_bytes_stays_in_its_file_and_is_hardly_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "CHUNK_BYTES", GREY[0].nbytes)
    asked: list[Any] = []
    monkeypatch.setattr(check, "release", asked.append)
    np.save(tmp_path / "images.npy", GREY[..., None])
    found = checked(np.load(tmp_path / "images.npy", mmap_mode="r")).images
    assert mapped.is_mapped(found)
    assert found.tolist() == IMAGES.tolist()
    assert sum(mapped.is_mapped(each) for each in asked) == 1


def test_that_a_mapped_file_of_floats_is_read_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "CHUNK_BYTES", 2 * 4 * GREY[0].size)
    np.save(tmp_path / "images.npy", (GREY / 255).astype(np.float32))
    whole, parts = check.checked_levels, []

    def levels(images: np.ndarray, first: int, what: str) -> np.ndarray:
        parts.append((first, len(images)))
        return whole(images, first, what)

    monkeypatch.setattr(check, "checked_levels", levels)
    assert checked(np.load(tmp_path / "images.npy", mmap_mode="r")).images.tolist() == IMAGES.tolist()
    assert parts == [(first, 2) for first in range(0, N, 2)]


def test_that_a_mapped_file_too_large_to_be_converted_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "MOST_CONVERTED", GREY.size - 1)
    np.save(tmp_path / "images.npy", GREY / 255)
    message = refusal(images=np.load(tmp_path / "images.npy", mmap_mode="r"))
    assert "are a file of 240 pixels of type float64. Save them as uint8 from 0 to 255." in message


COLOUR = np.random.default_rng(1).integers(0, 256, (N, *SHAPE, 3), np.uint8)


def checked_colour(images: Any) -> np.ndarray:
    part = ImageSet(images, LABELS)
    return check_dataset("letters", Dataset(part, part), (*SHAPE, 3), CLASSES).train.images


@pytest.mark.parametrize(
    "images",
    [COLOUR, COLOUR / 255, COLOUR.transpose(0, 3, 1, 2), COLOUR.reshape(N, -1)],
    ids=["bytes", "floats", "planes", "flat"],
)
def test_that_images_in_colour_that_mean_the_same_are_the_same(images: np.ndarray) -> None:
    found = checked_colour(images)
    assert found.tolist() == COLOUR.tolist()
    assert found.flags.c_contiguous


def test_that_planes_of_a_mapped_file_stay_in_their_file(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", COLOUR.transpose(0, 3, 1, 2).copy())
    found = checked_colour(np.load(tmp_path / "images.npy", mmap_mode="r"))
    assert mapped.is_mapped(found)
    assert found.tolist() == COLOUR.tolist()


def test_that_grey_images_of_a_set_in_colour_are_refused() -> None:
    with pytest.raises(UserError, match=r"images are 5 × 4 × 3\. Give \(n, 5, 4, 3\), with 3 channels"):
        checked_colour(GREY)


@pytest.mark.parametrize("shape", [(3, 8, 1), (8, 257, 1), (8, 8, 17), (8, 8, 0)], ids=str)
def test_that_images_beyond_the_limits_are_refused(shape: tuple[int, int, int]) -> None:
    part = ImageSet(np.zeros((2, *shape), np.uint8), np.zeros(2, np.uint8))
    with pytest.raises(UserError, match="Give images of 4 to 256 pixels a side with 1 to 16 channels"):
        check_dataset("letters", Dataset(part, part), shape, 1)


def test_that_columns_stay_and_have_a_value_for_each_image() -> None:
    columns = Columns((Column("age", ColumnKind.CONTINUOUS, np.arange(2.0 * N), unit="years"),))
    part = ImageSet(GREY, LABELS)
    assert check_dataset("letters", Dataset(part, part, columns=columns), (*SHAPE, 1), CLASSES).columns == columns
    short = columns.rows(np.arange(2 * N - 1))
    with pytest.raises(UserError, match=r"column age of letters has 23 values for 24 images. Give one for each\."):
        check_dataset("letters", Dataset(part, part, columns=short), (*SHAPE, 1), CLASSES)


def test_that_names_of_channels_stay_and_there_is_one_for_each() -> None:
    part = ImageSet(np.full((N, 8, 8, 2), 99, np.uint8), np.zeros(N, np.uint8))
    assert check_dataset("cells", Dataset(part, part, channels=("DAPI", "GFP")), (8, 8, 2), 1).channels == ("DAPI", "GFP")
    with pytest.raises(UserError, match=r"cells names 1 channels, and its images have 2\. Give a word for each, or none\."):
        check_dataset("cells", Dataset(part, part, channels=("DAPI",)), (8, 8, 2), 1)


@pytest.mark.parametrize(
    "column",
    [
        Column("kind", ColumnKind.CATEGORICAL, np.full(2 * N, 2, np.int32), ("a", "b")),
        Column("kind", ColumnKind.CATEGORICAL, np.full(2 * N, -2, np.int32), ("a", "b")),
        Column("kind", ColumnKind.CATEGORICAL, np.full(2 * N, 0.5), ("a", "b")),
        Column("kind", ColumnKind.CONTINUOUS, np.full(2 * N, "1")),
        Column("kind", ColumnKind.TEXT, np.full(2 * N, "1")),
        Column("kind", ColumnKind.CONTINUOUS, Texts.of(["1"] * 2 * N)),
    ],
)
def test_that_values_that_do_not_fit_their_kind_are_refused(column: Column) -> None:
    part = ImageSet(GREY, LABELS)
    with pytest.raises(UserError, match=rf"column kind of letters holds values that are not {column.kind}\."):
        check_dataset("letters", Dataset(part, part, columns=Columns((column,))), (*SHAPE, 1), CLASSES)


def test_that_a_class_of_numbers_is_refused() -> None:
    columns = Columns((Column("age", ColumnKind.CONTINUOUS, np.arange(2.0 * N)),), "age")
    part = ImageSet(GREY, LABELS)
    with pytest.raises(UserError, match="column age of letters is continuous and cannot be the class"):
        check_dataset("letters", Dataset(part, part, columns=columns), (*SHAPE, 1), CLASSES)
