"""Session: the one owner of application state. GUI thread only.

Cursor to picture: the map's `cursor_moved` goes to `Cursor.move`, which asks the decoder; the decode thread answers; the decoder
drops stale answers and `Cursor.decoded` brings the others to the presenter of the decoder panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core.codes_index import CodesIndex
from vae_explorer.gui.core.cursor import Cursor
from vae_explorer.gui.core.data_images import DataImages
from vae_explorer.gui.core.decode_thread import IMAGES
from vae_explorer.gui.core.decoder import Decoder, DecoderPort
from vae_explorer.gui.core.frames import PathFrames
from vae_explorer.gui.core.inspection import InspectedCode, Inspection
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.model_thread import ModelFailure
from vae_explorer.gui.core.opener import ModelOpener
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.part import SessionPart, part_of_type
from vae_explorer.gui.core.saving import Saving
from vae_explorer.gui.core.state import CursorState, OpenModel
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.kit.kept import Keeper
from vae_explorer.latent.paths import LatentPath
from vae_explorer.models.model_file import ModelFile

__all__ = ["CursorState", "InspectedCode", "LatentPath", "OpenModel", "Session"]


T = TypeVar("T")


class SessionFeature(Protocol):
    """A row of the table of features, as a session sees it."""

    def make_session_parts(self, session: Session) -> Sequence[SessionPart]: ...


class Session(QObject):
    model_opened = Signal()  # before `show_model` of a file that the person has opened
    model_changed = Signal(object)  # OpenModel
    model_saved = Signal(object)  # OpenModel, which has a path now
    images_changed = Signal(object)  # Dataset: the images of the model are at hand
    problem_raised = Signal(str, str)  # message, details
    notice_raised = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        features: Iterable[SessionFeature],
        parent: QObject | None = None,
        decoder: DecoderPort | None = None,
    ) -> None:
        """Make the parts of the features, in their order. Without a `decoder` the session starts a decode thread."""
        super().__init__(parent)
        self.workspace = workspace
        self.options = DecodeOptions(self)
        self.decoder = decoder if decoder is not None else Decoder(self)
        self.inspection = Inspection(self.options, self.decoder, self)
        self.jobs = Jobs(self)
        self.opener = ModelOpener(self)
        self.images = DataImages(workspace.data_dir, self.jobs, self)
        self._model: OpenModel | None = None
        self._images: Dataset | None = None  # of the model's data set
        self.codes_index = CodesIndex(self.jobs, self)
        self.saving = Saving(self.jobs, self)
        self._has_asked_for_images = self._ended = False
        self.cursor = Cursor(self.inspection, self.codes_index, self.options, self.decoder, self)
        self.frames = PathFrames(workspace.path, workspace.player, self.options, self.cursor, self.decoder, self)
        self._parts: list[SessionPart] = [self.frames]
        for feature in features:
            self._parts.extend(feature.make_session_parts(self))
        self._connect()
        self.decoder.start()  # now, as importing torch is what the first decoded image waits for

    def _connect(self) -> None:
        self.decoder.model_ready.connect(self._on_model_ready)
        self.decoder.failed.connect(self._on_decode_failed)
        for news in (self.decoder.model_ready, self.decoder.failed):
            news.connect(self.jobs.start_postponed)
        self.opener.loaded.connect(self._on_model_opened)
        self.opener.refused.connect(self.problem_raised)
        self.images.loaded.connect(self._on_images_loaded)
        self.saving.model_saved.connect(self.note_saved)
        self.saving.notice_raised.connect(self.notice_raised)
        self.saving.problem_raised.connect(self.problem_raised)
        self.images.notice_raised.connect(self.notice_raised)
        self.jobs.problem_raised.connect(self.problem_raised)
        self.options.changed.connect(self._decode_anew)

    def part(self, kind: type[T]) -> T:
        """The part of this type, of this session or of the workspace. Raises `KeyError` where there is none."""
        try:
            return part_of_type(self._parts, kind)
        except KeyError:
            return self.workspace.part(kind)

    # What there is

    @property
    def model(self) -> OpenModel | None:
        return self._model

    @property
    def has_images(self) -> bool:
        """Whether the images of the model's data set are at hand."""
        return self._images is not None

    @property
    def keepers(self) -> tuple[Keeper, ...]:
        """What a record of this map holds: the core's states, then the parts in the order of the table."""
        parts = (part for part in self._parts if part.kept_as)
        return (self.workspace.path, self.options, self.inspection, *parts)

    @property
    def settled(self) -> bool:
        """Whether every question has been answered and nothing is being read."""
        is_busy = self.decoder.waiting or self.jobs.busy or self.opener.busy or any(part.busy for part in self._parts)
        return not is_busy and self._model is not None

    # What the person does

    @Slot(object, object)
    def _on_model_opened(self, file: ModelFile, path: Path) -> None:
        self.model_opened.emit()
        self.show_model(file, path)

    def show_model(self, file: ModelFile, path: Path | None = None) -> OpenModel:
        """Make `file` the model on screen: map, decoder and every part change together."""
        before = self._model
        same_data = before is not None and before.card.dataset == file.card.dataset
        revision = before.revision + 1 if before is not None else 0
        if not same_data:  # no image of the data before is asked of this model
            self._images = None
            self.inspection.set_codes(Codes.empty(), (), same_data=False)
        self._model = OpenModel(file, path, revision)
        self.options.set_model(file.card)
        self.decoder.set_model(self._model)
        for part in self._parts:
            part.set_model(self._model, same_data)
        self.cursor.set_model(self._model)
        self.model_changed.emit(self._model)
        self.inspection.set_codes(file.codes, file.card.classes, same_data)
        self.cursor.ask_again()
        self.cursor.inspect_nearest()
        for part in self._parts:
            part.ask_again()
        if not same_data and self.decoder.was_ready:
            self.images.load(file.card.dataset)
        return self._model

    @Slot(int)
    def hold_code(self, index: int) -> None:
        """Hold on to a code, wherever it lies, and look at it."""
        if self._model is not None and self.cursor.shows_own_codes:
            x, y = self._model.file.codes.mean[index].tolist()
            self.inspection.hold(index)
            self.cursor.pick((x, y))

    def save_model(self, path: Path, model: OpenModel | None = None) -> None:
        """Write `model`, or the one on screen; `notice_raised` or `problem_raised` says how it went."""
        model = model or self._model
        if model is not None:
            self.saving.save_model(path, model)

    def export_path(self, path: Path) -> None:
        """Write the frames on screen: .gif, .apng or .webp as an animation, .png as a strip."""
        self.saving.export_path(path, self.frames.answer, self.frames.note)

    def download_images(self) -> None:
        if self._model is not None:
            self.images.download(self._model.card.dataset)

    def shut_down(self) -> None:
        """End all threads and wait for them. What they still say is not heard."""
        self._ended = True
        self.opener.shut_down()
        self.jobs.shut_down()
        self.decoder.shut_down()
        for part in self._parts:
            part.shut_down()

    # What the workers answer

    @Slot(int)
    def _on_model_ready(self, _: int) -> None:
        """Once torch is in memory, reading images no longer delays the first picture."""
        if not self._has_asked_for_images and self._model is not None and not self._ended:
            self._has_asked_for_images = True
            self.images.load(self._model.card.dataset)

    @Slot(int, object)
    def note_saved(self, revision: int, path: Path) -> None:
        """The model of this revision lies in a file now."""
        if self._model is not None and revision == self._model.revision:
            self._model = replace(self._model, path=path)
            self.model_saved.emit(self._model)

    @Slot(object, object)
    def _on_decode_failed(self, failure: ModelFailure, _: object) -> None:
        self.problem_raised.emit(failure.message, failure.details)

    @Slot(str, object)
    def _on_images_loaded(self, dataset: str, images: Dataset) -> None:
        if self._model is not None and dataset == self._model.card.dataset:
            self._images = images
            self.inspection.set_originals(images)
            self.images_changed.emit(images)

    @Slot()
    def _decode_anew(self) -> None:
        """The same points as another class, or otherwise. The map asks for its mosaic by itself, after this."""
        self.decoder.forget(*IMAGES)
        self.cursor.ask_again()
        self.inspection.ask_again()
        for part in self._parts:
            part.ask_again()
