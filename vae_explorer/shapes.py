"""The shape of an image, (height, width, channels). A grey image has one channel."""

from __future__ import annotations

from collections.abc import Sequence

ImageShape = tuple[int, int, int]  # (H, W, C)
SIDES, CHANNELS = (4, 256), (1, 16)  # least and most of a data set's images


def image_shape(sides: Sequence[int]) -> ImageShape:
    """Return (H, W, C) of `sides`; two numbers are the sides of a grey image.

    Raises `ValueError` on any other count.
    """
    height, width, channels = (*sides, 1) if len(sides) == 2 else sides
    return height, width, channels


def without_grey_axis(shape: ImageShape) -> tuple[int, ...]:
    """Return the shape of an image as people know it: (H, W) for grey, else (H, W, C)."""
    return shape[:2] if shape[2] == 1 else shape


def written(shape: Sequence[int]) -> str:
    """Write a shape: '28×28' for grey, '64×64×3' for three channels."""
    return "×".join(str(side) for side in without_grey_axis(image_shape(shape)))
