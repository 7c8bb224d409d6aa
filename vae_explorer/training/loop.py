"""The training loop: a plain generator of events. No Qt, no files; whoever reads the events decides what to keep."""

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

_SNAPSHOT_PERIOD = 20  # times what a snapshot takes, from one to the next
FINAL_SAMPLES = 8  # draws of z an image for the figures in the model card


def train(
    config: TrainConfig, data_dir: str | None = None, should_stop: ShouldStop = never, *, snapshots: bool = False
) -> Iterator[TrainEvent]:
    """Train a model and say how it goes; the last event is `Finished`. `should_stop` is asked before every batch.

    With `snapshots` an `EpochDone` carries the model and the codes of all images: that of the first epoch, of the last, and of as many
    others as take one part in 20 of the time. The same seed and number of threads give the same model on one machine. Raises
    `UserError` where the data or the device is not to be had, `Cancelled` where a download was stopped.
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
            next_snapshot = begun + _SNAPSHOT_PERIOD * (time.monotonic() - begun)
        yield EpochDone(epoch, config.epochs, outcome.seconds, outcome.means, measured.means, part, snapshot)
    samples = 1 if stopped else FINAL_SAMPLES  # a person who stops does not want to wait
    model, gone_back = run.finished({Part.TEST, part}, samples)
    yield Finished(model, stopped, gone_back or reason, untrained=stopped and run.untrained)


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


def warm_up() -> None:
    """Train a moment on nothing, so that torch has loaded all that a step needs; then the data set that is offered first, beside."""
    blank = ImageSet(np.zeros((2, 8, 8), np.uint8), np.zeros(2, np.uint8))
    run = Run(TrainConfig(hidden=(2,), epochs=1), Dataset(blank, blank), torch.device("cpu"))
    for _ in run.epoch(1, never):
        pass
    what = (next(iter(DATASETS)), Fetching(locations.data(), download=False))
    Thread(target=load_dataset, args=what, name="first-data", daemon=True).start()
