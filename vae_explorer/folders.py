"""Makes folders atomically: a crash, a full disk or a kill leaves no half folder under the final name."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from vae_explorer.files import CannotWrite, lock

_SUFFIX = ".vae.folder.part"  # of a folder that is being made
_LEFT_BEHIND = re.compile(r"\..+\.[a-z0-9_]{8}" + re.escape(_SUFFIX))
_DAY = 86_400  # seconds after which a folder is left behind, on a system without locks


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it gets the name `path` only if the block ends without an error.

    The block writes into a hidden folder beside `path`, and makes no folders in it. Raises `FileExistsError` if `path` exists,
    and `CannotWrite` if the disk or the folder above refuses. Any error removes the hidden folder.
    """
    with hidden_folder(path) as hidden:
        try:
            yield hidden
            for name in [*os.listdir(hidden), os.curdir]:
                _to_disk(hidden / name)
            if path.exists():
                raise FileExistsError(f"there is a {path} already")
            os.rename(hidden, path)
            _to_disk(path.parent)
        except FileExistsError:
            raise
        except OSError as error:
            raise CannotWrite(f"cannot write {path}: {error.strerror or error}; nothing was kept") from error


@contextlib.contextmanager
def hidden_folder(path: Path) -> Iterator[Path]:
    """Give an empty hidden folder beside `path`; the end of the block removes the folder.

    Raises `CannotWrite` if the folder above refuses.
    """
    hidden, handle = _hidden_folder(path)
    try:
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def move_files(source: Path, target: Path) -> None:
    """Move all files below `source` to the same places below `target`, replacing files there. Each is whole at any time.

    Raises `CannotWrite` if the disk refuses; files that were moved stay.
    """
    try:
        for path in [path for path in sorted(source.rglob("*")) if path.is_file()]:
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            _to_disk(path)
            os.replace(path, place)
    except OSError as error:
        raise CannotWrite(f"cannot write into {target}: {error.strerror or error}; check its permissions") from error


def remove_left_behind_folders(parent: Path) -> None:
    """Remove from `parent` the hidden folders of programs that were killed.

    A folder that somebody still fills is locked, and stays.
    """
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in [entry for entry in entries if _LEFT_BEHIND.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):  # gone already, or of another person
                if _is_left_behind(entry):
                    shutil.rmtree(entry.path, ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Remove folder `path`; under its name, no reader sees a half of it. Raises `OSError`."""
    hidden = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=_SUFFIX))
    path.rename(hidden / path.name)
    shutil.rmtree(hidden)


def _hidden_folder(path: Path) -> tuple[Path, int | None]:
    """Make and lock a hidden folder beside `path`; the folder above is made if it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_left_behind_folders(path.parent)
        while True:
            hidden = tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=_SUFFIX)
            handle, _ = _locked(hidden)
            if os.path.exists(hidden):  # else another program took it for a folder that was left behind
                os.chmod(hidden, stat.S_IMODE(path.parent.stat().st_mode))
                return Path(hidden), handle
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror or error}; choose another folder with --data-dir") from error


def _locked(folder: str) -> tuple[int | None, bool | None]:
    """Open and lock `folder`; return the handle, and whether the lock was free.

    Both are None on a system that cannot open folders.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows
        return None, None
    return handle, lock(handle)


def _is_left_behind(entry: os.DirEntry[str]) -> bool:
    handle, free = _locked(entry.path)
    if handle is not None:
        os.close(handle)
    return time.time() - entry.stat().st_mtime > _DAY if free is None else free


def _to_disk(path: Path) -> None:
    """Wait until a file or folder lies on the disk. A system that cannot open folders is not asked for them."""
    try:
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
