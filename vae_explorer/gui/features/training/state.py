"""A training run with its progress, snapshots and end. GUI thread only."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_explorer import locations
from vae_explorer.gui.core.activity import Activity
from vae_explorer.gui.core.part import WorkspacePart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.training.child import TrainingChild
from vae_explorer.gui.features.training.thread import TrainThread
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.events import DownloadProgressed, EpochDone, Failed, Finished, Started, StepDone, TrainEvent

if TYPE_CHECKING:
    from vae_explorer.training.config import TrainConfig

STOP_PATIENCE = 20_000  # milliseconds until a stopped child is killed; the last metrics and codes take some seconds
CLOSE_PATIENCE = 2000  # milliseconds, if the window closes
SNAPSHOT_DELAY = 30  # milliseconds between an epoch's curves and its codes
UPDATE_INTERVAL = 80  # milliseconds between two updates of the window; small data sets have epochs of 20 ms


@dataclass(frozen=True, slots=True)
class Progress:
    config: TrainConfig
    note: str = ""
    fraction: float = 0.0
    device: str = ""  # empty until the first step
    epoch: int = 0
    seconds_left: float | None = None
    running: bool = True
    aside: bool = False  # whether the map shows another model
    failure: str = ""  # the error, if the run has no model
    curves: dict[str, tuple[float, ...]] = field(default_factory=dict)  # train_*, test_*: values by epoch


class TrainingState(WorkspacePart):
    """Owns the run with its child process and thread. `RunModel` owns the run's model.

    A run goes on aside while the map shows another model. `follow` brings back the last snapshot.
    """

    started = Signal()
    changed = Signal(object)  # Progress
    snapshot_taken = Signal(object)  # ModelFile
    ended = Signal(object)  # Finished | Failed
    stopped = Signal()  # the thread has ended

    def __init__(self, activity: Activity, data_dir: str | None, parent: QObject) -> None:
        super().__init__(parent)
        self._activity, self._data_dir = activity, data_dir
        activity.changed.connect(self._set_threads)
        self._spare_child: TrainingChild | None = None  # without a config
        self._thread: TrainThread | None = None
        self._progress: Progress | None = None
        self._next_snapshot: ModelFile | None = None  # not yet emitted
        self._last_snapshot: ModelFile | None = None
        self._update_timer = QTimer(self)
        self._update_timer.setSingleShot(True)
        self._update_timer.setInterval(UPDATE_INTERVAL)
        self._update_timer.timeout.connect(self._emit_changed)
        self._snapshot_timer = QTimer(self)
        self._snapshot_timer.setSingleShot(True)
        self._snapshot_timer.setInterval(SNAPSHOT_DELAY)
        self._snapshot_timer.timeout.connect(self._emit_snapshot)
        self._kill_timer = QTimer(self)
        self._kill_timer.setSingleShot(True)
        self._kill_timer.timeout.connect(self._kill)

    @property
    def running(self) -> bool:
        return self._thread is not None

    def makes(self, model: OpenModel | None) -> bool:
        """Whether `model` is a snapshot of the current run."""
        return model is not None and model.path is None and self.running

    @property
    def progress(self) -> Progress | None:
        return self._progress

    @property
    def aside(self) -> bool:
        return self._progress is not None and self._progress.aside

    @Slot()
    def leave(self) -> None:
        """Put the run aside, because the map shows another model."""
        if self._progress is not None and self._progress.running:
            self._put_aside(True)

    def follow(self) -> None:
        """Emit the last snapshot and the next snapshots again."""
        self._next_snapshot = None
        self._put_aside(False)
        if self._progress is not None and self._progress.running and self._last_snapshot is not None:
            self.snapshot_taken.emit(self._last_snapshot)

    def note_saved(self, path: Path) -> None:
        """Name the file of the ended run in its note."""
        if self._progress is not None and not self._progress.running:
            name = path.stem if path.parent == locations.runs() else path
            self._progress = replace(self._progress, note=self.tr("{}, saved as {}").format(self._progress.note, name))
            self._emit_changed()

    def _put_aside(self, aside: bool) -> None:
        if self._progress is not None and self._progress.aside != aside:
            self._progress = replace(self._progress, aside=aside)
            self._emit_changed()

    def warm_up(self) -> None:
        """Start a spare child, because a child takes some seconds to load torch."""
        if self._thread is None and not (self._spare_child is not None and self._spare_child.is_alive()):
            self._end_spare_child()
            with contextlib.suppress(OSError):  # `start` tries again and reports the error
                self._spare_child = TrainingChild()

    @Slot(object)
    def start(self, config: TrainConfig) -> None:
        """Does nothing while another run is in progress."""
        if self._thread is not None:
            return
        child, self._spare_child = self._spare_child, None
        if child is not None and not child.is_alive():
            child.wait()
            child = None
        self._thread = TrainThread(config, self._data_dir, child)
        self._set_threads()
        self._thread.event_received.connect(self._on_event)
        self._thread.finished.connect(self._on_thread_finished)
        self._last_snapshot = None
        self._progress = Progress(config, self.tr("starting…"))
        self.started.emit()
        self._emit_changed()
        self._thread.start()

    def stop(self, patience: int = STOP_PATIENCE) -> None:
        """Ask the run to end, and kill the child after `patience` milliseconds."""
        if self._thread is not None and self._progress is not None:
            self._thread.stop()
            self._kill_timer.start(patience)
            self._progress = replace(self._progress, note=self.tr("stopping…"), seconds_left=None)
            self._emit_changed()

    @Slot()
    def _set_threads(self) -> None:
        """Leave a core to the window in use, unless the config sets the threads."""
        if self._thread is not None and self._thread.may_change_threads:
            cores = os.cpu_count() or 2
            self._thread.set_threads(max(1, cores - 1) if self._activity.busy else cores)

    def _end_spare_child(self) -> None:
        child, self._spare_child = self._spare_child, None
        if child is not None:
            child.kill()
            child.wait()

    def shut_down(self) -> None:
        self._end_spare_child()
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
                    self._next_snapshot = self._last_snapshot = event.snapshot
            case Finished() | Failed():
                event = self._with_last_snapshot(event)
                self._progress, self._next_snapshot = self._at_end(progress, event), None
                self._emit_changed()
                self.ended.emit(event)
                return
        if not self._update_timer.isActive():
            self._update_timer.start()

    def _with_step(self, progress: Progress, event: StepDone) -> Progress:
        left = event.seconds / event.step * (event.steps - event.step)
        note = self.tr("epoch {} of {}").format(event.epoch, progress.config.epochs)
        return replace(progress, note=note, fraction=event.step / event.steps, epoch=event.epoch, seconds_left=left)

    def _with_last_snapshot(self, event: Finished | Failed) -> Finished | Failed:
        """A failure after a snapshot has a model; a run without a step has none."""
        if isinstance(event, Finished) and event.untrained:
            return Failed(self.tr("training was stopped before its first step"), cancelled=True)
        if isinstance(event, Finished) or self._last_snapshot is None:
            return event
        reason = "" if event.cancelled else self.tr("{}; kept the last snapshot").format(event.message)
        return Finished(self._last_snapshot, stopped=event.cancelled, reason=reason)

    def _at_end(self, progress: Progress, event: Finished | Failed) -> Progress:
        if isinstance(event, Failed):
            note = self.tr("stopped") if event.cancelled else self.tr("failed")
        elif event.reason:
            note = self.tr("stopped early: {}").format(event.reason)
        else:
            note = self.tr("stopped") if event.stopped else self.tr("finished")
        complete = isinstance(event, Finished) and not event.stopped and not event.reason
        fraction, aside = 1.0 if complete else progress.fraction, progress.aside and isinstance(event, Finished)
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
    def _emit_changed(self) -> None:
        """Emit the progress, and the snapshot shortly after."""
        self._update_timer.stop()
        if self._progress is not None:
            self.changed.emit(self._progress)
        if self._next_snapshot is not None and not self.aside and not self._snapshot_timer.isActive():
            self._snapshot_timer.start()

    @Slot()
    def _emit_snapshot(self) -> None:
        """Run in a frame of its own, because curves and map together take several frames."""
        snapshot, self._next_snapshot = self._next_snapshot, None
        if snapshot is not None and not self.aside:
            self.snapshot_taken.emit(snapshot)


def _extended(curves: dict[str, tuple[float, ...]], event: EpochDone) -> dict[str, tuple[float, ...]]:
    values = {f"train_{name}": value for name, value in event.train.items()}
    values |= {f"{event.part}_{name}": value for name, value in event.measured.items()}
    return {name: (*curves.get(name, ()), value) for name, value in values.items()}
