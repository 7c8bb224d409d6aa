"""Arrays of any usual shape, type and range: the same pixels as by the sum on paper."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings
from numpy.typing import NDArray

from tests.data.own.made import added

LOWEST = {"bool": 0, "uint8": 0, "uint16": 0, "unit": 0.0, "signed": -1.0, "bytes": 0.0}
HIGHEST = {"bool": 1, "uint8": 255, "uint16": 65535, "unit": 1.0, "signed": 1.0, "bytes": 255.0}
TYPES: dict[str, Any] = {"bool": bool, "uint8": np.uint8, "uint16": np.uint16}


@st.composite
def shapes(draw: st.DrawFn) -> tuple[tuple[int, ...], str]:
    """The shape of an array of images, and the order of its axes."""
    count, height, width = (draw(st.integers(low, 9)) for low in (2, 4, 4))
    axes = draw(st.sampled_from(["nhw", "nhwc", "nchw"]))
    channels = draw(st.sampled_from([1, 3]))
    sizes = {"n": count, "h": height, "w": width, "c": channels}
    return tuple(sizes[axis] for axis in axes), axes


def numbers(shape: tuple[int, ...], kind: str, seed: int) -> NDArray[Any]:
    """Random numbers of a kind that reach both ends of its range."""
    low, high = LOWEST[kind], HIGHEST[kind]
    values = np.random.default_rng(seed).uniform(low, high, shape)
    values.flat[0], values.flat[-1] = low, high
    return values.round().astype(TYPES[kind]) if kind in TYPES else values.astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(shape=shapes(), kind=st.sampled_from(list(LOWEST)), seed=st.integers(0, 2**32 - 1), packed=st.booleans())
def test_that_any_array_gives_the_pixels_that_it_means(
    shape: tuple[tuple[int, ...], str], kind: str, seed: int, packed: bool
) -> None:
    size, axes = shape
    array = numbers(size, kind, seed)
    upright = {"nhw": array[..., None], "nhwc": array, "nchw": np.moveaxis(array, 1, -1)}[axes].astype(np.float64)
    meant = bytes_of(upright, kind)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.npz" if packed else "x.npy")
        if packed:
            np.savez_compressed(path, images=array, place=np.arange(len(array)))
        else:
            np.save(path, array)
        store = added(path, Path(folder, "root"))
        dataset = store.dataset()
        got = np.concatenate([dataset.train.images, dataset.test.images]).astype(np.float64)
        if packed:
            order = np.asarray(dataset.columns["place"].values).astype(int)
        else:
            order = np.array([nearest(image, meant) for image in got])
        assert sorted(order) == list(range(len(array)))
        assert np.abs(got - meant[order]).max() <= 0.51


def bytes_of(upright: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """The pixels from 0 to 255 before rounding. Deep whole numbers are cut at percentiles of each channel."""
    low, high = np.float64(LOWEST[kind]), np.float64(HIGHEST[kind])
    if kind == "uint16":
        low, high = np.percentile(upright, (0.1, 99.9), axis=(0, 1, 2))
    return np.asarray(255 * np.clip((upright - low) / (high - low), 0, 1))


def nearest(image: NDArray[np.float64], meant: NDArray[np.float64]) -> int:
    return int(np.abs(meant - image).reshape(len(meant), -1).sum(axis=1).argmin())
