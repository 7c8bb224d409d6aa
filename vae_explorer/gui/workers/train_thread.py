"""The thread that supervises the training child. The child trains at full speed, the window never waits for its interpreter lock."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

import vae_explorer
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Failed, Finished
from vae_explorer.training.frames import read_frame, write_frame

# The working folder, which comes first in the child's path, may hold a random.py; this package's home may not be in it at all.
_CHILD = "import sys; sys.path[0:1] = []; sys.path.append(sys.argv[1]); from vae_explorer.training.child import main; main()"
_TAIL = 2000  # characters of the child's last words in a report


class TrainThread(QThread):
    """Starts the child, turns its events into signals, ends when it has ended."""

    event_received = Signal(object)  # TrainEvent

    def __init__(self, config: TrainConfig, data_dir: str | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainThread")
        self._config, self._data_dir = config, data_dir
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = self._killed = False

    def stop(self) -> None:
        """Ask the child to end after the batch at hand. Any thread; returns at once."""
        with self._lock:
            self._stopped = True
            self._tell_child_to_stop()

    def kill(self) -> None:
        """End the child at once. Harmless: nothing but finished model files is ever on disk."""
        with self._lock:
            self._stopped = self._killed = True
            if self._child is not None:
                self._child.kill()

    def run(self) -> None:
        try:
            with tempfile.TemporaryFile() as words:
                status, last = self._supervise(words.fileno())
                words.seek(0)
                said = words.read().decode(errors="replace")[-_TAIL:]
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            message = f"training could not be started ({error}); free some memory or disk space and try again"
            self.event_received.emit(Failed(message, traceback.format_exc()))
            return
        if not isinstance(last, Finished | Failed):
            message = f"the training process ended with status {status} before its time; copy the details, then train again"
            self.event_received.emit(
                Failed("training was stopped" if self._stopped else message, said, cancelled=self._stopped)
            )

    def _supervise(self, words: int) -> tuple[int, object]:
        """Pass every event on. The child's exit status and its last event."""
        child = self._start(words)
        last = None
        assert child.stdout is not None
        assert child.stdin is not None
        try:
            while (event := read_frame(child.stdout)) is not None:
                last = event
                self.event_received.emit(event)
        finally:
            with contextlib.suppress(OSError):
                child.stdin.close()
            child.stdout.close()
            status = child.wait()
        return status, last

    def _start(self, words: int) -> subprocess.Popen[bytes]:
        package_home = str(Path(vae_explorer.__file__).resolve().parent.parent)
        command = [sys.executable, "-c", _CHILD, package_home]
        with self._lock:
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, bufsize=0)
            assert self._child.stdin is not None
            write_frame(self._child.stdin, (self._config, self._data_dir))
            if self._killed:
                self._child.kill()
            elif self._stopped:
                self._tell_child_to_stop()
            return self._child

    def _tell_child_to_stop(self) -> None:
        """The end of its input is the child's order to stop, and reaches it also where this program is no more."""
        if self._child is not None and self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
