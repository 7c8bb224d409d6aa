"""The table of data sets, one line each. Installed packages add to it by the entry point `vae_explorer.datasets`.

A source's module is imported when its images are needed, and the stores of own images when a name is not in the table.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vae_explorer.data.base import DataMissing, Dataset, DatasetSpec, Fetching
from vae_explorer.data.check import MAX_CLASSES, check_dataset
from vae_explorer.data.loaders import call_loader
from vae_explorer.data.own.places import OWN, bare_name
from vae_explorer.errors import UserError
from vae_explorer.foreign import short
from vae_explorer.registry import OpenRegistry

if TYPE_CHECKING:
    from vae_explorer.data.own.store import Store

_DIGITS = tuple("0123456789")
_CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
_LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
_SIGNS = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")  # small letters that differ from their capitals
_KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
_THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_IDX = "vae_explorer.data.idx_sets:"
_VISION = "vae_explorer.data.torchvision_sets:"


def spec_of(value: object) -> DatasetSpec:
    """Return the `DatasetSpec` that an entry point of the group `vae_explorer.datasets` names, or that its function returns.

    Raises `TypeError` on another value, and whatever the function raises.
    """
    spec = value() if callable(value) else value
    if not isinstance(spec, DatasetSpec):
        raise TypeError(f"{type(spec).__name__} is no DatasetSpec")
    words, (train, test) = (spec.title, spec.target, spec.source, *spec.classes), spec.size
    numbers = (train, test, *spec.image_shape)
    if not all(isinstance(each, str) for each in words) or not all(isinstance(number, int) for number in numbers):
        raise TypeError("a field of its DatasetSpec has another type")
    return spec


DATASETS: OpenRegistry[DatasetSpec] = OpenRegistry("data set", "vae_explorer.datasets", spec_of)
DATASETS.register(
    "digits",
    DatasetSpec("Digits 8×8", "vae_explorer.data.digits:load", (8, 8, 1), _DIGITS, (1437, 360), "comes with scikit-learn"),
)
DATASETS.register("mnist", DatasetSpec("MNIST", _IDX + "load_mnist", (28, 28, 1), _DIGITS, (60000, 10000), "download, 12 MB"))
DATASETS.register(
    "fashion-mnist",
    DatasetSpec("Fashion-MNIST", _IDX + "load_fashion_mnist", (28, 28, 1), _CLOTHES, (60000, 10000), "download, 31 MB"),
)

DATASETS.register(
    "sprites",
    DatasetSpec(
        "Sprites 32×32 in colour",
        "vae_explorer.data.sprites:load",
        (32, 32, 3),
        ("ellipse", "square", "triangle"),
        (18000, 2000),
        "drawn by the program",
    ),
)
DATASETS.register(
    "emoji",
    DatasetSpec(
        "Emoji 64×64 in colour",
        "vae_explorer.data.emoji:load",
        (64, 64, 3),
        (
            "Smileys & Emotion",
            "People & Body",
            "Animals & Nature",
            "Food & Drink",
            "Travel & Places",
            "Activities",
            "Objects",
            "Symbols",
            "Flags",
        ),
        (2924, 731),
        "drawn by the font Noto Color Emoji",
    ),
)
DATASETS.register(
    "robots",
    DatasetSpec(
        "Robots 64×64 in colour",
        "vae_explorer.data.robots:load",
        (64, 64, 3),
        ("bald", "eyepatch", "hat", "hijab", "long hair", "short hair", "turban", "winter hat"),
        (10000, 2000),
        "put together from parts of robohash (extra: robots)",
    ),
)

DATASETS.register(
    "kmnist", DatasetSpec("KMNIST", _VISION + "load_kmnist", (28, 28, 1), _KANA, (60000, 10000), "download, 21 MB")
)
DATASETS.register(
    "emnist-balanced",
    DatasetSpec("EMNIST, balanced", _VISION + "load_emnist_balanced", (28, 28, 1), _SIGNS, (112800, 18800), "download, 562 MB"),
)
DATASETS.register(
    "emnist-letters",
    DatasetSpec("EMNIST, letters", _VISION + "load_emnist_letters", (28, 28, 1), _LETTERS, (124800, 20800), "download, 562 MB"),
)
DATASETS.register(
    "qmnist", DatasetSpec("QMNIST", _VISION + "load_qmnist", (28, 28, 1), _DIGITS, (60000, 60000), "download, 21 MB")
)
DATASETS.register(
    "usps", DatasetSpec("USPS 16×16", _VISION + "load_usps", (16, 16, 1), _DIGITS, (7291, 2007), "download, 8 MB")
)
DATASETS.register(
    "svhn", DatasetSpec("SVHN 32×32 in colour", _VISION + "load_svhn", (32, 32, 3), _DIGITS, (73257, 26032), "download, 246 MB")
)
DATASETS.register(
    "cifar-10",
    DatasetSpec(
        "CIFAR-10 32×32 in colour", _VISION + "load_cifar_10", (32, 32, 3), _THINGS, (50000, 10000), "download, 170 MB"
    ),
)
DATASETS.register(
    "celeba",
    DatasetSpec(
        "CelebA 64×64 in colour", "vae_explorer.data.celeba:load", (64, 64, 3), (), (182637, 19962), "read once from its files"
    ),
)


def find_dataset(name: str, root: Path) -> DatasetSpec:
    """Return the data set `name` of the table, or of a person's own images below data folder `root`.

    The name of own images is that of `own_name`. Raises `DataMissing` that lists all names.
    """
    store = _find_own(name, root)
    if store is not None:
        return _own_spec(store)
    if name not in DATASETS:
        raise DataMissing(f"unknown data set {short(name)!r}; known: {', '.join(sorted(all_datasets(root)))}")
    return DATASETS[name]


def _find_own(name: str, root: Path) -> Store | None:
    if name in DATASETS:
        return None
    from vae_explorer.data.own.store import find_store

    return find_store(root, bare_name(name))


def own_name(store: Store) -> str:
    """Return the name of the data set of own images: own/NAME where a data set of the table has the name of the store."""
    return OWN + store.name if store.name in DATASETS and not store.is_of_program else store.name


def _own_spec(store: Store) -> DatasetSpec:
    spec, name = store.spec, own_name(store)
    hint = "" if name == store.name else f"; {store.name} is the name of another data set"
    return replace(spec, title=name, source=spec.source + hint)


def all_datasets(root: Path) -> dict[str, DatasetSpec]:
    """Return the data sets of the table, then a person's own below data folder `root`."""
    return {name: DATASETS[name] for name in DATASETS} | own_datasets(root)


def own_datasets(root: Path) -> dict[str, DatasetSpec]:
    """Return a person's own data sets below data folder `root`."""
    from vae_explorer.data.own.store import stores

    return {own_name(store): _own_spec(store) for store in stores(root) if own_name(store) not in DATASETS}


def load_dataset(name: str, fetching: Fetching) -> Dataset:
    """Load and check data set `name`, downloading it if `fetching` allows. A person's own images are opened, not read.

    Raises `UserError` on a failing loader, a damaged file, no network, or data that `check_dataset` refuses. Its subclasses are
    `DataMissing`, also on an unknown name, and `Cancelled`.
    """
    store = _find_own(name, fetching.root)
    if store is not None:
        return store.dataset()
    spec = find_dataset(name, fetching.root)
    if not all(isinstance(each, str) and each for each in spec.classes):
        raise UserError(f"{name} has a class name that is no word. Name each class, or none for images without classes.")
    if len(spec.classes) > MAX_CLASSES:
        raise UserError(f"{name} names {len(spec.classes):,} classes. Name at most {MAX_CLASSES:,}.")
    return check_dataset(name, call_loader(name, spec.target, fetching), spec.image_shape, max(len(spec.classes), 1))
