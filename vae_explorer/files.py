"""Writing files so that a crash or a full disk never leaves half of one, nor destroys the one that was there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from vae_explorer.errors import UserError

# There is no way to read the umask but to set it, which other threads would feel: done once, when there are none.
_UMASK = os.umask(0o022)
os.umask(_UMASK)


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write; it takes `path`'s place only when the block ends without an error.

    Temporary file in the same folder, flushed to the disk, then `os.replace`.
    Raises `UserError` where the folder is missing or the disk refuses.
    """
    target = Path(path)
    if os.path.isdir(target):  # unlike Path.is_dir it does not raise on a name that is too long
        raise UserError(f"cannot write {target}: it is a folder; name a file")
    if not os.path.isdir(target.parent):
        raise UserError(f"cannot write {target}: the folder {target.parent} does not exist; create it first")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".part")
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror}; choose another folder") from error
    done = False
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_UMASK)
        os.replace(name, target)
        done = True
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror or error}; nothing was changed") from error
    finally:
        if not done:
            with contextlib.suppress(OSError):
                os.unlink(name)
