"""Moves and scales drawn images as a data set's images are. numpy and scipy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.runtime.loading_scipy import load_scipy

INK = 32  # least grey level of a drawn pixel
_LOOKED_AT = 500  # images of a data set that are measured
_LEEWAY = 1 / 14  # share of a side: a pen has softer edges than the data set, and both images were moved by whole pixels
_LIGHT = 127  # grey level of a light border


@dataclass(frozen=True, slots=True)
class Fit:
    """How a data set's images lie in their frame, in pixels from the upper left corner."""

    extent: float  # longer side of the drawn box
    centre: tuple[float, float]  # centre of mass, (y, x)


def typical_fit(images: NDArray[np.uint8]) -> Fit:
    """Return the median fit of the first images of (n, H, W, C).

    In MNIST the drawn box has 20 of 28 pixels, and the centre of mass lies in the middle. The centre is rounded to half a
    pixel, since images moved by whole pixels have centres anywhere within a pixel.
    """
    extent, centre = _fits(images)
    if not len(extent):
        height, width = images.shape[1:3]
        return Fit(float(max(height, width)), (height / 2, width / 2))
    y, x = (np.rint(2 * np.median(centre, axis=0)) / 2).tolist()
    return Fit(float(np.median(extent)), (y, x))


def is_misplaced(image: NDArray[np.uint8], images: NDArray[np.uint8]) -> bool:
    """Tell whether image (H, W, C) is larger, smaller or more off-centre than all (n, H, W, C).

    False if the image or the data set is empty.
    """
    own, usual = (np.column_stack(_fits(each)) for each in (image[None], images))
    if not len(own) or not len(usual):
        return False
    leeway = _LEEWAY * max(image.shape[:2])
    return bool(((own < usual.min(axis=0) - leeway) | (own > usual.max(axis=0) + leeway)).any())


def is_light(image: NDArray[np.uint8]) -> bool:
    """Tell whether the border of image (H, W, C) is light, as in black on white."""
    return float(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).mean()) > _LIGHT


def _fits(images: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return extents (k,) and centres (k, 2) of the first images that are not empty."""
    looked_at = _brightest(images[:_LOOKED_AT])
    drawn = looked_at[(looked_at >= INK).any(axis=(1, 2))]
    ink = drawn >= INK
    return np.max([_covered(ink.max(axis=other)) for other in (1, 2)], axis=0), _centres(drawn)


def fitted(canvas: NDArray[np.uint8], fit: Fit, step: int = 1) -> NDArray[np.uint8]:
    """Scale and centre the drawing on canvas (step · H, step · W, C) as `fit` says.

    The rule is MNIST's (LeCun et al. 1998, section III): the box keeps its proportions, and its corner lies on a whole pixel.
    An empty canvas stays empty.
    """
    load_scipy()
    from scipy.ndimage import affine_transform

    grey = _brightest(canvas)
    ink = grey >= INK
    if not ink.any():
        return canvas.copy()
    corner = np.array([ink.max(axis=1).argmax(), ink.max(axis=0).argmax()])
    longest = max(_covered(ink.max(axis=1)[None])[0], _covered(ink.max(axis=0)[None])[0])
    scale = longest / (fit.extent * step)  # input pixels per output pixel
    inside = (_centres(grey[None])[0] - corner) / scale  # centre of mass in the scaled box
    start = step * np.rint(np.array(fit.centre) - inside / step)
    # Pixel i covers [i, i + 1), with its middle at i + 0.5.
    offset = corner + scale * (0.5 - start) - 0.5
    planes = np.moveaxis(canvas.astype(np.float32), 2, 0)
    moved = np.stack([affine_transform(plane, np.diag([scale, scale]), offset, order=1) for plane in planes], axis=2)
    pixels: NDArray[np.uint8] = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
    return pixels


def _brightest(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the brightest channel of each pixel, (..., C) -> (...)."""
    pixels: NDArray[np.uint8] = images.max(axis=-1)
    return pixels


def _covered(ink: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the length from the first to the last true value, in each row of (n, k)."""
    first, last = ink.argmax(axis=1), ink.shape[1] - ink[:, ::-1].argmax(axis=1)
    lengths: NDArray[np.int64] = last - first
    return lengths


def _centres(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the centres of mass (y, x) of images (n, H, W), (n, 2)."""
    rows, columns = images.sum(axis=2, dtype=np.float64), images.sum(axis=1, dtype=np.float64)
    moments = [line @ (np.arange(line.shape[1]) + 0.5) / line.sum(axis=1) for line in (rows, columns)]
    return np.stack(moments, axis=1)
