"""The training loop: a plain generator of events. No Qt, no files; whoever reads the events decides what to keep."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Thread

import torch

from vae_explorer import locations
from vae_explorer.data.base import Dataset, Fetching, ShouldStop, never
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError
from vae_explorer.models.measure import elbo_of
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import DownloadProgressed, EpochDone, Finished, Started, TrainEvent
from vae_explorer.training.run import REPORT_SECONDS, Run

FINAL_SAMPLES = 8  # draws of z an image for the figures in the model card


def train(
    config: TrainConfig, data_dir: str | None = None, should_stop: ShouldStop = never, *, snapshots: bool = False
) -> Iterator[TrainEvent]:
    """Train a model and say how it goes; the last event is `Finished`. `should_stop` is asked before every batch.

    With `snapshots` each `EpochDone` carries the model and the codes of all images. The same seed gives the same model on one
    machine. Raises `UserError` where the data or the device is not to be had, `Cancelled` where a download was stopped.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    device = pick_device(config.device)
    dataset = yield from _fetch(config, data_dir, should_stop)
    run = Run(config, dataset, device)
    yield Started(config.epochs, run.steps, str(device))
    stopped, reason = False, ""
    for epoch in range(1, config.epochs + 1):
        outcome = yield from run.epoch(epoch, should_stop)
        if outcome.ended:
            stopped, reason = not outcome.reason, outcome.reason
            break
        test = elbo_of(run.model, run.test)
        snapshot = run.model_file(test) if snapshots else None
        yield EpochDone(epoch, config.epochs, outcome.seconds, outcome.means, test, snapshot)
    metrics = elbo_of(run.model, run.test, 1 if stopped else FINAL_SAMPLES)  # who stops does not want to wait
    yield Finished(run.model_file(metrics), stopped, reason)


def pick_device(name: str) -> torch.device:
    """`name` as a torch device ('auto': the fastest there is). Raises `UserError` where this machine does not have it."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UserError(f"device {name!r} is not to be had here; choose cpu or auto") from error
    return device


def _fetch(config: TrainConfig, data_dir: str | None, should_stop: ShouldStop) -> Generator[TrainEvent, None, Dataset]:
    """Load the data set on a thread of its own, so that the generator can pass the download's progress on."""
    news: SimpleQueue[DownloadProgressed] = SimpleQueue()
    result: list[Dataset | Exception] = []
    abandoned = Event()
    fetching = Fetching(
        locations.data(data_dir),
        progress=lambda *progress: news.put(DownloadProgressed(*progress)),
        should_stop=lambda: abandoned.is_set() or should_stop(),
    )

    def load() -> None:
        try:
            result.append(load_dataset(config.dataset, fetching))
        except Exception as error:  # noqa: BLE001 (a thread's edge; raised again below)
            result.append(error)

    thread = Thread(target=load, name="load-dataset")
    thread.start()
    try:
        while thread.is_alive() or not news.empty():
            with contextlib.suppress(Empty):
                yield news.get(timeout=REPORT_SECONDS)
    finally:  # also where nobody reads on
        abandoned.set()
        thread.join()
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]
