"""Sprites beside polygons that Pillow draws, and beside areas by formula."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vae_explorer.data import sprites
from vae_explorer.data.sprites import SHAPES, SIDE, Factors, columns_of, draw_factors, render

FINER = 16  # pixels of the polygon a pixel


def one(shape: str, size: float, angle: float, x: float = 16.0, y: float = 16.0, hue: float = 0.0) -> Factors:
    numbers = (np.array([each]) for each in (hue, size, angle, x, y))
    return Factors(np.array([SHAPES.index(shape)], np.uint8), *numbers)


def covered(factors: Factors) -> np.ndarray:
    """The share of each pixel that the shape covers, from the strongest channel."""
    return render(factors)[0].max(axis=-1) / 255


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.2, 3.0, 5.5])
def test_that_a_triangle_is_where_its_corners_say(angle: float) -> None:
    size, x, y = 9.0, 14.5, 17.25
    turns = angle + np.array([0, 0.75 * np.pi, -0.75 * np.pi])
    reach = size * np.array([1, 0.7, 0.7])
    corners = np.stack([x + reach * np.cos(turns), y - reach * np.sin(turns)], axis=1)
    large = Image.new("L", (SIDE * FINER, SIDE * FINER))
    ImageDraw.Draw(large).polygon([tuple(corner * FINER) for corner in corners], fill=255)
    expected = np.asarray(large, float).reshape(SIDE, FINER, SIDE, FINER).mean(axis=(1, 3)) / 255
    got = covered(one("triangle", size, angle, x, y))
    assert np.abs(got - expected).max() < 0.4  # at a corner, where the distance gives no share
    assert np.abs(got - expected)[expected > 0].mean() < 0.05
    assert got.sum() == pytest.approx(expected.sum(), rel=0.03)


@pytest.mark.parametrize(("shape", "area"), [("ellipse", np.pi / 2), ("square", 2.0)])
def test_that_areas_and_centres_are_those_of_the_formulas(shape: str, area: float) -> None:
    got = covered(one(shape, 8.0, 0.4, 15.0, 18.0))
    assert got.sum() == pytest.approx(area * 64, rel=0.02)
    row, column = np.mgrid[:SIDE, :SIDE] + 0.5
    assert (got * column).sum() / got.sum() == pytest.approx(15.0, abs=0.02)
    assert (got * row).sum() / got.sum() == pytest.approx(18.0, abs=0.02)


@pytest.mark.parametrize(("shape", "fold"), [("ellipse", 2), ("square", 4), ("triangle", 1)])
def test_that_the_symmetry_of_each_shape_is_known(shape: str, fold: int) -> None:
    start = render(one(shape, 9.0, 0.5))
    assert np.abs(render(one(shape, 9.0, 0.5 + 2 * np.pi / fold)).astype(int) - start).max() <= 1
    assert np.abs(render(one(shape, 9.0, 0.5 + np.pi / fold)).astype(int) - start).max() > 100


def test_that_the_hue_runs_once_around_the_wheel() -> None:
    red, green, blue = (render(one("square", 10.0, 0.0, hue=place))[0, 16, 16] for place in (0.0, 1 / 3, 2 / 3))
    assert [int(colour.argmax()) for colour in (red, green, blue)] == [0, 1, 2]


def test_that_no_shape_leaves_the_image_and_that_the_set_repeats() -> None:
    factors = draw_factors(300)
    images = render(factors)
    edges = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)
    assert not edges.any()
    assert np.array_equal(images, render(draw_factors(300)))
    assert set(factors.shape.tolist()) == {0, 1, 2}
    assert (sprites.TRAIN, sprites.TEST) == (18_000, 2_000)


def test_that_the_labels_are_what_the_images_show() -> None:
    factors = draw_factors(50)
    columns = columns_of(factors)
    assert columns.the_class is columns["shape"]
    assert columns["shape"].text(3) == SHAPES[factors.shape[3]]
    values = {name: np.asarray(columns[name].values) for name in ("hue", "size", "angle", "x", "y")}
    again = Factors(factors.shape, values["hue"] / 360, values["size"], np.radians(values["angle"]), values["x"], values["y"])
    np.testing.assert_allclose(render(again).astype(int), render(factors), atol=1)
    assert columns["size"].text(0) == f"{factors.size[0]:.6g} px"
