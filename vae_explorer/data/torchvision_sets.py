"""Data sets that torchvision's classes read, each from the files where torchvision itself looks for them.

Pixels, labels and class names are those of torchvision, but EMNIST is turned upright, and labels begin at 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import DataMissing, Dataset, Fetching, ImageSet
from vae_explorer.data.torchvision_download import download
from vae_explorer.errors import UserError
from vae_explorer.runtime.loading_scipy import load_scipy
from vae_explorer.runtime.loading_torch import load_torch

_NOT_FOUND = "Dataset not found"  # how torchvision's errors begin where files are missing, or have another MD5


@dataclass(frozen=True, slots=True)
class TorchvisionSet:
    """A class of `torchvision.datasets`, and its arguments for training and test images. Calling it loads the images."""

    kind: str
    train: Mapping[str, Any]
    test: Mapping[str, Any]
    on_its_side: bool = False  # whether rows and columns are swapped
    first_label: int = 0

    def __call__(self, fetching: Fetching) -> Dataset:
        """Return the images, downloading them if necessary.

        Raises `DataMissing` if downloading was not asked for, and `UserError` if the files are damaged or the download fails.
        """
        try:
            return self._dataset(fetching)
        except DataMissing:
            if not fetching.download:
                raise
        download(self.kind, (self.train, self.test), fetching)
        return self._dataset(fetching)

    def _dataset(self, fetching: Fetching) -> Dataset:
        return Dataset(*(self._image_set(fetching, arguments) for arguments in (self.train, self.test)))

    def _image_set(self, fetching: Fetching, arguments: Mapping[str, Any]) -> ImageSet:
        load_torch()
        load_scipy()  # which torchvision imports for SVHN
        from torchvision import datasets

        missing = DataMissing(
            f"{fetching.root} does not hold whole files of {self.kind}; get the data with Data ▸ Download images"
        )
        try:
            held = getattr(datasets, self.kind)(fetching.root, **arguments)
            images, labels = _arrays(held)
            if labels.shape != images.shape[:1]:
                raise ValueError(f"{len(images):,} images for {len(labels):,} labels")
        except FileNotFoundError:
            raise missing from None
        except Exception as error:  # torchvision's readers raise whatever the damage leads to
            if str(error).startswith(_NOT_FOUND):
                raise missing from None
            why = " ".join(str(error).split()) or type(error).__name__
            raise UserError(
                f"the files of {self.kind} in {fetching.root} are damaged ({why}); delete them and start again"
            ) from error
        images = images.swapaxes(1, 2) if self.on_its_side else images
        return ImageSet(np.ascontiguousarray(images), (labels - self.first_label).astype(np.uint8))


def _arrays(held: Any) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return images (n, H, W, C) and labels (n,) of one of torchvision's data sets."""
    images = np.asarray(held.data)
    if images.ndim == 3:
        images = images[..., None]
    elif images.shape[-1] != 3:  # SVHN has (n, 3, H, W)
        images = np.moveaxis(images, 1, -1)
    labels = np.asarray(held.labels if hasattr(held, "labels") else held.targets, np.int64)
    return images, labels[:, 0] if labels.ndim == 2 else labels  # QMNIST has 8 facts of each image, the class first


def _by_train(kind: str, on_its_side: bool = False, first_label: int = 0, **more: Any) -> TorchvisionSet:
    return TorchvisionSet(kind, {"train": True, **more}, {"train": False, **more}, on_its_side, first_label)


load_kmnist = _by_train("KMNIST")
load_emnist_balanced = _by_train("EMNIST", on_its_side=True, split="balanced")
load_emnist_letters = _by_train("EMNIST", on_its_side=True, first_label=1, split="letters")
load_qmnist = _by_train("QMNIST")
load_usps = _by_train("USPS")
load_svhn = TorchvisionSet("SVHN", {"split": "train"}, {"split": "test"})
load_cifar_10 = _by_train("CIFAR10")
