"""Session: the one owner of application state. GUI thread only.

Cursor to picture: the map emits z; `move_cursor` posts a request; the decode thread answers with the model's revision; an answer of
an older model is dropped, any other comes out of `cursor_decoded`. Nothing is decoded on the GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoStack

from vae_explorer.errors import UserError
from vae_explorer.gui.player import Player
from vae_explorer.gui.session.inspection import InspectedCode, Inspection
from vae_explorer.gui.session.loading import Loading
from vae_explorer.gui.session.path import PathState
from vae_explorer.gui.session.state import CursorState, OpenModel
from vae_explorer.gui.session.training import Progress, TrainingState
from vae_explorer.gui.workers.decode_thread import (
    CURSOR,
    INSPECT,
    MANIFOLD,
    PATH,
    DecodeAnswer,
    DecodeFailure,
    DecodeRequest,
    DecodeThread,
    ModelRequest,
)
from vae_explorer.images import write_frames
from vae_explorer.latent.neighbours import NearestCode
from vae_explorer.latent.paths import LatentPath, Point
from vae_explorer.models.card import made_by
from vae_explorer.models.catalogue import new_run_path
from vae_explorer.models.model_file import ModelFile, write_model_file
from vae_explorer.training.events import Failed, Finished

_INDEX_AT_ONCE = 200_000  # codes; some 20 ms

__all__ = ["CursorState", "InspectedCode", "LatentPath", "OpenModel", "Progress", "Session"]


class Session(QObject):
    model_changed = Signal(object)  # OpenModel
    model_saved = Signal(object)  # OpenModel, which has a path now
    model_ready = Signal(int)  # revision: the decoder answers for it
    cursor_changed = Signal(object)  # CursorState
    cursor_decoded = Signal(object)  # DecodeAnswer
    manifold_decoded = Signal(object)  # DecodeAnswer
    decode_timed = Signal(float)  # milliseconds that the picture under the cursor took
    problem_raised = Signal(str, str)  # message, details
    notice_raised = Signal(str)

    def __init__(self, data_dir: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data_dir = data_dir
        self.undo_stack = QUndoStack(self)
        self.path = PathState(self.undo_stack, self)
        self.player = Player(self)
        self.inspection = Inspection(self)
        self.training = TrainingState(self)
        self.loading = Loading(data_dir, self)
        self._model: OpenModel | None = None
        self._nearest: NearestCode | None = None  # until it is built
        self._indexed = (np.zeros((0, 2), np.float32), np.zeros(0, np.uint8))  # mean and label of the codes on the map
        self._hidden: frozenset[int] = frozenset()
        self._picked: Point = (0.0, 0.0)
        self._before_click: tuple[Point, bool] | None = None  # the picked point, and whether the path played
        self._plays_again = False  # as soon as its frames are back
        self._cursor = CursorState((0.0, 0.0), False, None, "", 0.0)
        self._outstanding: dict[str, NDArray[np.float32]] = {}  # the latest question of each kind
        self._ended = False
        self._saving: dict[Path, int] = {}  # file -> revision of the model that goes there
        self._ready_revision = -1
        self._decoder = DecodeThread(self)
        self._connect()
        QTimer.singleShot(0, self, self._start_decoder)

    @Slot()
    def _start_decoder(self) -> None:
        """Once the event loop runs: importing torch must not hold up the window's first picture."""
        if not self._ended:
            self._decoder.start()

    def _connect(self) -> None:
        self._decoder.decoded.connect(self._on_decoded)
        self._decoder.model_ready.connect(self._on_model_ready)
        self._decoder.failed.connect(self._on_decode_failed)
        self.loading.model_loaded.connect(self.show_model)
        self.loading.images_loaded.connect(self._on_images_loaded)
        self.loading.indexed.connect(self._on_indexed)
        self.loading.written.connect(self._on_written)
        self.loading.write_failed.connect(self._on_write_failed)
        self.loading.notice_raised.connect(self.notice_raised)
        self.loading.problem_raised.connect(self.problem_raised)
        self.path.changed.connect(self._on_path_changed)
        self.inspection.wanted.connect(self._on_reconstruction_wanted)
        self.training.snapshot_taken.connect(self.show_model)
        self.training.ended.connect(self._on_training_ended)

    # What there is

    @property
    def model(self) -> OpenModel | None:
        return self._model

    @property
    def cursor(self) -> CursorState:
        return self._cursor

    @property
    def settled(self) -> bool:
        """Whether every question has been answered and nothing is being read."""
        return not self._outstanding and not self.loading.busy and self._model is not None

    # What the person does

    @Slot(object)
    @Slot(object, object)
    def show_model(self, file: ModelFile, path: Path | None = None) -> None:
        """Make `file` the model on screen: map, decoder and inspector change together."""
        before = self._model
        same_data = before is not None and before.card.dataset == file.card.dataset
        revision = before.revision + 1 if before is not None else 0
        self._model = OpenModel(file, path, revision)
        self._outstanding.clear()
        self._decoder.post(ModelRequest(file, str(path or file.card.name), revision))
        self.model_changed.emit(self._model)
        self.inspection.set_codes(file.codes, file.card.classes, same_data)
        self._look_at(self._cursor.z, self._cursor.hovering)
        if self.inspection.current is None and self._cursor.nearest is not None:
            self.inspection.hover(self._cursor.nearest)
        self._post(PATH, self.path.path.z())
        if not same_data and self._ready_revision >= 0:
            self.loading.load_images(file.card.dataset)

    def move_cursor(self, z: Point, reach: float) -> None:
        """The mouse is over latent point z; a code within `reach` is inspected."""
        self._look_at(z, hovering=True)
        near = self._cursor.nearest is not None and self._cursor.distance <= reach and self._shows_own_codes()
        self.inspection.hover(self._cursor.nearest if near else None)

    @Slot(object, object)
    def index_codes(self, mean: NDArray[np.float32], label: NDArray[np.uint8]) -> None:
        """The map shows these codes: from now on the nearest code is one of them. Many are indexed beside the window."""
        self._indexed = (mean, label)
        at_once = self._nearest is not None and len(mean) <= _INDEX_AT_ONCE  # the first one imports scipy, which takes its time
        shown = ~np.isin(label, list(self._hidden)) if self._hidden else None
        self._nearest = NearestCode(mean, shown) if at_once else None
        if not at_once:
            self.loading.index(mean, shown)

    @Slot(object)
    def set_hidden_classes(self, hidden: frozenset[int]) -> None:
        """What is not on the map is not the nearest code either."""
        if hidden != self._hidden:
            self._hidden = hidden
            self.index_codes(*self._indexed)

    def leave_map(self) -> None:
        """The mouse has left the map: the last picked point comes back."""
        self.inspection.hover(None)
        self._look_at(self._picked, hovering=False)

    def click(self, z: Point) -> None:
        """Place an endpoint of the path at z; the decoder panel goes back there when the mouse leaves the map."""
        self._before_click = (self._picked, self.player.playing)
        self._picked = z
        self.path.click(z)

    def take_back_click(self) -> None:
        """The click was the first half of a double click."""
        if self._before_click is not None:
            self._picked, playing = self._before_click
            self._before_click = None
            self.path.take_back_click()
            if playing:
                self._plays_again = True

    def forget_click(self) -> None:
        """A click that places nothing: the double click it may begin takes nothing back."""
        self._before_click = None
        self.path.forget_click()

    def nearest_code(self, z: Point) -> Point:
        """The mean of the code nearest to z; z itself where there are no codes."""
        found = self._find_nearest(z)
        if found is None:
            return z
        x, y = self._indexed[0][found[0]].tolist()
        return (x, y)

    def pin_nearest(self, z: Point) -> None:
        found = self._find_nearest(z)
        if found is not None and self._shows_own_codes():
            self.inspection.pin(found[0])

    def ask_for_manifold(self, z: NDArray[np.float32]) -> None:
        """Decode a grid of latent points (n, 2) as soon as nothing more urgent is asked; `manifold_decoded` answers."""
        self._post(MANIFOLD, z)

    def save_model(self, path: Path, model: OpenModel | None = None) -> None:
        """Write `model`, or the one on screen; `notice_raised` or `problem_raised` says how it went."""
        model = model or self._model
        if model is not None:
            file = model.file
            self._saving[path] = model.revision
            self.loading.write(path, lambda: write_model_file(path, file))

    def export_path(self, path: Path) -> None:
        """Write the frames on screen: .gif, .apng or .webp as an animation, .png as a strip."""
        answer = self.path.answer
        if answer is None:
            self.problem_raised.emit(self.tr("There is no path to export; click two points on the map first"), "")
            return
        note = self.path.note
        self.loading.write(path, lambda: write_frames(path, answer.images, note=note))

    def download_images(self) -> None:
        if self._model is not None:
            self.loading.download_images(self._model.card.dataset)

    def shut_down(self) -> None:
        """Stop the clock, end all threads and wait for them. What they still say is not heard."""
        self._ended = True
        self.player.pause()
        self.training.shut_down()
        self.loading.shut_down()
        self._decoder.shut_down()

    # What the workers answer

    @Slot(object)
    def _on_decoded(self, answer: DecodeAnswer) -> None:
        if self._model is None or answer.revision != self._model.revision:
            return
        if self._outstanding.get(answer.key) is answer.z:
            del self._outstanding[answer.key]
        if answer.key == CURSOR:
            self.decode_timed.emit(answer.milliseconds)
            self.cursor_decoded.emit(answer)
        elif answer.key == INSPECT:
            self.inspection.set_reconstruction(answer.z[0], answer.images[0])
        elif answer.key == PATH:
            self._show_frames(answer)
        else:
            self.manifold_decoded.emit(answer)

    def _show_frames(self, answer: DecodeAnswer) -> None:
        """Frames go with the name of the model that made them, for by the time they are exported another may be on screen."""
        if self._model is None or not self.path.path.is_complete:
            return
        start, end = answer.z[[0, -1]].tolist()
        points = f"({start[0]:.4f}, {start[1]:.4f}) to ({end[0]:.4f}, {end[1]:.4f})"
        self.path.set_answer(answer, made_by(self._model.card, points))
        self.player.set_count(len(answer.images))
        if self._plays_again:
            self._plays_again = False
            self.player.play()

    @Slot(int)
    def _on_model_ready(self, revision: int) -> None:
        first = self._ready_revision < 0
        self._ready_revision = revision
        if (
            first and self._model is not None and not self._ended
        ):  # torch is in memory now, so reading images no longer delays the first picture
            self.loading.load_images(self._model.card.dataset)
        self.model_ready.emit(revision)

    @Slot(object)
    def _on_written(self, path: Path) -> None:
        revision = self._saving.pop(path, None)
        if self._model is not None and revision == self._model.revision:
            self._model = replace(self._model, path=path)
            self.model_saved.emit(self._model)
        self.notice_raised.emit(self.tr("Saved {}").format(path))

    @Slot(object, str)
    def _on_write_failed(self, path: Path, message: str) -> None:
        if self._saving.pop(path, None) is not None:
            message = self.tr("{}. The model is still open: save it elsewhere with File ▸ Save model as").format(message)
        self.problem_raised.emit(message, "")

    @Slot(object)
    def _on_decode_failed(self, failure: DecodeFailure) -> None:
        self._outstanding.clear()
        self.problem_raised.emit(failure.message, failure.details)

    @Slot(str, object)
    def _on_images_loaded(self, dataset: str, images: object) -> None:
        if self._model is not None and dataset == self._model.card.dataset:
            self.inspection.set_originals(images)  # type: ignore[arg-type]

    @Slot(object, object)
    def _on_indexed(self, mean: NDArray[np.float32], nearest: NearestCode) -> None:
        if mean is self._indexed[0]:
            self._nearest = nearest
            self._look_at(self._cursor.z, self._cursor.hovering)
            if self.inspection.current is None and self._shows_own_codes():
                self.inspection.hover(self._cursor.nearest)

    @Slot(object)
    def _on_path_changed(self, path: LatentPath) -> None:
        if not path.is_complete:
            self.player.set_count(0)
        self._post(PATH, path.z())

    @Slot(object)
    def _on_reconstruction_wanted(self, z: NDArray[np.float32]) -> None:
        self._post(INSPECT, z)

    @Slot(object)
    def _on_training_ended(self, event: Finished | Failed) -> None:
        if self._ended:
            return
        if isinstance(event, Failed):
            if not event.cancelled:
                self.problem_raised.emit(event.message, event.details)
            return
        self.show_model(event.model)
        if event.reason:
            self.problem_raised.emit(self.tr("Training stopped early: {}").format(event.reason), "")
        try:
            path = new_run_path(event.model.card)
        except UserError as error:
            self.problem_raised.emit(str(error), "")
        else:
            self.save_model(path)

    def _look_at(self, z: Point, hovering: bool) -> None:
        found = self._find_nearest(z)
        index, distance = found if found is not None else (None, 0.0)
        label = ""
        if index is not None and self._model is not None:
            number = int(self._indexed[1][index])
            label = self._model.card.classes[number] if number < len(self._model.card.classes) else str(number)
        self._cursor = CursorState(z, hovering, index, label, distance)
        self.cursor_changed.emit(self._cursor)
        self._post(CURSOR, np.asarray([z], np.float32))

    def _find_nearest(self, z: Point) -> tuple[int, float] | None:
        return self._nearest(z) if self._nearest is not None else None

    def _shows_own_codes(self) -> bool:
        """Whether the codes on the map are those of the model, and not others that a script has set."""
        return self._model is not None and self._indexed[0] is self._model.file.codes.mean

    def _post(self, key: str, z: NDArray[np.float32]) -> None:
        if self._model is not None and len(z):
            self._outstanding[key] = z
            self._decoder.post(DecodeRequest(key, z, self._model.revision))
