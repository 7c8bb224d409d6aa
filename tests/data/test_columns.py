"""Which columns hold angles, whose scale is a circle."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vae_explorer.data.columns import Column, ColumnKind, Texts
from vae_explorer.data.sprites import columns_of, draw_factors


def of(numbers: list[float], unit: str) -> Column:
    return Column("angle", ColumnKind.CONTINUOUS, np.array(numbers), unit=unit)


@pytest.mark.parametrize(
    ("numbers", "unit", "turn"),
    [
        ([0, 360], "°", (0, 360)),
        ([10, math.nan, 200], "deg", (0, 360)),
        ([-170.5, 179], "Degrees", (-180, 360)),
        ([float(np.float32(0)), float(np.float32(math.tau))], "rad", (0, math.tau)),
        ([-3, 3], "radians", (-math.pi, math.tau)),
        ([-90, 90], "°", None),  # latitudes
        ([0, 45], "°", None),
        ([-90, 270], "°", None),
        ([0, 720], "°", None),
        ([0, 360], "°C", None),
        ([0, 360], "", None),
        ([math.nan], "°", None),
        ([0, math.inf], "°", None),
    ],
)
def test_that_angles_over_more_than_half_a_turn_have_a_turn(
    numbers: list[float], unit: str, turn: tuple[float, float] | None
) -> None:
    assert of(numbers, unit).turn == turn


def test_that_categories_and_texts_have_none() -> None:
    assert Column("wind", ColumnKind.CATEGORICAL, np.array([0, 1], np.int32), ("0", "360"), unit="°").turn is None
    assert Column("wind", ColumnKind.TEXT, Texts.of(["0", "360"]), unit="°").turn is None


def test_that_hue_and_angle_of_sprites_are_angles() -> None:
    columns = columns_of(draw_factors(300))
    assert {column.name: column.turn for column in columns if column.turn} == {"hue": (0, 360), "angle": (0, 360)}
