"""numpy files: layouts, types, ranges and labels. Expected pixels are computed from the numbers that were saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tests.data.own.made import added, added_or_refused
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Axes, Reading
from vae_explorer.data.own.sources import rows
from vae_explorer.data.own.store import Store
from vae_explorer.errors import UserError

N = 12
GREY = np.random.default_rng(0).integers(0, 256, (N, 6, 8), dtype=np.uint8)
GREY[0, 0, :2] = 0, 255
COLOUR = np.random.default_rng(1).integers(0, 256, (N, 6, 8, 3), dtype=np.uint8)


def images_of(store: Store) -> NDArray[np.uint8]:
    """Return the images (n, H, W, C) of a store, sorted by their bytes."""
    dataset = store.dataset()
    return in_order(np.concatenate([dataset.train.images, dataset.test.images]))


def in_order(images: NDArray[Any]) -> NDArray[Any]:
    return np.array(sorted(images, key=lambda image: image.tobytes()))


def expected(numbers: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Return bytes (n, H, W, C) of `numbers`, `low` black and `high` white."""
    wide = numbers.astype(np.float64)
    scaled = np.rint(255 * np.clip((wide - low) / (high - low), 0, 1)).astype(np.uint8)
    return in_order(scaled if scaled.ndim == 4 else scaled[..., None])


def saved(folder: Path, array: NDArray[Any]) -> Path:
    np.save(folder / "set.npy", array)
    return folder / "set.npy"


@pytest.mark.parametrize(
    ("array", "low", "high", "said"),
    [
        (GREY, 0, 255, "of shape (12, 6, 8) is read as NHW: 6×8, 1 channel"),
        (GREY[..., None], 0, 255, "NHWC: 6×8, 1 channel"),
        (GREY[:, None], 0, 255, "NCHW: 6×8, 1 channel"),
        (GREY.reshape(N, -1)[:, :36], 0, 255, "images of 6×6"),
        (np.asfortranarray(GREY), 0, 255, "0 is shown black and 255 white"),
        (GREY > 127, 0, 1, "NHW"),
        ((GREY > 127).astype(np.uint8), 0, 1, "All pixels are 0 or 1: 0 is shown black and 1 white"),
        ((GREY > 127).astype(np.int64), 0, 1, "0 is shown black and 1 white"),
        ((GREY / 255).astype(np.float32), 0, 1, "(float32), 0 is shown black and 1 white"),
        ((GREY / 127.5 - 1).astype(np.float32), -1, 1, "(float32), −1 is shown black and 1 white"),
        (GREY.astype(np.float64), 0, 255, "(float64), 0 is shown black and 255 white"),
        (GREY.astype(np.int64), 0, 255, "(int64), 0 is shown black and 255 white"),
        (GREY.astype(">i4"), 0, 255, "(int32), 0 is shown black and 255 white"),
        ((GREY / 255).astype(np.float16), 0, 1, "(float16)"),
    ],
)
def test_that_layout_and_range_are_found_out_and_said(
    tmp_path: Path, array: NDArray[Any], low: float, high: float, said: str
) -> None:
    store = added(saved(tmp_path, array), tmp_path / "data")
    numbers = array.reshape(N, 6, 6) if array.ndim == 2 else np.moveaxis(array, 1, -1) if array.shape[1] == 1 else array
    assert np.array_equal(images_of(store), expected(numbers, low, high))
    assert any(said in note for note in store.manifest.notes)


@pytest.mark.parametrize("array", [COLOUR, COLOUR.transpose(0, 3, 1, 2), np.asfortranarray(COLOUR)])
def test_that_colours_are_read_from_both_layouts(tmp_path: Path, array: NDArray[Any]) -> None:
    assert np.array_equal(images_of(added(saved(tmp_path, array), tmp_path / "data")), in_order(COLOUR))


def test_that_flat_rows_of_three_planes_are_colours(tmp_path: Path) -> None:
    square = COLOUR[:, :, :6]
    flat = square.transpose(0, 3, 1, 2).reshape(N, -1)
    assert np.array_equal(images_of(added(saved(tmp_path, flat), tmp_path / "data")), in_order(square))


