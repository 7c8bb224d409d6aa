"""Lets torchvision download a data set in a child process, beside the data folder's own files, and moves whole sets alone.

torchvision's own download cannot be cancelled, and leaves half files where it ends early.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.errors import UserError
from vae_explorer.folders import hidden_folder, move_files
from vae_explorer.frames import read_frame, write_frame
from vae_explorer.locations import PACKAGE

# `-c` puts the working folder first in sys.path, and a random.py there would hide the standard module.
# The folder of this package may be missing from sys.path.
CHILD = (
    "import sys; sys.path[0:1] = []; sys.path.append(sys.argv[1]); from vae_explorer.data.torchvision_child import main; main()"
)
_LOOK = 0.1  # seconds between two looks at `should_stop`


def download(kind: str, parts: Sequence[Mapping[str, Any]], fetching: Fetching) -> None:
    """Fetch the files of `torchvision.datasets`' class `kind`, called with the arguments of each of `parts`.

    The files get their names once torchvision has checked and read all of them. Raises `Cancelled`, `CannotWrite`, and
    `UserError` without a network.
    """
    try:
        with hidden_folder(fetching.root / kind) as folder:
            with contextlib.closing(_answers(kind, parts, folder, fetching)) as answers:
                reason = next(answers)
            if not reason:
                move_files(folder, fetching.root)
                return
    except OSError as error:
        reason = error.strerror or str(error)
    raise UserError(
        f"cannot download {kind} ({reason}); check the network, or put torchvision's files into {fetching.root}, "
        "or train on 'digits', which needs no download"
    )


def _answers(kind: str, parts: Sequence[Mapping[str, Any]], folder: Path, fetching: Fetching) -> Generator[str, None, None]:
    """Yield why the download failed, "" if it did not. The child has ended once this generator is closed."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(PACKAGE.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    news: queue.Queue[Any] = queue.Queue()
    reader = threading.Thread(target=_read, args=(child.stdout, news), name="read-download")
    reader.start()
    try:
        assert child.stdin is not None
        with contextlib.suppress(OSError):  # the child has ended, which the reader tells
            write_frame(child.stdin, (kind, [dict(part) for part in parts], str(folder)))
        yield _reason(news, fetching)
    finally:
        child.kill()
        reader.join()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        child.wait()


def _read(stream: Any, news: queue.Queue[Any]) -> None:
    while (message := read_frame(stream)) is not None:
        news.put(message)
    news.put("the process that downloads ended early")


def _reason(news: queue.Queue[Any], fetching: Fetching) -> str:
    """Pass on progress until the child gives the reason of its failure, or "". Raises `Cancelled`."""
    while True:
        if fetching.should_stop():
            raise Cancelled("the download was cancelled; nothing was kept")
        with contextlib.suppress(queue.Empty):
            message = news.get(timeout=_LOOK)
            if isinstance(message, str):
                return message
            fetching.progress(*message)
