"""Limits of other programs' files, checked before anything is read."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

from vae_explorer.errors import UserError
from vae_explorer.files import kind_of
from vae_explorer.limits import LIMITS

_MOST_ENTRIES = 1 << 16  # of an archive


def check_file(path: Path) -> None:
    """Raise `UserError` if `path` is no file, or beyond a limit, or an archive that unpacks to more."""
    try:
        mode, size = path.stat().st_mode, path.stat().st_size
        if not stat.S_ISREG(mode):
            raise UserError(f"{path} is {kind_of(mode)} and no model")
        if not os.access(path, os.R_OK):
            raise UserError(f"cannot read {path}: permission denied")
    except FileNotFoundError:
        raise UserError(f"there is no file {path}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from error
    LIMITS["file"].check(size, f"{path} cannot be opened:")
    if not size:
        raise UserError(f"{path} is empty")
    if is_archive(path):
        entries_of(path)


def is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def entries_of(path: Path) -> dict[str, int]:
    """Return the sizes of an archive's entries by name. Raises `UserError` on a damaged archive, and beyond a limit."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UserError(f"{path} is damaged: {error}; fetch or save it again") from error
    if len(entries) > _MOST_ENTRIES:
        raise UserError(f"{path} cannot be opened: it holds {len(entries):,} entries, at most {_MOST_ENTRIES:,}")
    LIMITS["file"].check(sum(entry.file_size for entry in entries), f"{path} cannot be opened: unpacked")
    return {entry.filename: entry.file_size for entry in entries}
