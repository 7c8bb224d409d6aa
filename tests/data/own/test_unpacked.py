"""Archives that previews unpack once."""

from __future__ import annotations

import gzip
import os
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.own.made import grey
from vae_explorer.data.base import Cancelled
from vae_explorer.data.own.preview import preview
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.unpacked import Unpacked

IMAGES = np.stack([grey(number, 8, 8) for number in range(5)])


def as_npz(path: Path, images: NDArray[np.uint8]) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, images=images, test_images=images[:2])


def as_idx(path: Path, images: NDArray[np.uint8]) -> None:
    path.write_bytes(gzip.compress(struct.pack(">BBBB3I", 0, 0, 8, 3, *images.shape) + images.tobytes()))


Write = Callable[[Path, NDArray[np.uint8]], None]
KINDS: dict[str, tuple[str, Write]] = {"npz": ("cells.npz", as_npz), "gz": ("cells-idx3-ubyte.gz", as_idx)}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def files_in(folder: Path) -> list[tuple[str, int, int]]:
    """Return path, number and time of each file below `folder`."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted((str(path), path.stat().st_ino, path.stat().st_mtime_ns) for path in files)


@pytest.mark.parametrize("kind", KINDS)
def test_that_previews_of_a_file_unpack_it_once(kind: str, tmp_path: Path, temporary: Path) -> None:
    name, write = KINDS[kind]
    write(tmp_path / name, IMAGES)
    kept = Unpacked()
    shown = preview(tmp_path / name, Reading(), unpacked=kept)
    np.testing.assert_array_equal(shown.images[:5, ..., 0], IMAGES)
    before = files_in(temporary)
    assert before
    inverted = preview(tmp_path / name, Reading(invert=True), unpacked=kept)
    np.testing.assert_array_equal(inverted.images, 255 - shown.images)
    assert files_in(temporary) == before
    del kept
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_file_that_has_changed_is_unpacked_again(kind: str, tmp_path: Path, temporary: Path) -> None:
    name, write = KINDS[kind]
    write(tmp_path / name, IMAGES)
    kept = Unpacked()
    preview(tmp_path / name, Reading(), unpacked=kept)
    write(tmp_path / name, 255 - IMAGES)
    os.utime(tmp_path / name, ns=(1, 1))  # a disk may round times
    changed = preview(tmp_path / name, Reading(), unpacked=kept)
    np.testing.assert_array_equal(changed.images[:5, ..., 0], 255 - IMAGES)


def test_that_only_the_newest_source_is_kept(tmp_path: Path, temporary: Path) -> None:
    kept = Unpacked()
    for name in ("one-idx3.gz", "two-idx3.gz"):
        as_idx(tmp_path / name, IMAGES)
        preview(tmp_path / name, Reading(), unpacked=kept)
        assert len(files_in(temporary)) == 1


def test_that_a_large_archive_is_not_kept(tmp_path: Path, temporary: Path) -> None:
    as_idx(tmp_path / "cells-idx3.gz", IMAGES)
    kept = Unpacked(most=IMAGES.size - 1)
    assert preview(tmp_path / "cells-idx3.gz", Reading(), unpacked=kept).found == 5
    assert files_in(temporary) == []


def test_that_an_unpacking_that_was_stopped_is_done_again(tmp_path: Path, temporary: Path) -> None:
    as_idx(tmp_path / "cells-idx3.gz", IMAGES)
    kept = Unpacked()
    with pytest.raises(Cancelled):
        preview(tmp_path / "cells-idx3.gz", Reading(), lambda: True, kept)
    shown = preview(tmp_path / "cells-idx3.gz", Reading(), unpacked=kept)
    np.testing.assert_array_equal(shown.images[..., 0], IMAGES)
