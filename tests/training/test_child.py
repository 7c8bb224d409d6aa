"""The training child as a real process."""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from vae_explorer.frames import read_frame, write_frame
from vae_explorer.training.child import Orders
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import STOP, EpochDone, Failed, Finished, Started

Short = Callable[..., TrainConfig]
Child = subprocess.Popen[bytes]
PATIENCE = 240  # seconds; below the limit of a test (pyproject.toml)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """A training with `threads=1` sets that for its whole process, which here is the one that runs the tests."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def child() -> Iterator[Child]:
    words = [sys.executable, "-m", "vae_explorer.training.child"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def order(child: Child, config: object) -> None:
    assert child.stdin
    write_frame(child.stdin, (config, None))
    child.stdin.flush()


def stop(child: Child) -> None:
    assert child.stdin
    write_frame(child.stdin, STOP)
    child.stdin.flush()


def events_of(child: Child) -> Iterator[Any]:
    while (event := read_frame(child.stdout)) is not None:
        yield event


def test_that_a_child_trains_as_the_loop_itself_does(
    child: Child, short: Short, run: Callable[..., Any], one_thread: None
) -> None:
    order(child, short(threads=1))
    events = list(events_of(child))
    assert isinstance(events[0], Started)
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == [1, 2]
    assert [event.snapshot is not None for event in events if isinstance(event, EpochDone)] == [True, True]
    ours, theirs = run(short(threads=1))[1].model, events[-1].model
    assert {name: array.tobytes() for name, array in theirs.weights.items()} == {
        name: array.tobytes() for name, array in ours.weights.items()
    }
    assert child.wait(PATIENCE) == 0


def test_that_a_child_that_is_told_to_stop_gives_its_model(child: Child, short: Short) -> None:
    order(child, short(epochs=100_000, threads=1))
    events = events_of(child)
    assert any(isinstance(event, EpochDone) for event in events)
    stop(child)
    *_, last = events
    assert isinstance(last, Finished)
    assert last.stopped
    assert child.wait(PATIENCE) == 0


def test_that_the_end_of_its_input_ends_a_child_at_once(child: Child, short: Short) -> None:
    """Its program is no more, so nobody waits for its last figures and codes."""
    order(child, short(epochs=100_000, threads=1))
    events = events_of(child)
    assert any(isinstance(event, EpochDone) for event in events)
    assert child.stdin
    child.stdin.close()
    assert not any(isinstance(event, Finished) for event in events)
    assert child.wait(PATIENCE) == 0


BUSY = """
import sys
from vae_explorer.training import child
def busy():
    print("busy", file=sys.stderr, flush=True)
    while True:
        pass
child._warm_up = busy
child.main()
"""
STUCK = BUSY.replace("while True:\n        pass", "import ctypes; ctypes.PyDLL(None).sleep(1000)")
PROGRAM = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE)
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a process ends that is no child of this one")
@pytest.mark.parametrize("code", [BUSY, STUCK], ids=["at work", "in a call that holds the interpreter lock"])
def test_that_a_child_ends_with_a_program_that_is_killed(code: str) -> None:
    words = [sys.executable, "-c", PROGRAM, code]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout
        assert program.stderr
        number = int(program.stdout.readline())
        child = os.pidfd_open(number)
        try:
            assert program.stderr.readline() == "busy\n"
            program.kill()
            assert select.select([child], [], [], PATIENCE)[0] == [child]
        finally:
            program.kill()
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(child, signal.SIGKILL)
            os.close(child)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_that_signals_to_the_group_leave_a_child_to_its_program(number: signal.Signals) -> None:
    words = [sys.executable, "-c", BUSY]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            assert child.stderr
            assert child.stderr.readline() == b"busy\n"
            child.send_signal(number)
            assert child.poll() is None
            child.communicate(timeout=PATIENCE)
            assert child.returncode == 0
        finally:
            child.kill()


def test_that_a_child_takes_another_number_of_threads_and_trains_on(child: Child, short: Short) -> None:
    order(child, short(epochs=100_000))
    assert child.stdin
    events = events_of(child)
    for threads in (1, 2, 1):
        write_frame(child.stdin, threads)
        child.stdin.flush()
        assert isinstance(next(event for event in events if isinstance(event, EpochDone)), EpochDone)
    stop(child)
    *_, last = events
    assert isinstance(last, Finished)
    assert last.stopped


def test_that_orders_reach_the_training_thread_between_two_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    stream = io.BytesIO()
    for said in (("config", None), 3, STOP):
        write_frame(stream, said)
    stream.seek(0)
    before = torch.get_num_threads()
    try:
        orders = Orders(stream)
        assert ended.wait(PATIENCE)
        assert orders.wait_for_config() == ("config", None)
        assert orders.should_stop()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_that_a_config_that_cannot_be_trained_fails_with_one_line(child: Child, short: Short) -> None:
    order(child, short(device="nonsense"))
    assert list(events_of(child)) == [Failed("this machine has no device 'nonsense'; choose cpu or auto")]
    assert child.wait(PATIENCE) == 0


class Loud:
    """Prints when it is unpickled, and is None then."""

    def __reduce__(self) -> Any:
        return print, ("a word on standard output",)


def test_that_an_unexpected_error_comes_with_its_traceback_whatever_a_library_prints(child: Child) -> None:
    order(child, Loud())
    (failed,) = events_of(child)
    assert isinstance(failed, Failed)
    assert failed.message.startswith("training failed: AssertionError")
    assert "Traceback" in failed.details
    assert not failed.cancelled


def test_that_a_child_ends_where_nobody_reads_its_events(child: Child, short: Short) -> None:
    order(child, short(epochs=100_000, threads=1))
    assert isinstance(read_frame(child.stdout), Started)
    assert child.stdout
    child.stdout.close()
    assert child.wait(PATIENCE) == 1


def test_that_a_child_that_gets_no_order_ends(child: Child) -> None:
    out, err = child.communicate(timeout=PATIENCE)
    assert (child.returncode, out, err) == (0, b"", b"")
