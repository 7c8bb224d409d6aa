"""A training run as the window sees it: its history, progress and end."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_explorer import locations
from vae_explorer.gui.core.activity import Activity
from vae_explorer.gui.core.part import WorkspacePart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.training.child import TrainingChild
from vae_explorer.gui.features.training.thread import TrainThread
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import DownloadProgressed, EpochDone, Failed, Finished, Started, StepDone, TrainEvent

STOP_PATIENCE = 20_000  # milliseconds until a child that does not answer is ended; its last figures and codes take some seconds
CLOSE_PATIENCE = 2000  # the same where the window is to close
SNAPSHOT_DELAY = 30  # milliseconds between an epoch's figures and its codes
NEWS_INTERVAL = (
    80  # milliseconds between two updates of the window: small data sets have epochs of 20 ms, faster than it can draw
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. Curves are nats an image, one value an epoch, by name: train_*, test_*."""

    config: TrainConfig
    note: str = ""
    fraction: float = 0.0
    device: str = ""  # known when training has begun
    epoch: int = 0
    seconds_left: float | None = None
    running: bool = True
    aside: bool = False  # another model was opened since: the run's is not on the map
    failure: str = ""  # the message of the error that left the run without a model
    curves: dict[str, tuple[float, ...]] = field(default_factory=dict)


