"""The part of a training before the first step: the images come, or do not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from vae_explorer.data.base import Cancelled, Dataset, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError
from vae_explorer.training import loop
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import DownloadProgressed, Finished, Started
from vae_explorer.training.loop import train

Short = Callable[..., TrainConfig]


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        os.sched_yield()


def test_that_the_progress_of_a_download_comes_first(short: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str, fetching: Fetching) -> Dataset:
        for done in (0, 5, 10):
            fetching.progress("images.gz", done, 10)
        return load_dataset(name, fetching)

    monkeypatch.setattr(loop, "load_dataset", load)
    events = list(train(short(epochs=1)))
    assert events[:3] == [DownloadProgressed("images.gz", done, 10) for done in (0, 5, 10)]
    assert isinstance(events[3], Started)
    assert isinstance(events[-1], Finished)


def test_that_the_chosen_data_folder_is_used(short: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    roots: list[str] = []

    def load(name: str, fetching: Fetching) -> Dataset:
        roots.append(str(fetching.root))
        raise UserError("that is all")

    monkeypatch.setattr(loop, "load_dataset", load)
    with pytest.raises(UserError, match="that is all"):
        list(train(short(), "/chosen"))
    with pytest.raises(UserError):
        list(train(short()))
    assert roots == ["/chosen", os.environ["VAE_EXPLORER_DATA"]]


@pytest.mark.parametrize("error", [UserError("no network"), Cancelled("stopped"), ZeroDivisionError("a bug")], ids=repr)
def test_that_an_error_of_the_loading_thread_is_raised_to_the_reader(
    short: Short, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def load(name: str, fetching: Fetching) -> Dataset:
        raise error

    monkeypatch.setattr(loop, "load_dataset", load)
    with pytest.raises(type(error), match=str(error)):
        list(train(short()))


def test_that_a_stop_reaches_the_download(short: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    def load(name: str, fetching: Fetching) -> Dataset:
        fetching.progress("images.gz", 1, 10)
        wait_until(fetching.should_stop)
        raise Cancelled("stopped")

    monkeypatch.setattr(loop, "load_dataset", load)
    events = train(short(), should_stop=stop.is_set)
    assert next(events) == DownloadProgressed("images.gz", 1, 10)
    stop.set()
    with pytest.raises(Cancelled):
        next(events)


def test_that_a_download_ends_where_nobody_reads_on(short: Short, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def load(name: str, fetching: Fetching) -> Dataset:
        fetching.progress("images.gz", 1, 10)
        wait_until(fetching.should_stop)
        ended.set()
        raise Cancelled("stopped")

    monkeypatch.setattr(loop, "load_dataset", load)
    events = train(short())
    next(events)
    events.close()
    assert ended.is_set()
