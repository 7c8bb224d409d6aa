"""Drawn images lie as a data set's do: by MNIST's rule where the data set is MNIST, worked out here with Pillow and scipy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.drawing import INK, fitted, is_light, is_misplaced, typical_fit

Pixels = NDArray[np.uint8]
SCALE = 8


def by_the_rule_of_mnist(drawn: Pixels) -> Pixels:
    """The box around what is drawn, 20 pixels at its longer side, with its centre of mass in the middle of 28 × 28."""
    rows, columns = np.nonzero(drawn)
    box = Image.fromarray(drawn[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    longer = max(box.size)
    size = [max(round(20 * side / longer), 1) for side in box.size]
    small = np.asarray(box.resize(size, Image.Resampling.BILINEAR), float)
    small = small * 255 / small.max()
    frame = np.zeros((28, 28))
    y, x = (round(13.5 - middle) for middle in ndimage.center_of_mass(small))
    frame[y : y + small.shape[0], x : x + small.shape[1]] = small
    return np.rint(frame).astype(np.uint8)


@pytest.fixture(scope="module")
def digits() -> Pixels:
    """Real test digits as MNIST has them, (n, 28, 28, 1)."""
    images = load_dataset("digits", Fetching(Path("unused"))).test.images
    return np.stack([by_the_rule_of_mnist(image) for image in images[..., 0]])[..., None]


def box_of(image: Pixels) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(image[..., 0] >= INK)
    return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


def shrunk(canvas: Pixels) -> Pixels:
    """The mean over blocks of SCALE × SCALE pixels."""
    small = Image.fromarray(canvas[..., 0]).resize((28, 28), Image.Resampling.BOX)
    return np.asarray(small, np.uint8)[..., None]


def a_stroke(height: int, width: int, y: int, x: int) -> Pixels:
    """A slanted stroke, heavier below, in a frame of 224 × 224."""
    canvas = np.zeros((28 * SCALE, 28 * SCALE, 1), np.uint8)
    thickness = 12 + 2 * width // height
    for row in range(height):
        left = x + round((width - thickness) * row / (height - 1))
        canvas[y + row, left : left + thickness // 2 + thickness * row // (2 * height)] = 255
    return canvas


def test_that_a_data_sets_way_to_lie_is_found(digits: Pixels) -> None:
    fit = typical_fit(digits)
    centres = np.array([ndimage.center_of_mass(image[..., 0]) for image in digits]) + 0.5
    assert fit.extent == 20
    assert fit.centre == pytest.approx(np.median(centres, axis=0), abs=0.25 + 1e-9)
    assert fit.centre == (14, 14)


def test_that_a_digit_that_lies_well_stays_as_it_is(digits: Pixels) -> None:
    """At the image's own size and on the pad's, whose pixels are SCALE times as many."""
    fit = typical_fit(digits)
    well = [image for image in digits if max(np.diff(box_of(image))[[0, 2]]) == 20]
    assert len(well) > 0.9 * len(digits)
    for image in well[:100]:
        assert np.array_equal(fitted(image, fit), image)
        canvas = image.repeat(SCALE, 0).repeat(SCALE, 1)
        assert np.array_equal(fitted(canvas, fit, SCALE), canvas)


@pytest.mark.parametrize(("height", "width", "y", "x"), [(200, 100, 10, 80), (60, 90, 150, 5), (30, 200, 190, 20)])
def test_that_a_drawing_fills_the_box_of_mnist_and_is_centred_by_mass(
    digits: Pixels, height: int, width: int, y: int, x: int
) -> None:
    canvas = a_stroke(height, width, y, x)
    image = shrunk(fitted(canvas, typical_fit(digits), SCALE))
    top, bottom, left, right = box_of(image)
    assert 19 <= max(bottom - top, right - left) <= 20  # an end with little ink may be lost in the mean over blocks
    assert ndimage.center_of_mass(image[..., 0].astype(float)) == pytest.approx((13.5, 13.5), abs=0.6)
    drawn_top, drawn_bottom, drawn_left, drawn_right = box_of(canvas)
    shape = (drawn_bottom - drawn_top) / (drawn_right - drawn_left)
    assert (bottom - top) / (right - left) == pytest.approx(shape, rel=0.15)


def test_that_large_and_displaced_digits_come_to_lie_as_pillow_and_scipy_lay_them(digits: Pixels) -> None:
    """But for a pixel, which is how far centres of mass that differ in the last digit may be rounded apart."""
    for digit in digits[:20]:
        canvas = np.zeros((28 * SCALE, 28 * SCALE, 1), np.uint8)
        canvas[40:220, 10:190] = np.asarray(Image.fromarray(digit[..., 0]).resize((180, 180), Image.Resampling.BILINEAR))[
            ..., None
        ]
        ours, theirs = shrunk(fitted(canvas, typical_fit(digits), SCALE)), by_the_rule_of_mnist(canvas[..., 0])
        moved = [np.roll(theirs, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
        assert max(np.corrcoef(ours.ravel(), other.ravel())[0, 1] for other in moved) > 0.97


def test_that_an_empty_canvas_stays_empty(digits: Pixels) -> None:
    assert not fitted(np.zeros((28, 28, 1), np.uint8), typical_fit(digits)).any()
    fit = typical_fit(np.zeros((3, 28, 20, 1), np.uint8))
    assert (fit.extent, fit.centre) == (28, (14, 10))


def test_that_a_digit_is_told_to_be_misplaced_where_it_lies_unlike_all_others(digits: np.ndarray) -> None:
    one = digits[0]
    assert not any(is_misplaced(each, digits) for each in digits[:50])
    assert is_misplaced(np.roll(one, 4, axis=1), digits)
    small = np.zeros_like(one)
    small[10:18, 12:16] = 255
    assert is_misplaced(small, digits)
    assert not is_misplaced(fitted(small, typical_fit(digits)), digits)
    for stroke in (a_stroke(60, 30, 10, 10), a_stroke(180, 90, 30, 100), a_stroke(30, 60, 180, 20)):
        assert is_misplaced(shrunk(stroke), digits)
        assert not is_misplaced(shrunk(fitted(stroke, typical_fit(digits), SCALE)), digits)
    assert not is_misplaced(np.zeros_like(one), digits)
    assert not is_misplaced(one, digits[:0])


def test_that_black_on_white_is_told(digits: np.ndarray) -> None:
    assert not any(is_light(each) for each in digits[:50])
    assert all(is_light(255 - each) for each in digits[:50])
