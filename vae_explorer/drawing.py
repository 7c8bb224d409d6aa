"""Drawn images, moved and scaled as those of a data set are. numpy and scipy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_INK = 32  # grey levels from which a pixel counts as drawn
_LOOKED_AT = 1000  # images of a data set


@dataclass(frozen=True, slots=True)
class Fit:
    """How a data set's images lie in their frame, as shares of its sides."""

    extent: float  # the longer side of what is drawn
    centre: tuple[float, float]  # its centre of mass, (y, x)


def typical_fit(images: NDArray[np.uint8]) -> Fit:
    """The median over images (n, H, W) of how they lie; MNIST's fill 20 of 28 pixels and are centred by mass."""
    drawn = [image for image in images[:_LOOKED_AT] if (image >= _INK).any()]
    if not drawn:
        return Fit(1.0, (0.5, 0.5))
    found = np.array([_lie(image) for image in drawn])
    extent, y, x = np.median(found, axis=0)
    return Fit(float(extent), (float(y), float(x)))


def fitted(image: NDArray[np.uint8], fit: Fit) -> NDArray[np.uint8]:
    """What is drawn in image (H, W), scaled to the extent of `fit` and moved to its centre. An empty image stays as it is."""
    if not (image >= _INK).any():
        return image.copy()
    extent, y, x = _lie(image)
    scale = extent / fit.extent  # of the output's step in the input
    sides = np.array(image.shape, np.float64)
    centre, wanted = np.array([y, x]) * sides, np.array(fit.centre) * sides
    # Pixel i covers [i, i + 1): its middle is at i + 0.5.
    offset = centre - scale * (wanted - 0.5) - 0.5
    source = ndimage.gaussian_filter(image.astype(np.float32), 0.4 * scale) if scale > 1 else image.astype(np.float32)
    moved = ndimage.affine_transform(source, np.array([scale, scale]), offset, order=1)
    pixels: NDArray[np.uint8] = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
    return pixels


def _lie(image: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Extent and centre of mass (y, x) of what is drawn, as shares of the sides."""
    height, width = image.shape
    rows, columns = np.flatnonzero((image >= _INK).any(axis=1)), np.flatnonzero((image >= _INK).any(axis=0))
    extent = max((rows[-1] - rows[0] + 1) / height, (columns[-1] - columns[0] + 1) / width)
    y, x = ndimage.center_of_mass(image.astype(np.float64))
    return extent, (y + 0.5) / height, (x + 0.5) / width
