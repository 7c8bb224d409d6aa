"""CelebA as its publishers lay it out: aligned pictures, 40 attributes, and a split. torchvision checks and reads the files.

Validation images are training images.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vae_explorer.codes import Split
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.found import Found, digest_of_files
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.files import FILE, of_paths
from vae_explorer.errors import UserError
from vae_explorer.runtime.loading_torch import load_torch

KIND = "celeba"
_PICTURES, _ATTRIBUTES, _SPLITS = "img_align_celeba", "list_attr_celeba.txt", "list_eval_partition.txt"
_TEST = "2"  # in the file of splits
_ABSENT_OR_THERE = ("no", "yes")


def matches(path: Path) -> bool:
    return (path / _ATTRIBUTES).is_file() and (path / _PICTURES).is_dir()


def find(path: Path, reading: Reading) -> Found:
    """Find the pictures of CelebA in folder `path`. Raises `UserError` if a file is missing or damaged."""
    held, tests = _held(path)
    paths = [str(path / _PICTURES / name) for name in held.filename]
    files, _ = of_paths(path, paths, reading.pages)
    columns = zip((name for name in held.attr_names if name), held.attr.T.tolist(), strict=True)
    labels = {name: [_ABSENT_OR_THERE[value] for value in values] for name, values in columns}
    return Found(
        KIND,
        files,
        digest_of_files(paths),
        labels | {FILE: list(held.filename)},
        dict.fromkeys(labels, ColumnKind.CATEGORICAL) | {FILE: ColumnKind.TEXT},
        splits=[Split.TEST if name in tests else Split.TRAIN for name in held.filename],
    )


def _held(path: Path) -> tuple[Any, set[str]]:
    """Return torchvision's data set of all images, and the names of the test images."""
    load_torch()
    from torchvision.datasets import CelebA

    theirs = type("CelebA", (CelebA,), {"base_folder": path.name})
    try:
        held = theirs(path.parent, split="all", target_type="attr")
        rows = [line.split() for line in (path / _SPLITS).read_text("utf-8").splitlines()]
    except Exception as error:  # torchvision's reader raises whatever the damage leads to
        texts = [name for _, _, name in CelebA.file_list if name.endswith(".txt")]
        raise UserError(
            f"{path} does not hold the files of CelebA whole ({', '.join(texts)} and the folder {_PICTURES}); fetch them again"
        ) from error
    return held, {row[0] for row in rows if row[1:] == [_TEST]}
