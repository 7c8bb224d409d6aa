"""A data set: `DatasetSpec` in the table, `Dataset` in memory.

Knows neither torch nor torchvision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Labels
from vae_explorer.data.columns import Columns
from vae_explorer.errors import UserError
from vae_explorer.shapes import ImageShape, image_shape

Progress = Callable[[str, int, int], None]  # (file, bytes done, bytes in all; 0 where unknown)
ShouldStop = Callable[[], bool]


class Cancelled(UserError):
    """The person stopped a download or a training."""


class DataMissing(UserError):
    """The images are not on this machine, and downloading was not asked for or has no place to go to."""


def no_progress(name: str, done: int, total: int) -> None:
    """Ignore a progress report."""


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ImageSet:
    """Images and their classes. A `numpy.memmap` may hold more images than memory."""

    images: NDArray[np.uint8]  # (n, H, W, C); grey images have C = 1
    labels: Labels  # (n,)

    def __len__(self) -> int:
        return len(self.labels)

    def only(self, rows: NDArray[np.int64]) -> ImageSet:
        """Copy the images of `rows`."""
        return ImageSet(self.images[rows], self.labels[rows])


@dataclass(frozen=True, slots=True)
class Dataset:
    train: ImageSet
    test: ImageSet
    columns: Columns = field(default_factory=Columns, kw_only=True)  # rows of training images, then of test images
    channels: tuple[str, ...] = field(default=(), kw_only=True)  # their names; () for channels without names

    def split(self, index: int) -> ImageSet:
        """Return the split numbered as in `codes.TRAIN` and `codes.TEST`."""
        return (self.train, self.test)[index]

    def parts(self) -> dict[int, tuple[NDArray[np.uint8], Labels]]:
        """Return split number -> images (n, H, W, C) and labels (n,)."""
        return {index: (part.images, part.labels) for index, part in enumerate((self.train, self.test))}


@dataclass(frozen=True, slots=True)
class Fetching:
    """Whether and how a source may fetch its files."""

    root: Path
    download: bool = True  # False: a missing file raises `DataMissing`
    progress: Progress = no_progress
    should_stop: ShouldStop = never


Load = Callable[[Fetching], Dataset]


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """One line of the table of data sets. `target` is 'module:name' of a `Load`, empty for a person's own images.

    An `image_shape` of two numbers means grey images.
    """

    title: str
    target: str
    image_shape: ImageShape
    classes: tuple[str, ...]  # their names; () for images without classes, whose labels are 0
    size: tuple[int, int]  # numbers of train and test images
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "image_shape", image_shape(self.image_shape))
