"""Drawn images, moved and scaled as those of a data set are. numpy and scipy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.runtime.loading_scipy import load_scipy

INK = 32  # grey levels from which a pixel counts as drawn
_LOOKED_AT = 500  # images of a data set
_LEEWAY = 1 / 14  # of a side: a pen's edges are softer than those of the data set, and both were moved by whole pixels
_LIGHT = 127  # grey levels


@dataclass(frozen=True, slots=True)
class Fit:
    """How a data set's images lie in their frame, in pixels from its upper left corner."""

    extent: float  # the longer side of what is drawn
    centre: tuple[float, float]  # its centre of mass, (y, x)


def typical_fit(images: NDArray[np.uint8]) -> Fit:
    """The median over the first images of (n, H, W); MNIST's fill 20 of 28 pixels and have their centre of mass in the middle.

    The centre is rounded to half a pixel: images that were moved by whole pixels have theirs anywhere within one pixel.
    """
    extent, centre = _fits(images)
    if not len(extent):
        height, width = images.shape[1:]
        return Fit(float(max(height, width)), (height / 2, width / 2))
    y, x = (np.rint(2 * np.median(centre, axis=0)) / 2).tolist()
    return Fit(float(np.median(extent)), (y, x))


def is_misplaced(image: NDArray[np.uint8], images: NDArray[np.uint8]) -> bool:
    """Whether image (H, W) is larger, smaller or further to a side than any of the first of (n, H, W). Not where either is empty."""
    own, usual = (np.column_stack(_fits(each)) for each in (image[None], images))
    if not len(own) or not len(usual):
        return False
    leeway = _LEEWAY * max(image.shape)
    return bool(((own < usual.min(axis=0) - leeway) | (own > usual.max(axis=0) + leeway)).any())


def is_light(image: NDArray[np.uint8]) -> bool:
    """Whether the border of image (H, W) is lighter than dark: black on white, where data sets are white on black."""
    return float(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).mean()) > _LIGHT


def _fits(images: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Extents (k,) and centres (k, 2) of those of the first images (n, H, W) that are not empty."""
    looked_at = images[:_LOOKED_AT]
    drawn = looked_at[(looked_at >= INK).any(axis=(1, 2))]
    ink = drawn >= INK
    return np.max([_covered(ink.max(axis=other)) for other in (1, 2)], axis=0), _centres(drawn)


def fitted(canvas: NDArray[np.uint8], fit: Fit, step: int = 1) -> NDArray[np.uint8]:
    """What is drawn on canvas (step · H, step · W), scaled to the extent of `fit` and moved by its centre of mass.

    MNIST's rule (LeCun et al. 1998, section III): the box around what is drawn keeps its proportions, and its corner lies on a whole
    pixel of the image, where the centre of mass comes nearest to the one that is wanted. An empty canvas stays as it is.
    """
    load_scipy()
    from scipy.ndimage import affine_transform

    ink = canvas >= INK
    if not ink.any():
        return canvas.copy()
    corner = np.array([ink.max(axis=1).argmax(), ink.max(axis=0).argmax()])
    longest = max(_covered(ink.max(axis=1)[None])[0], _covered(ink.max(axis=0)[None])[0])
    scale = longest / (fit.extent * step)  # of the output's step in the input
    inside = (_centres(canvas[None])[0] - corner) / scale  # of the box, once it is scaled
    start = step * np.rint(np.array(fit.centre) - inside / step)
    # Pixel i covers [i, i + 1): its middle is at i + 0.5.
    offset = corner + scale * (0.5 - start) - 0.5
    moved = affine_transform(canvas.astype(np.float32), np.array([scale, scale]), offset, order=1)
    pixels: NDArray[np.uint8] = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
    return pixels


def _covered(ink: NDArray[np.bool_]) -> NDArray[np.int64]:
    """From the first to the last one that is true, in each row of (n, k)."""
    first, last = ink.argmax(axis=1), ink.shape[1] - ink[:, ::-1].argmax(axis=1)
    lengths: NDArray[np.int64] = last - first
    return lengths


def _centres(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Centres of mass (y, x) of images (n, H, W), (n, 2)."""
    rows, columns = images.sum(axis=2, dtype=np.float64), images.sum(axis=1, dtype=np.float64)
    moments = [line @ (np.arange(line.shape[1]) + 0.5) / line.sum(axis=1) for line in (rows, columns)]
    return np.stack(moments, axis=1)
