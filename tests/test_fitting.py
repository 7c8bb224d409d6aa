"""How an image gets the size of a data set. Expected pixels follow from flat colours, which every filter keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_explorer.fitting import fitted
from vae_explorer.kinds import Fit


def halves(height: int, width: int, channels: int = 1) -> np.ndarray:
    """The left half is 40, the right half 200, plus ten for each further channel."""
    image = np.full((height, width, channels), 40, np.uint8)
    image[:, width // 2 :] = 200
    return image + (10 * np.arange(channels)).astype(np.uint8)


def test_that_an_image_of_the_right_size_is_copied_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    copy = fitted(image, (5, 7))
    assert np.array_equal(copy, image)
    assert not np.shares_memory(copy, image)


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_that_padding_keeps_the_whole_image_and_fills_the_rest_with_its_border(channels: int) -> None:
    image = np.full((10, 20, channels), 90, np.uint8)
    image[1:-1, 1:-1] = 250
    wide = fitted(image, (20, 20), Fit.PAD)
    assert wide.shape == (20, 20, channels)
    assert (wide[:5] == 90).all()
    assert (wide[15:] == 90).all()
    assert np.array_equal(wide[5:15], image)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_that_cropping_keeps_the_middle(channels: int) -> None:
    image = np.zeros((10, 30, channels), np.uint8)
    image[:, 10:20] = 123
    assert (fitted(image, (10, 10), Fit.CROP) == 123).all()


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_that_stretching_uses_every_pixel_for_all_of_the_image(channels: int) -> None:
    stretched = fitted(halves(8, 40, channels), (16, 20), Fit.STRETCH)
    assert stretched.shape == (16, 20, channels)
    for channel in range(channels):
        assert set(stretched[:, :6, channel].flat) == {40 + 10 * channel}
        assert set(stretched[:, 14:, channel].flat) == {200 + 10 * channel}


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60), st.integers(1, 5)),
    st.tuples(st.integers(4, 40), st.integers(4, 40)),
    st.sampled_from(Fit),
)
def test_that_a_flat_colour_stays_flat_in_any_size(own: tuple[int, int, int], shape: tuple[int, int], fit: Fit) -> None:
    colour = np.arange(own[2], dtype=np.uint8) * 50 + 7
    image = np.broadcast_to(colour, own).copy()
    assert np.array_equal(fitted(image, shape, fit), np.broadcast_to(colour, (*shape, own[2])))
