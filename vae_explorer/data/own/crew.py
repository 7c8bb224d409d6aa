"""Shares jobs out to reading processes. Pillow decodes under the interpreter's lock, so threads gain nothing.

A file that kills its process costs that file alone.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable

from vae_explorer.data.base import ShouldStop
from vae_explorer.data.own.jobs import Done, Job, do
from vae_explorer.data.own.stopping import check_stop
from vae_explorer.data.own.worker import READY
from vae_explorer.errors import UserError
from vae_explorer.frames import read_frame, write_frame
from vae_explorer.locations import PACKAGE

# `-c` puts the working folder first in sys.path, and a random.py there would hide the standard module.
# The folder of this package may be missing from sys.path.
CHILD = "import sys; sys.path[0:1] = []; sys.path.append(sys.argv[1]); from vae_explorer.data.own.worker import main; main()"
_LOOK = 0.1  # seconds between two looks at `should_stop`
_MOST_DEATHS = 20  # of one process's successors
_DEADLY = "ended the process that read it; the file may be damaged"


def done_here(jobs: Iterable[Job], should_stop: ShouldStop) -> Generator[Done, None, None]:
    """Do all jobs in this thread. Raises `Cancelled` once `should_stop` is true, and the errors of the jobs."""
    for job in jobs:
        check_stop(should_stop)
        yield do(job)


def done_by_crew(jobs: Iterable[Job], processes: int, should_stop: ShouldStop) -> Generator[Done, None, None]:
    """Do all jobs in child processes; the answers come in any order.

    Raises `Cancelled` once `should_stop` is true, the errors of the jobs, and `UserError` if no process starts.
    """
    waiting, ended = deque(jobs), threading.Event()
    left = len(waiting)
    found: queue.Queue[Done | Exception] = queue.Queue()
    workers: list[_Worker] = []
    try:
        for _ in range(min(processes, left)):
            workers.append(_Worker(waiting, found, ended))
            workers[-1].start()
        while left:
            check_stop(should_stop)
            with contextlib.suppress(queue.Empty):
                done = found.get(timeout=_LOOK)
                if isinstance(done, Exception):
                    raise done
                left -= 1
                yield done
    finally:
        ended.set()
        for worker in workers:
            worker.end()


class _ChildEnded(Exception):
    """The process ended without an answer."""


class _Child:
    """A reading process. Raises `UserError` if it does not start."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(PACKAGE.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )

    def wait_until_ready(self) -> None:
        if read_frame(self.process.stdout) != READY:
            raise UserError("the processes that read images do not start; run 'vae-explorer doctor'")

    def ask(self, job: Job) -> Done:
        try:
            assert self.process.stdin is not None
            write_frame(self.process.stdin, job)
            answer = read_frame(self.process.stdout)
        except OSError:
            answer = None
        if isinstance(answer, Done):
            return answer
        raise answer if isinstance(answer, Exception) else _ChildEnded

    def end(self) -> None:
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self.process.wait()


class _Worker:
    """A thread that gives jobs to its process until none is left."""

    def __init__(self, waiting: deque[Job], found: queue.Queue[Done | Exception], ended: threading.Event) -> None:
        self._waiting, self._found, self._ended = waiting, found, ended
        self._child, self._deaths = _Child(), 0
        self._thread = threading.Thread(target=self._run, name="read-images")

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Kill the process, which makes the thread end, and wait for the thread."""
        while self._thread.is_alive():
            self._child.process.kill()
            self._thread.join(_LOOK)
        self._child.end()

    def _run(self) -> None:
        try:
            self._child.wait_until_ready()
            while not self._ended.is_set() and (job := self._next_job()) is not None:
                self._found.put(self._done(job))
        except Exception as error:  # noqa: BLE001 (the thread's edge; raised where the answers are read)
            self._found.put(error)

    def _next_job(self) -> Job | None:
        """Take a job. Another thread may have taken the last job since this thread looked."""
        with contextlib.suppress(IndexError):
            return self._waiting.popleft()
        return None

    def _done(self, job: Job) -> Done:
        try:
            return self._child.ask(job)
        except _ChildEnded:
            self._replace_child()
        done = Done()
        for place in range(len(job)):
            try:
                done.merge(self._child.ask(job.only(place)))
            except _ChildEnded:
                done.merge(Done(faults={job.first + place: _DEADLY}, images=1))
                self._replace_child()
        return done

    def _replace_child(self) -> None:
        """Start a process in place of the process that ended."""
        self._deaths += 1
        if self._ended.is_set() or self._deaths > _MOST_DEATHS:
            raise UserError("the processes that read images end again and again; run 'vae-explorer doctor'")
        self._child.end()
        self._child = _Child()
        self._child.wait_until_ready()