class TrainingState(WorkspacePart):
    """Owns the run: its child process, its thread, its history and its progress. `RunModel` owns the run's model.

    The latest snapshot comes out of `snapshot_taken`, the result out of `ended`.

    A run whose model has been left for another one goes on aside: its snapshots are kept until it is followed again.
    """

    started = Signal()
    changed = Signal(object)  # Progress
    snapshot_taken = Signal(object)  # ModelFile
    ended = Signal(object)  # Finished | Failed
    stopped = Signal()  # the thread is no more

    def __init__(self, activity: Activity, data_dir: str | None, parent: QObject) -> None:
        super().__init__(parent)
        self._activity, self._data_dir = activity, data_dir
        activity.changed.connect(self._take_cores)
        self._waiting: TrainingChild | None = None  # has no config yet
        self._thread: TrainThread | None = None
        self._progress: Progress | None = None
        self._snapshot: ModelFile | None = None  # not yet shown
        self._kept: ModelFile | None = None  # the last snapshot
        self._news_timer = QTimer(self)
        self._news_timer.setSingleShot(True)
        self._news_timer.setInterval(NEWS_INTERVAL)
        self._news_timer.timeout.connect(self._tell_news)
        self._snapshot_timer = QTimer(self)
        self._snapshot_timer.setSingleShot(True)
        self._snapshot_timer.setInterval(SNAPSHOT_DELAY)
        self._snapshot_timer.timeout.connect(self._tell_snapshot)
        self._kill_timer = QTimer(self)
        self._kill_timer.setSingleShot(True)
        self._kill_timer.timeout.connect(self._kill)

    @property
    def running(self) -> bool:
        return self._thread is not None

    def makes(self, model: OpenModel | None) -> bool:
        """Whether the model is that of a run which goes on: the next epoch brings another one."""
        return model is not None and model.path is None and self.running

    @property
    def progress(self) -> Progress | None:
        return self._progress

    @property
    def aside(self) -> bool:
        return self._progress is not None and self._progress.aside

    @Slot()
    def leave(self) -> None:
        """Another model is on the map now; where that of the run is aside already, it can still be asked for."""
        if self._progress is not None and self._progress.running:
            self._put_aside(True)

    def follow(self) -> None:
        """Put the run's model on the map again, as it is and as it goes on."""
        self._snapshot = None
        self._put_aside(False)
        if self._progress is not None and self._progress.running and self._kept is not None:
            self.snapshot_taken.emit(self._kept)

    def note_saved(self, path: Path) -> None:
        """Say in the note of the run that has ended which file holds its model."""
        if self._progress is not None and not self._progress.running:
            name = path.stem if path.parent == locations.runs() else path
            self._progress = replace(self._progress, note=self.tr("{}, saved as {}").format(self._progress.note, name))
            self._tell_news()

    def _put_aside(self, aside: bool) -> None:
        if self._progress is not None and self._progress.aside != aside:
            self._progress = replace(self._progress, aside=aside)
            self._tell_news()

    def warm_up(self) -> None:
        """Have a child ready: loading torch takes it some seconds, which `start` then need not wait for."""
        if self._thread is None and not (self._waiting is not None and self._waiting.is_alive()):
            self._dismiss()
            with contextlib.suppress(OSError):  # `start` tries again, and says why
                self._waiting = TrainingChild()

    @Slot(object)
    def start(self, config: TrainConfig) -> None:
        """Begin a run. Does nothing while another run is on."""
        if self._thread is not None:
            return
        child, self._waiting = self._waiting, None
        if child is not None and not child.is_alive():
            child.wait()
            child = None
        self._thread = TrainThread(config, self._data_dir, child)
        self._take_cores()
        self._thread.event_received.connect(self._on_event)
        self._thread.finished.connect(self._on_thread_finished)
        self._kept = None
        self._progress = Progress(config, self.tr("starting…"))
        self.started.emit()
        self._tell_news()
        self._thread.start()

    def stop(self, patience: int = STOP_PATIENCE) -> None:
        """Ask the run to end, and end it after `patience` milliseconds; the model as it is then, or was last, is kept."""
        if self._thread is not None and self._progress is not None:
            self._thread.stop()
            self._kill_timer.start(patience)
            self._progress = replace(self._progress, note=self.tr("stopping…"), seconds_left=None)
            self._tell_news()

    @Slot()
    def _take_cores(self) -> None:
        """Every core where nobody is at work with the window, else all but one; a run that names its threads keeps to them."""
        if self._thread is not None and self._thread.may_change_threads:
            cores = os.cpu_count() or 2
            self._thread.set_threads(max(1, cores - 1) if self._activity.busy else cores)

    def _dismiss(self) -> None:
        """End the child that waits."""
        child, self._waiting = self._waiting, None
        if child is not None:
            child.kill()
            child.wait()

    def shut_down(self) -> None:
        """End the run at once and wait for it."""
        self._dismiss()
        if self._thread is not None:
            self._thread.kill()
            self._thread.wait()

    @Slot()
    def _kill(self) -> None:
        if self._thread is not None:
            self._thread.kill()

    @Slot(object)
    def _on_event(self, event: TrainEvent) -> None:
        progress = self._progress
        if progress is None:
            return
        match event:
            case DownloadProgressed():
                done, total = event.done / 1e6, event.total / 1e6
                share = event.done / event.total if event.total else 0.0
                note = self.tr("downloading {} · {:.1f} of {:.1f} MB").format(event.file, done, total)
                self._progress = replace(progress, note=note, fraction=share)
            case Started():
                self._progress = replace(progress, note=self.tr("first epoch…"), fraction=0.0, device=event.device)
            case StepDone():
                if not self._kill_timer.isActive():
                    self._progress = self._with_step(progress, event)
            case EpochDone():
                self._progress = replace(progress, curves=_extended(progress.curves, event))
                if event.snapshot is not None:
                    self._snapshot = self._kept = event.snapshot
            case Finished() | Failed():
                event = self._rescued(event)
                self._progress, self._snapshot = self._at_end(progress, event), None
                self._tell_news()
                self.ended.emit(event)
                return
        if not self._news_timer.isActive():
            self._news_timer.start()

    def _with_step(self, progress: Progress, event: StepDone) -> Progress:
        left = event.seconds / event.step * (event.steps - event.step)
        note = self.tr("epoch {} of {}").format(event.epoch, progress.config.epochs)
        return replace(progress, note=note, fraction=event.step / event.steps, epoch=event.epoch, seconds_left=left)

    def _rescued(self, event: Finished | Failed) -> Finished | Failed:
        """A run that broke off after a snapshot has a model all the same: that one. A run without a step has none."""
        if isinstance(event, Finished) and event.untrained:
            return Failed(self.tr("training was stopped before its first step"), cancelled=True)
        if isinstance(event, Finished) or self._kept is None:
            return event
        reason = "" if event.cancelled else self.tr("{}; kept the last snapshot").format(event.message)
        return Finished(self._kept, stopped=event.cancelled, reason=reason)

    def _at_end(self, progress: Progress, event: Finished | Failed) -> Progress:
        if isinstance(event, Failed):
            note = self.tr("stopped") if event.cancelled else self.tr("failed")
        elif event.reason:
            note = self.tr("stopped early: {}").format(event.reason)
        else:
            note = self.tr("stopped") if event.stopped else self.tr("finished")
        whole = isinstance(event, Finished) and not event.stopped and not event.reason
        fraction, aside = 1.0 if whole else progress.fraction, progress.aside and isinstance(event, Finished)
        failure = event.message if isinstance(event, Failed) and not event.cancelled else ""
        return replace(progress, note=note, running=False, seconds_left=None, fraction=fraction, aside=aside, failure=failure)

    @Slot()
    def _on_thread_finished(self) -> None:
        self._kill_timer.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.wait()
        self.stopped.emit()

    @Slot()
    def _tell_news(self) -> None:
        """All that has come since the last time, at once: events may come faster than the window can draw them."""
        self._news_timer.stop()
        if self._progress is not None:
            self.changed.emit(self._progress)
        if self._snapshot is not None and not self.aside and not self._snapshot_timer.isActive():
            self._snapshot_timer.start()

    @Slot()
    def _tell_snapshot(self) -> None:
        """In a frame of its own: curves and map together would hold up the window for several."""
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is not None and not self.aside:
            self.snapshot_taken.emit(snapshot)


def _extended(curves: dict[str, tuple[float, ...]], event: EpochDone) -> dict[str, tuple[float, ...]]:
    values = {f"train_{name}": value for name, value in event.train.items()}
    values |= {f"{event.part}_{name}": value for name, value in event.measured.items()}
    return {name: (*curves.get(name, ()), value) for name, value in values.items()}