def test_that_up_to_16_channels_are_kept(tmp_path: Path) -> None:
    array = np.random.default_rng(2).integers(0, 256, (N, 20, 18, 5), dtype=np.uint8)
    assert np.array_equal(images_of(added(saved(tmp_path, array), tmp_path / "data")), in_order(array))
    with pytest.raises(UserError, match="17 channels; at most 16"):
        added(saved(tmp_path, np.zeros((N, 20, 18, 17), np.uint8)), tmp_path / "data", layout=Axes.NHWC)


def test_that_the_layout_can_be_overruled(tmp_path: Path) -> None:
    array = np.random.default_rng(3).integers(0, 256, (N, 3, 4, 3), dtype=np.uint8)
    store = added(saved(tmp_path, array), tmp_path / "data", "first")
    assert store.manifest.shape == (4, 4, 3)
    assert any("say --layout nchw" in note for note in store.manifest.notes)
    assert added(saved(tmp_path, array), tmp_path / "data", "second", layout=Axes.NCHW).manifest.shape == (4, 4, 3)
    with pytest.raises(UserError, match="which is not NHW; leave --layout out"):
        added(saved(tmp_path, array), tmp_path / "data", "third", layout=Axes.NHW)


def test_that_the_range_can_be_overruled(tmp_path: Path) -> None:
    path = saved(tmp_path, GREY)
    assert np.array_equal(images_of(added(path, tmp_path / "data", ranges=((50, 200),))), expected(GREY, 50, 200))
    with pytest.raises(UserError, match="2 ranges are given for 1 channels"):
        added(path, tmp_path / "data", ranges=((0, 1), (0, 2)))


def test_that_each_channel_can_have_a_range_of_its_own(tmp_path: Path) -> None:
    store = added(saved(tmp_path, COLOUR), tmp_path / "data", ranges=((0, 255), (0, 100), (100, 200)))
    channels = [expected(COLOUR[..., place], *span)[..., 0] for place, span in enumerate(((0, 255), (0, 100), (100, 200)))]
    found = images_of(store)
    assert all(np.array_equal(in_order(found[..., place]), in_order(each)) for place, each in enumerate(channels))


def test_that_deep_numbers_take_percentiles_of_the_whole_set(tmp_path: Path) -> None:
    counts = GREY.astype(np.uint16) * 45
    counts[3, 2, 2] = 65535  # a hot pixel
    store = added(saved(tmp_path, counts), tmp_path / "data", percentiles=(1, 99))
    assert np.array_equal(images_of(store), expected(counts, *np.percentile(counts, (1, 99))))
    assert any("percentiles 1 and 99 of the set" in note for note in store.manifest.notes)


def test_that_channels_of_deep_numbers_have_ranges_of_their_own(tmp_path: Path) -> None:
    deep = COLOUR.astype(np.float32) * np.array([1, 10, 100], np.float32) + 300
    found = images_of(added(saved(tmp_path, deep), tmp_path / "data"))
    for place in range(3):
        span = np.percentile(deep[..., place].astype(float), (0.1, 99.9))
        assert np.array_equal(in_order(found[..., place]), in_order(expected(deep[..., place], *span)[..., 0]))


def test_that_images_with_missing_numbers_are_skipped(tmp_path: Path) -> None:
    array = (GREY / 255).astype(np.float32)
    array[4, 1, 1], array[7, 0, 0] = np.nan, np.inf
    store = added(saved(tmp_path, array), tmp_path / "data")
    assert [(each.name, each.reason) for each in store.skipped()] == [
        (f"set, image {row}", "holds numbers that are not finite (NaN or infinity)") for row in (4, 7)
    ]
    assert np.array_equal(images_of(store), expected(np.delete(GREY / 255, (4, 7), 0).astype(np.float32), 0, 1))


