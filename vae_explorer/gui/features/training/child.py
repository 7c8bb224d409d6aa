"""The training child, a process that waits for a config, trains, and ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import vae_explorer
from vae_explorer.frames import read_frame, write_frame
from vae_explorer.training.events import STOP, TrainEvent

if TYPE_CHECKING:
    from vae_explorer.training.config import TrainConfig

# `-c` puts the working folder first in sys.path, and a random.py there would hide the standard module.
# The folder of this package may be missing from sys.path.
_CHILD = "import sys; sys.path[0:1] = []; sys.path.append(sys.argv[1]); from vae_explorer.training.child import main; main()"
_TAIL = 2000  # characters of stderr in a report


class TrainingChild:
    """Starts the process. Any thread may give orders; a single thread calls the rest.

    The thread that makes a child must outlive the child, because Linux ends the child with that thread.
    Raises `OSError` without memory or disk space.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `wait`)
        package_home = str(Path(vae_explorer.__file__).resolve().parent.parent)
        command = [sys.executable, "-c", _CHILD, package_home]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr, bufsize=0)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def train(self, config: TrainConfig, data_dir: str | None) -> None:
        """Send the config. The child first loads torch."""
        self._send((config, data_dir))

    def set_threads(self, threads: int) -> None:
        """Takes effect at the next batch."""
        self._send(threads)

    def stop(self) -> None:
        """Ask the child to end after the current batch."""
        self._send(STOP)

    def kill(self) -> None:
        """End the child at once, which leaves no half-written model file."""
        self._process.kill()

    def events(self) -> Iterator[TrainEvent]:
        while (event := read_frame(self._process.stdout)) is not None:
            yield event

    def wait(self) -> tuple[int, str]:
        """Wait for the end. Return the exit status and the tail of stderr."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock, contextlib.suppress(OSError):  # at the end of stdin a running child ends
            self._process.stdin.close()
        self._process.stdout.close()
        status = self._process.wait()
        with self._stderr:
            self._stderr.seek(0)
            return status, self._stderr.read().decode(errors="replace")[-_TAIL:]

    def _send(self, order: object) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):  # the child has ended, or stdin is closed
            assert self._process.stdin is not None
            write_frame(self._process.stdin, order)
