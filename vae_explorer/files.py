"""Writes files atomically: a crash or a full disk leaves the old file whole."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from vae_explorer.errors import UserError

# Windows has no such module, and lets nobody remove a file that another program writes.
_FCNTL: Any = importlib.import_module("fcntl") if os.name == "posix" else None
_SUFFIX = ".vae.part"  # of a file that is being written
_LEFT_BEHIND = re.compile(r"\..+\.[a-z0-9_]{8}" + re.escape(_SUFFIX))

# Reading the umask means setting it, which affects other threads. So it is read once, on import, before threads start.
_UMASK = os.umask(0o022)
os.umask(_UMASK)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class CannotWrite(UserError):
    """The folder or the disk refuses a file. The message names file, reason and way out."""


def kind_of(mode: int) -> str:
    """Name the kind of a path that is no plain file, by its `st_mode`."""
    return _KINDS.get(stat.S_IFMT(mode), "no plain file")


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise `CannotWrite` if `path` cannot be written. Call it before long work.

    The check makes and removes a file, since a folder's rights do not tell (read-only disk, root).
    """
    target, _ = _target(path)
    remove_left_behind(target.parent)
    handle, name = _temporary(Path(path), target)
    os.close(handle)
    _remove(name)


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str], new: bool = False) -> Iterator[BinaryIO]:
    """Give a file to write; it replaces `path` only if the block ends without an error.

    The bytes go to a temporary file in the same folder, then to the disk; `os.replace` names the file. A symbolic link stays,
    and its target is replaced. An old file's rights stay. With `new`, nothing is replaced: raises `FileExistsError` if `path`
    exists at the end. Raises `CannotWrite` if the target, its folder or the disk refuses.
    """
    target, before = (Path(path), None) if new else _target(path)
    remove_left_behind(target.parent)
    handle, name = _temporary(Path(path), target)
    try:
        with _locked_to_the_end(handle):
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _take_rights(name, before)
            if new:
                _put_new(name, target)
            else:
                os.replace(name, target)
    except FileExistsError:
        raise
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror or error}; nothing was changed") from error
    finally:
        _remove(name)


def _target(path: str | os.PathLike[str]) -> tuple[Path, os.stat_result | None]:
    """Return the file that a write to `path` replaces, and its status.

    Raises `CannotWrite` if it is no plain file.
    """
    try:
        there = os.stat(path)
    except FileNotFoundError:
        there = None
    except (OSError, ValueError) as error:  # the name is too long, links to itself, or lies in a locked folder
        raise CannotWrite(f"cannot write {path}: {_reason(error)}; choose another name") from error
    if there is not None and not stat.S_ISREG(there.st_mode):
        raise CannotWrite(f"cannot write {path}: it is {kind_of(there.st_mode)}; name a file")
    if there is not None and not os.access(path, os.W_OK):
        raise CannotWrite(f"cannot write {path}: the file is read-only; choose another name")
    return Path(os.path.realpath(path)) if os.path.islink(path) else Path(path), there


def _temporary(path: Path, target: Path) -> tuple[int, str]:
    """Open a hidden empty file beside `target`. Raises `CannotWrite` naming `path`."""
    if not os.path.isdir(target.parent):
        raise CannotWrite(f"cannot write {path}: the folder {target.parent} does not exist; create it first")
    try:
        while True:
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=_SUFFIX)
            if lock(handle) is not False and os.path.exists(name):
                return handle, name
            os.close(handle)  # another program took it for one that was left behind
            _remove(name)
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}; choose another folder") from error


def remove_left_behind(folder: Path) -> None:
    """Remove from `folder` the hidden files of writers that were killed.

    A file that somebody still writes is locked, and stays.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.path for entry in entries if _LEFT_BEHIND.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):  # gone already, or of another person
                _remove_unlocked(name)


def _remove_unlocked(name: str) -> None:
    if _FCNTL is None:
        os.unlink(name)
        return
    handle = os.open(name, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        if lock(handle):
            os.unlink(name)
    finally:
        os.close(handle)


def lock(handle: int) -> bool | None:
    """Lock an open file until it is closed, and return whether that succeeded.

    False: another program has locked the file. None: the system has no locks.
    """
    if _FCNTL is None:
        return None
    try:
        _FCNTL.flock(handle, _FCNTL.LOCK_EX | _FCNTL.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@contextlib.contextmanager
def _locked_to_the_end(handle: int) -> Iterator[None]:
    """Keep the lock of a file that the block closes: another writer removes an unlocked file before it has its name."""
    if _FCNTL is None:  # Windows renames no open file
        yield
        return
    try:
        second = os.dup(handle)
    except OSError:
        os.close(handle)
        raise
    try:
        yield
    finally:
        os.close(second)


def _take_rights(name: str, before: os.stat_result | None) -> None:
    """Give a temporary file the owner and mode of the replaced file, or of any new file."""
    if before is not None and hasattr(os, "chown"):
        with contextlib.suppress(OSError):  # only root may give a file away
            os.chown(name, before.st_uid, before.st_gid)
    with contextlib.suppress(OSError):  # a file system without rights
        os.chmod(name, 0o666 & ~_UMASK if before is None else stat.S_IMODE(before.st_mode))


def _put_new(name: str, target: Path) -> None:
    """Name a temporary file `target`.

    Raises `FileExistsError` even if `target` appears at this moment.
    """
    try:
        os.link(name, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            os.replace(name, target)
        except OSError:
            _remove(str(target))
            raise


def _remove(name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(name)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
