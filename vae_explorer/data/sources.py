"""The table of data sets: one line each. A source's module is imported when its images are wanted."""

from __future__ import annotations

from vae_explorer.data.base import Dataset, DatasetSpec, Fetching
from vae_explorer.registry import Registry, resolve

_DIGITS = tuple("0123456789")
_CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
_IDX = "vae_explorer.data.idx_sets:"

DATASETS: Registry[DatasetSpec] = Registry("data set")
DATASETS.register(
    "digits",
    DatasetSpec("Digits 8×8", "vae_explorer.data.digits:load", (8, 8), _DIGITS, (1437, 360), "comes with scikit-learn"),
)
DATASETS.register("mnist", DatasetSpec("MNIST", _IDX + "load_mnist", (28, 28), _DIGITS, (60000, 10000), "download, 12 MB"))
DATASETS.register(
    "fashion-mnist",
    DatasetSpec("Fashion-MNIST", _IDX + "load_fashion_mnist", (28, 28), _CLOTHES, (60000, 10000), "download, 31 MB"),
)


def load_dataset(name: str, fetching: Fetching) -> Dataset:
    """The images of data set `name`, downloaded where `fetching` allows it.

    Raises `UserError` on an unknown name, a damaged file or no network; `DataMissing` and `Cancelled` are its subclasses.
    """
    dataset: Dataset = resolve(DATASETS[name].target)(fetching)
    return dataset