def test_that_constant_images_give_bytes(tmp_path: Path) -> None:
    for value in (0.0, 5.0, -3e38):
        found = images_of(added(saved(tmp_path, np.full((4, 6, 8), value)), tmp_path / "data"))
        assert (found == 0).all()


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (GREY.astype(np.complex64), "holds numbers of type complex64, which are no pixels"),
        (np.array([{}, {}]), "holds Python objects, which are no pixels"),
        (np.zeros((4, 5)), "5 numbers a row are no square"),
        (np.zeros(5), "holds no images, only set"),
        (np.zeros((3, 4, 5, 6, 7)), r"has shape \(3, 4, 5, 6, 7\)"),
        (np.zeros((64, 64, 3)), "which is one image with channels"),
        (np.zeros((0, 6, 8)), "is empty"),
        (np.zeros((1, 6, 8)), "1 image was found"),
        (np.array(["a", "b"]), "holds no images"),
    ],
)
def test_that_other_arrays_are_refused_in_one_line(tmp_path: Path, array: NDArray[Any], complaint: str) -> None:
    np.save(tmp_path / "set.npy", array, allow_pickle=True)
    with pytest.raises(UserError, match=complaint) as refused:
        added(tmp_path / "set.npy", tmp_path / "data")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["set.npy", "set.npz"])
def test_that_a_damaged_file_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("y"):
        np.save(path, GREY)
    else:
        np.savez_compressed(path, images=GREY)
    data = path.read_bytes()
    for damaged in (data[: len(data) // 2], data[:20], b"\x93NUMPY\x01\0\xff\xff", data[:90] + data[92:]):
        path.write_bytes(damaged)
        answer = added_or_refused(path, tmp_path / "data")
        assert isinstance(answer, str)
        assert "\n" not in answer


def columns_of(store: Store) -> dict[str, tuple[ColumnKind, tuple[str, ...]]]:
    return {column.name: (column.kind, column.names) for column in store.dataset().columns}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_that_images_and_labels_under_any_names_are_found(tmp_path: Path, save: Any) -> None:
    save(
        tmp_path / "set.npz", pictures=GREY, stages=np.arange(N) % 3 + 1, weight=np.linspace(0.5, 2, N), extra=np.zeros((2, 2))
    )
    store = added(tmp_path / "set.npz", tmp_path / "data")
    assert np.array_equal(images_of(store), in_order(GREY[..., None]))
    assert columns_of(store) == {
        "stages": (ColumnKind.CATEGORICAL, ("1", "2", "3")),
        "weight": (ColumnKind.CONTINUOUS, ()),
    }
    assert store.manifest.class_name == "stages"
    assert any("The array extra of shape (2, 2) is left out." in note for note in store.manifest.notes)
    dataset = store.dataset()
    for part in (dataset.train, dataset.test):
        for image, label in zip(part.images, part.labels, strict=True):
            assert label == next(row for row in range(N) if np.array_equal(GREY[row], image[..., 0])) % 3


def test_that_one_hot_rows_and_names_of_classes_are_labels(tmp_path: Path) -> None:
    labels = np.eye(3)[np.arange(N) % 3]
    np.savez(tmp_path / "set.npz", x=GREY, y=labels, class_names=np.array(["cat", "dog", "猫"]), place=np.random.rand(N, 2))
    store = added(tmp_path / "set.npz", tmp_path / "data")
    assert store.spec.classes == ("cat", "dog", "猫")
    assert [column.name for column in store.dataset().columns] == ["y", "place 0", "place 1"]
    assert np.bincount(np.concatenate([store.dataset().train.labels, store.dataset().test.labels])).tolist() == [4, 4, 4]


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("Xtrain", "Ytrain", "Xval", "Yval"),
    ],
)
def test_that_train_and_test_arrays_are_the_split(tmp_path: Path, names: tuple[str, ...]) -> None:
    labels = (np.arange(N) % 2)[:, None]
    values = (GREY[:8], labels[:8], GREY[8:], labels[8:])
    np.savez(tmp_path / "set.npz", **dict(zip(names, values, strict=True)))
    dataset = added(tmp_path / "set.npz", tmp_path / "data").dataset()
    assert np.array_equal(dataset.train.images[..., 0], GREY[:8])
    assert np.array_equal(dataset.test.images[..., 0], GREY[8:])
    assert dataset.train.labels.tolist() == [0, 1] * 4


def test_that_validation_arrays_join_the_training_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", train_images=GREY[:6], val_images=GREY[6:9], test_images=GREY[9:])
    dataset = added(tmp_path / "set.npz", tmp_path / "data").dataset()
    assert np.array_equal(dataset.train.images[..., 0], GREY[:9])
    assert np.array_equal(dataset.test.images[..., 0], GREY[9:])


