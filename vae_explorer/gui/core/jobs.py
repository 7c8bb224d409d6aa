"""What is read from and written to files beside the window: models, images of data sets, exports."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer import locations
from vae_explorer.codes import Codes
from vae_explorer.data.base import Cancelled, DataMissing, Dataset, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError
from vae_explorer.gui.core.job_thread import JobThread, Task
from vae_explorer.gui.core.opening import ModelOpening
from vae_explorer.image_reading import GreyImage, read_grey
from vae_explorer.kinds import CodesKind
from vae_explorer.latent.aggregate import log_ratio, spread_of, surgery
from vae_explorer.latent.grids import manifold_grid, mosaic
from vae_explorer.latent.health import health
from vae_explorer.latent.neighbours import NearestCode
from vae_explorer.latent.plane import Plane
from vae_explorer.models.model_file import read_model_file

_IMAGES, _DOWNLOAD, _WRITE, _INDEX = "images", "download", "write", "index"
_MANIFOLDS, HEALTH, _PICTURE, RATIO, SURGERY = "manifolds", "health", "picture", "ratio", "surgery"
_FETCHING = {_IMAGES, _DOWNLOAD}
_IN_TIME = {_INDEX, HEALTH, RATIO, SURGERY}  # work that nobody waits for while the decoder starts
_CELLS = 6  # a side of the small manifold grid on a model's card


class Loading(QObject):
    """Owns the load threads. One of a kind at a time; the latest wish wins."""

    model_loaded = Signal(object, object)  # ModelFile, Path
    model_refused = Signal(str, str)  # message, details; comes after the same in `problem_raised`
    picture_read = Signal(object, object)  # Path, GreyImage
    images_loaded = Signal(str, object)  # data set, Dataset
    download_progressed = Signal(str, int, int)  # file, bytes done, bytes in all
    busy_changed = Signal()  # work has begun or ended
    written = Signal(str, object)  # what was written, what the writing returned
    write_failed = Signal(str, str)  # what was to be written, message
    manifold_drawn = Signal(str, object)  # name, picture (H, W) uint8
    indexed = Signal(object, object)  # latent points (n, 2), NearestCode over them
    measured = Signal(object, object)  # Codes, their Health
    weighed = Signal(object, object)  # edges of cells (k + 1,), log q(z)/p(z) in them (k, k)
    taken_apart = Signal(object, object)  # Codes, the Surgery of their KL term
    notice_raised = Signal(str)
    problem_raised = Signal(str, str)  # message, details
    work_failed = Signal(str, str)  # kind of work, message; comes after the same in `problem_raised`

    def __init__(self, data_dir: str | None, parent: QObject) -> None:
        super().__init__(parent)
        self._data_dir = data_dir
        self._ended = self._has_time = False
        self._threads: dict[str, JobThread] = {}
        self._waiting: dict[str, tuple[str, Task]] = {}  # kind -> what to start when the one at work has ended, or in time
        self._subject: dict[str, str] = {}  # kind -> path or data set at work
        self._drawn: dict[tuple[Path, int], NDArray[np.uint8]] = {}  # file and when it was written -> its manifold grid
        self._images_problem = ""
        self.opening = ModelOpening(self)
        self.opening.loaded.connect(self.model_loaded)
        self.opening.refused.connect(self._on_model_refused)
        self.opening.busy_changed.connect(self.busy_changed)

    def open_model(self, path: Path) -> None:
        """Read and verify a model file, its network included. What is open stays open until it has proved good."""
        if not self._ended:
            self.opening.open(path)

    @Slot()
    def cancel_model(self) -> None:
        """The model that is being opened, if any, is not wanted any more: nothing is heard of it."""
        self.opening.give_up()

    def read_picture(self, path: Path, shape: tuple[int, int]) -> None:
        """Read an image file, grey and scaled to `shape` = (H, W)."""

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> GreyImage:
            image = read_grey(path, shape)
            if not image.pixels.any():
                height, width = shape
                raise UserError(f"{path} is all black once it is scaled to {width}×{height}, so there is nothing to look at")
            return image

        self._start(_PICTURE, str(path), task)

    def load_images(self, dataset: str) -> None:
        """Fetch the images of a data set from this machine; says nothing where they are not there."""
        self._start(_IMAGES, dataset, self._images_task(dataset, download=False))

    def download_images(self, dataset: str) -> None:
        """The same with a download, which reports its progress."""
        self._start(_DOWNLOAD, dataset, self._images_task(dataset, download=True))
        self.notice_raised.emit(self.tr("Looking for the images of {}…").format(dataset))

    def cancel_download(self) -> None:
        if _DOWNLOAD in self._threads:
            self._threads[_DOWNLOAD].requestInterruption()

    def write(self, name: str, write: Callable[[], object]) -> None:
        """Call `write`, which makes a file; `name` is that of what is written."""

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> object:
            return write()

        self._start(f"{_WRITE} {name}", name, task)

    def index(self, points: NDArray[np.float32], shown: NDArray[np.bool_] | None, plane: Plane) -> None:
        """Build the index of the nearest of many points in `plane`, of those that are `shown`."""

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> Any:
            return points, NearestCode(points, shown, plane)

        self._start(_INDEX, "codes", task)

    def measure(self, codes: Codes, kind: CodesKind) -> None:
        """Work out how healthy codes are: of many that takes as long as a frame of the window."""

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> Any:
            return codes, health(codes.mean, codes.std, kind)

        self._start(HEALTH, "health", task)

    def weigh(self, codes: Codes, edges: NDArray[np.float64]) -> None:
        """Work out log q(z)/p(z) of all codes together in the cells between `edges` of both axes."""

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> Any:
            return edges, log_ratio(codes.mean, spread_of(codes.std, edges), edges, edges, check=lambda: _go_on(should_stop))

        self._start(RATIO, "ratio", task)

    def take_apart(self, codes: Codes) -> None:
        """Work out of what the KL term of codes that are Gaussians is made."""

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> Any:
            return codes, surgery(codes.mean, codes.std, lambda: _go_on(should_stop))

        self._start(SURGERY, "surgery", task)

    def draw_manifolds(self, models: dict[str, Path]) -> None:
        """A small manifold grid of each model, one after another by `manifold_drawn`; a file that is no model has none.

        A file that has not changed since its grid was drawn is not read again.
        """
        drawn = dict(self._drawn)

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> None:
            for name, path in models.items():
                if should_stop():
                    return
                with contextlib.suppress(UserError, OSError):
                    state = (path, path.stat().st_mtime_ns)
                    report((name, state, drawn[state] if state in drawn else _manifold(path, should_stop)))

        self._start(_MANIFOLDS, "manifolds", task)

    @Slot()
    def stop_drawing(self) -> None:
        """Nobody looks at the manifolds any more."""
        if _MANIFOLDS in self._threads:
            self._threads[_MANIFOLDS].requestInterruption()

    @property
    def downloading(self) -> bool:
        return _DOWNLOAD in self._threads

    @property
    def images_problem(self) -> str:
        """Why the images that were asked for last could not be read or downloaded; empty where nothing failed."""
        return self._images_problem

    @property
    def fetching_images(self) -> bool:
        """Now, or once the decoder has what it needs."""
        return not _FETCHING.isdisjoint({*self._threads, *self._waiting})

    @property
    def busy(self) -> bool:
        """Whether there is something to do, be it put off."""
        return bool(self._threads or self._waiting) or self.opening.busy

    @Slot()
    def take_time(self) -> None:
        """The decoder has loaded what it needs, or cannot: what was put off until then may have the interpreter now."""
        if not self._has_time:
            self._has_time = True
            for kind in _IN_TIME & self._waiting.keys():
                self._start(kind, *self._waiting.pop(kind))

    def shut_down(self) -> None:
        self._ended = True
        self._waiting.clear()
        self.opening.shut_down()
        for thread in list(self._threads.values()):
            thread.shut_down()

    def _images_task(self, dataset: str, download: bool) -> Task:
        root = locations.data(self._data_dir)

        def task(report: Callable[[object], None], should_stop: Callable[[], bool]) -> Dataset:
            return load_dataset(dataset, Fetching(root, download, lambda *news: report(news), should_stop))

        return task

    def _start(self, kind: str, subject: str, task: Task) -> None:
        if self._ended:
            return
        if kind in _FETCHING:
            self._images_problem = ""
        if kind in _IN_TIME and not self._has_time:
            self._waiting[kind] = (subject, task)
            self.busy_changed.emit()
            return
        if kind in self._threads:
            self._threads[kind].requestInterruption()
            self._waiting[kind] = (subject, task)
            return
        thread = JobThread(kind, task)
        self._threads[kind], self._subject[kind] = thread, subject
        thread.loaded.connect(self._on_loaded)
        thread.failed.connect(self._on_failed)
        thread.progressed.connect(self._on_progressed)
        thread.finished.connect(self._on_finished)
        thread.start()
        self.busy_changed.emit()

    @Slot(str, object)
    def _on_loaded(self, kind: str, result: Any) -> None:
        if kind == _INDEX:
            self.indexed.emit(*result)
        elif kind == HEALTH:
            self.measured.emit(*result)
        elif kind == _PICTURE:
            self.picture_read.emit(Path(self._subject[kind]), result)
            if result.notes:
                self.notice_raised.emit(" ".join(result.notes))
        elif kind == RATIO:
            self.weighed.emit(*result)
        elif kind == SURGERY:
            self.taken_apart.emit(*result)
        elif kind == _MANIFOLDS:
            pass  # each was reported when it was drawn
        elif kind.startswith(_WRITE):
            self.written.emit(self._subject[kind], result)
        else:
            self.images_loaded.emit(self._subject[kind], result)
            if kind == _DOWNLOAD:
                self.notice_raised.emit(self.tr("The images of {} are here").format(self._subject[kind]))

    @Slot(str, object, str)
    def _on_failed(self, kind: str, error: Exception, details: str) -> None:
        if isinstance(error, DataMissing | Cancelled):
            if kind == _DOWNLOAD:
                self.notice_raised.emit(str(error))
            return
        message = _words(error)
        if kind in _FETCHING:
            self._images_problem = message
        if kind.startswith(_WRITE):
            self.write_failed.emit(self._subject[kind], message)
            return
        self.problem_raised.emit(message, details)
        self.work_failed.emit(kind, message)

    @Slot(object, str)
    def _on_model_refused(self, error: Exception, details: str) -> None:
        message = _words(error)
        self.problem_raised.emit(message, details)
        self.model_refused.emit(message, details)

    @Slot(str, object)
    def _on_progressed(self, kind: str, news: Any) -> None:
        if kind == _MANIFOLDS:
            name, state, picture = news
            self._drawn[state] = picture
            self.manifold_drawn.emit(name, picture)
        else:
            self.download_progressed.emit(*news)

    @Slot()
    def _on_finished(self) -> None:
        """Of the thread that says so: what another one that has ended found may be on its way still."""
        for kind, thread in list(self._threads.items()):
            if thread is self.sender():
                del self._threads[kind]
                thread.wait()
                if kind in self._waiting:
                    self._start(kind, *self._waiting.pop(kind))
        self.busy_changed.emit()


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"


def _go_on(should_stop: Callable[[], bool]) -> None:
    """Raises `Cancelled` where nobody waits for the work any more."""
    if should_stop():
        raise Cancelled("the work was stopped")


def _manifold(path: Path, should_stop: Callable[[], bool]) -> NDArray[np.uint8]:
    """The small manifold grid of the model in a file. For a load thread."""
    import torch

    from vae_explorer.inference.trained import TrainedModel

    file = read_model_file(path, lambda: _go_on(should_stop))
    torch.set_num_threads(1)  # holds per thread; with more, the window's decoder has to wait
    return mosaic(TrainedModel(file, str(path)).decode_uint8(manifold_grid(_CELLS)), _CELLS)
