"""The training loop: a generator of events. No Qt, no files."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Thread

import numpy as np
import torch

from vae_explorer import locations
from vae_explorer.data.base import Dataset, Fetching, ImageSet, ShouldStop, never
from vae_explorer.data.sources import DATASETS, load_dataset
from vae_explorer.errors import UserError
from vae_explorer.kinds import Part
from vae_explorer.training.config import TrainConfig, measured_part
from vae_explorer.training.events import DownloadProgressed, EpochDone, Finished, Started, TrainEvent
from vae_explorer.training.run import REPORT_SECONDS, Run
from vae_explorer.training.threads import threads_for

SNAPSHOT_PERIOD = 20  # times a snapshot's duration, between two snapshots
FINAL_SAMPLES = 8  # draws of z an image for the model card's metrics


def train(
    config: TrainConfig, data_dir: str | None = None, should_stop: ShouldStop = never, *, snapshots: bool = False
) -> Iterator[TrainEvent]:
    """Train a model and yield events; the last event is `Finished`.

    It asks `should_stop` before every batch. With `snapshots`, some `EpochDone` carry the model and all codes: the first, the
    last, and others within a twentieth of the time. Seed and number of threads determine the model on one machine. Raises
    `UserError` without data or device, and `Cancelled` if a download was stopped.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads_for(config, before))
    try:
        yield from _train(config, data_dir, should_stop, snapshots)
    finally:
        torch.set_num_threads(before)


def _train(config: TrainConfig, data_dir: str | None, should_stop: ShouldStop, snapshots: bool) -> Iterator[TrainEvent]:
    device = pick_device(config.device)
    dataset = yield from _fetch(config, data_dir, should_stop)
    run = Run(config, dataset, device)
    run.prepare(should_stop)
    yield Started(config.epochs, run.steps, str(device))
    stopped, reason, next_snapshot, part = False, "", 0.0, measured_part(config)
    for epoch in range(1, config.epochs + 1):
        outcome = yield from run.epoch(epoch, should_stop)
        if outcome.ended:
            stopped, reason = not outcome.reason, outcome.reason
            break
        measured = run.measured(part)
        finite = run.keep_if_finite(measured)
        snapshot, begun = None, time.monotonic()
        if snapshots and finite and (begun >= next_snapshot or epoch == config.epochs):
            snapshot = run.model_file({part: measured})
            next_snapshot = begun + SNAPSHOT_PERIOD * (time.monotonic() - begun)
        yield EpochDone(epoch, config.epochs, outcome.seconds, outcome.means, measured.means, part, snapshot)
    samples = 1 if stopped else FINAL_SAMPLES  # a person who stops does not want to wait
    model, gone_back = run.finished({Part.TEST, part}, samples)
    yield Finished(model, stopped, gone_back or reason, untrained=stopped and run.untrained)


def pick_device(name: str) -> torch.device:
    """Return the torch device `name` ('auto': the fastest). Raises `UserError` if it is missing."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UserError(f"this machine has no device {name!r}; choose cpu or auto") from error
    return device


def _fetch(config: TrainConfig, data_dir: str | None, should_stop: ShouldStop) -> Generator[TrainEvent, None, Dataset]:
    """Load the data set on its own thread while the generator yields the download's progress."""
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
    finally:  # also if the reader leaves
        abandoned.set()
        thread.join()
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]


def warm_up() -> None:
    """Train briefly so torch loads its parts, then load the first data set in the background."""
    blank = ImageSet(np.zeros((2, 8, 8, 1), np.uint8), np.zeros(2, np.uint8))
    run = Run(TrainConfig(hidden=(2,), epochs=1), Dataset(blank, blank), torch.device("cpu"))
    for _ in run.epoch(1, never):
        pass
    what = (next(iter(DATASETS)), Fetching(locations.data(), download=False))
    Thread(target=load_dataset, args=what, name="first-data", daemon=True).start()