def test_that_an_archive_larger_than_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "set.npz", images=np.zeros((100, 64, 64)))

    class Usage:
        free = 1000

    monkeypatch.setattr(rows.shutil, "disk_usage", lambda _: Usage)
    with pytest.raises(UserError, match=r"needs 3,276,800 bytes when unpacked"):
        added(tmp_path / "set.npz", tmp_path / "data")


def in_layout(images: NDArray[Any], axes: Axes) -> NDArray[Any]:
    """Return images (n, h, w, c) as people save them."""
    return {Axes.NHW: images[..., 0], Axes.NHWC: images, Axes.NCHW: np.moveaxis(images, -1, 1)}[axes]


def rows_of(store: Store) -> dict[int, NDArray[np.uint8]]:
    """Return the images of a store by their number in the source, which is the label `row`."""
    dataset = store.dataset()
    rows = np.asarray(dataset.columns["row"].values).astype(int)
    return dict(zip(rows.tolist(), np.concatenate([dataset.train.images, dataset.test.images]), strict=True))


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Axes, tuple[int, int, int, int]]:
    """A layout, and the shape (n, h, w, c) of images whose size needs no fitting."""
    axes = draw(st.sampled_from(Axes))
    channels = 1 if axes is Axes.NHW else draw(st.integers(1, 16))
    return axes, (draw(st.integers(2, 5)), draw(st.integers(4, 20)), draw(st.integers(4, 20)), channels)


SCALES: dict[str, Callable[[NDArray[np.uint8]], NDArray[Any]]] = {
    "u1": lambda grey: grey,
    "i2": lambda grey: grey.astype(np.int32),
    ">i8": lambda grey: grey.astype(">i8"),
    "0..1": lambda grey: (grey / 255).astype(np.float32),
    "-1..1": lambda grey: grey / 127.5 - 1,
    "0..255": lambda grey: grey.astype(np.float64),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(layouts(), st.sampled_from(sorted(SCALES)), st.booleans(), st.integers(0, 2**32 - 1))
def test_that_the_same_pixels_come_of_every_layout_type_and_range(
    tmp_path_factory: pytest.TempPathFactory, layout: tuple[Axes, tuple[int, ...]], scale: str, fortran: bool, seed: int
) -> None:
    axes, shape = layout
    grey = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    grey[0, 0, 0], grey[0, 0, 1] = 0, 255
    array = in_layout(SCALES[scale](grey), axes)
    folder = tmp_path_factory.mktemp("any")
    np.savez(folder / "set.npz", images=np.asfortranarray(array) if fortran else array, row=np.arange(len(grey)))
    found = rows_of(add(folder / "set.npz", Reading(layout=axes), folder / "data").store)
    assert all(np.array_equal(found[row], grey[row]) for row in range(len(grey)))


any_number = st.one_of(
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    hnp.boolean_dtypes(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data(), layouts(), any_number)
def test_that_larger_numbers_never_become_darker(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, layout: tuple[Axes, tuple[int, ...]], dtype: Any
) -> None:
    axes, shape = layout
    images = data.draw(hnp.arrays(dtype, shape))
    folder = tmp_path_factory.mktemp("any")
    np.savez(folder / "set.npz", images=in_layout(images, axes), row=np.arange(len(images)))
    finite = [row for row, image in enumerate(images) if np.isfinite(image.astype(np.float64)).all()]
    store = added_or_refused(folder / "set.npz", folder / "data", layout=axes)
    if isinstance(store, str):
        assert len(finite) < 2
        assert "\n" not in store
        assert not list((folder / "data" / "own").iterdir())
        return
    found = rows_of(store)
    assert sorted(found) == finite
    for channel in range(shape[3]):
        numbers = np.concatenate([images[row][..., channel].astype(np.float64).ravel() for row in finite])
        levels = np.concatenate([found[row][..., channel].ravel() for row in finite]).astype(int)
        order = np.argsort(numbers, kind="stable")
        assert (np.diff(levels[order]) >= 0).all()


def test_that_the_manifest_of_an_archive_names_the_store(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "cells.npz", images=np.arange(20 * 64, dtype=np.uint8).reshape(20, 8, 8))
    assert added(tmp_path / "cells.npz", tmp_path / "data").manifest.name == "cells"
