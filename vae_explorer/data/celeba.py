"""CelebA at 64×64 pixels: prepared once from the files in folder `celeba` of the data folder, and mapped from then on.

Only other processes read the pictures.

The 40 attributes are columns. There is no class.
"""

from __future__ import annotations

from vae_explorer.data.base import DataMissing, Dataset, Fetching
from vae_explorer.data.own.prepare import prepare
from vae_explorer.data.own.reading import Colour, Reading
from vae_explorer.data.own.sources import celeba
from vae_explorer.data.own.store import Store, find_store
from vae_explorer.errors import UserError
from vae_explorer.kinds import Fit

NAME = "celeba"  # of the folder of files, and of the store
_SIDE, _PIXELS = 64, 64 * 64 * 3
_READING = Reading(size=(_SIDE, _SIDE), fit=Fit.CROP, colour=Colour.COLOUR, class_column="none")


def load(fetching: Fetching) -> Dataset:
    """Return the images (n, 64, 64, 3), mapped from their store, which is made now if `fetching` allows.

    Raises `DataMissing` without the files, `UserError` if they are damaged, `CannotWrite`, and `Cancelled`.
    """
    store = find_store(fetching.root, NAME)
    if store is None:
        store = _prepared(fetching)
    elif store.manifest.source.kind != celeba.KIND:
        raise UserError(
            f"{store.folder} holds other images; remove them with 'data remove {NAME}', and add them by another name"
        )
    return store.dataset()


def _prepared(fetching: Fetching) -> Store:
    source = fetching.root / NAME
    if not celeba.matches(source):
        raise DataMissing(
            f"{source} does not hold CelebA; get its text files and the unpacked folder img_align_celeba "
            "from https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
        )
    if not fetching.download:
        raise DataMissing(f"the pictures in {source} are not read yet; read them with Data ▸ Download images")

    def report(_: str, done: int, total: int) -> None:
        fetching.progress("CelebA", done * _PIXELS, total * _PIXELS)

    found = celeba.find(source, _READING)
    return prepare(found, _READING, str(source), NAME, fetching.root, report, fetching.should_stop, apart=True)
