"""The table of data sets, one line each.

A source's module is imported when its images are needed, and the stores of own images when a name is not in the table.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from vae_explorer.data.base import Dataset, DatasetSpec, Fetching, ImageSet
from vae_explorer.data.check import MAX_CLASSES, check_dataset
from vae_explorer.errors import UserError
from vae_explorer.foreign import short
from vae_explorer.registry import Registry, resolve

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
_LONGEST = 200  # characters of a loader's own message

DATASETS: Registry[DatasetSpec] = Registry("data set")
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

    Raises `UserError` that lists all names.
    """
    store = _find_own(name, root)
    if store is not None:
        return store.spec
    if name not in DATASETS:
        raise UserError(f"unknown data set {short(name)!r}; known: {', '.join(sorted(all_datasets(root)))}")
    return DATASETS[name]


def _find_own(name: str, root: Path) -> Store | None:
    if name in DATASETS:
        return None
    from vae_explorer.data.own.store import find_store

    return find_store(root, name)


def all_datasets(root: Path) -> dict[str, DatasetSpec]:
    """Return the data sets of the table, then a person's own below data folder `root`."""
    from vae_explorer.data.own.store import stores

    own = {store.name: store.spec for store in stores(root) if store.name not in DATASETS}
    return {name: DATASETS[name] for name in DATASETS} | own


def load_dataset(name: str, fetching: Fetching) -> Dataset:
    """Load and check data set `name`, downloading it if `fetching` allows. A person's own images are opened, not read.

    Raises `UserError` on an unknown name, a failing loader, a damaged file, no network, or data that `check_dataset` refuses.
    `DataMissing` and `Cancelled` are its subclasses.
    """
    store = _find_own(name, fetching.root)
    if store is not None:
        return store.dataset()
    spec = find_dataset(name, fetching.root)
    if not all(isinstance(each, str) and each for each in spec.classes):
        raise UserError(f"{name} has a class name that is no word. Name each class, or none for images without classes.")
    if len(spec.classes) > MAX_CLASSES:
        raise UserError(f"{name} names {len(spec.classes):,} classes. Name at most {MAX_CLASSES:,}.")
    return check_dataset(name, _loaded(name, spec.target, fetching), spec.image_shape, max(len(spec.classes), 1))


def _loaded(name: str, target: str, fetching: Fetching) -> Dataset:
    """Call the loader at `target`. Any exception becomes one line that names the data set."""
    try:
        dataset = resolve(target)(fetching)
    except UserError:
        raise
    except Exception as error:  # another person may have written the loader
        raise UserError(f"the loader of {name} failed{_place(error, target)}: {_reason(error)}") from error
    if not (isinstance(dataset, Dataset) and isinstance(dataset.train, ImageSet) and isinstance(dataset.test, ImageSet)):
        raise UserError(
            f"the loader of {name}, {target}, returns no Dataset of two ImageSets; make the loader return a Dataset"
        )
    return dataset


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"there is no {error.filename}; put the file there"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the module {error.name} is not installed; install the module"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:_LONGEST]}"


def _place(error: Exception, target: str) -> str:
    """Return, in brackets, the loader's own last line in the traceback; "" without such a line."""
    file = target.partition(":")[0].rpartition(".")[2] + ".py"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file]
    return f" ({file}, line {lines[-1]})" if lines else ""
