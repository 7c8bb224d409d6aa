"""scikit-learn's 1,797 real 8×8 digits: a small data set that needs no download."""

from __future__ import annotations

import numpy as np

from vae_explorer.data.base import Dataset, Fetching, ImageSet
from vae_explorer.runtime.loading_scipy import load_scipy

_TEST_IMAGES = 360
_GREY_LEVELS = 16


def load(fetching: Fetching) -> Dataset:
    """Return 1,437 train and 360 test images, split once, with equal shares of classes.

    Needs no files.
    """
    load_scipy()  # which scikit-learn imports too
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    images = np.rint(bunch.images[..., None] * (255 / _GREY_LEVELS)).astype(np.uint8)
    labels = bunch.target.astype(np.uint8)
    train, test = train_test_split(np.arange(len(labels)), test_size=_TEST_IMAGES, stratify=labels, random_state=0)
    return Dataset(ImageSet(images[train], labels[train]), ImageSet(images[test], labels[test]))
