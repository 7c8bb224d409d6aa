"""The training child as the program sees it: a process that waits for a config, trains, and ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import vae_explorer
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import TrainEvent
from vae_explorer.training.frames import STOP, read_frame, write_frame

# The working folder, which comes first in the child's path, may hold a random.py; this package's home may not be in it at all.
_CHILD = "import sys; sys.path[0:1] = []; sys.path.append(sys.argv[1]); from vae_explorer.training.child import main; main()"
_TAIL = 2000  # characters of the child's last words in a report


class TrainingChild:
    """Starts the process. Orders may come from any thread and take microseconds; `events` and `wait` belong to one thread.

    The thread that starts it has to live as long as the child: Linux ends the child with that thread.

    Raises `OSError` where there is no memory or disk space for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `wait`)
        package_home = str(Path(vae_explorer.__file__).resolve().parent.parent)
        command = [sys.executable, "-c", _CHILD, package_home]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, bufsize=0)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def train(self, config: TrainConfig, data_dir: str | None) -> None:
        """Begin, as soon as the child has loaded what it needs."""
        self._send((config, data_dir))

    def set_threads(self, threads: int) -> None:
        """From the next batch on."""
        self._send(threads)

    def stop(self) -> None:
        """Ask the child to end after the batch at hand."""
        self._send(STOP)

    def kill(self) -> None:
        """End the child at once. Harmless: nothing but finished model files is ever on disk."""
        self._process.kill()

    def events(self) -> Iterator[TrainEvent]:
        while (event := read_frame(self._process.stdout)) is not None:
            yield event

    def wait(self) -> tuple[int, str]:
        """Exit status and last words. Nothing of the child is left after it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock, contextlib.suppress(OSError):  # a child that still runs ends at once
            self._process.stdin.close()
        self._process.stdout.close()
        status = self._process.wait()
        with self._words:
            self._words.seek(0)
            return status, self._words.read().decode(errors="replace")[-_TAIL:]

    def _send(self, order: object) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):  # it has ended, or was told to
            assert self._process.stdin is not None
            write_frame(self._process.stdin, order)
