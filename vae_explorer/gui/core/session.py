"""The session owns the state of one map. GUI thread only.

From cursor to image: `LatentView.cursor_moved` calls `Cursor.move`, which asks the decoder. The decoder drops stale answers, and
`Cursor.decoded` brings the others to the decoder panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core.channels import ChannelTable
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
from vae_explorer.gui.core.placing import Placing
from vae_explorer.gui.core.projection import Projection
from vae_explorer.gui.core.saving import Saving
from vae_explorer.gui.core.state import CursorState, OpenModel
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.kit.kept import Keeper
from vae_explorer.latent.paths import LatentPath
from vae_explorer.latent.section import Section
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.own.contract import contract_of

__all__ = ["CursorState", "InspectedCode", "LatentPath", "OpenModel", "Session"]


T = TypeVar("T")


class SessionFeature(Protocol):
    def make_session_parts(self, session: Session) -> Sequence[SessionPart]: ...


class Session(QObject):
    model_opened = Signal()  # the person has opened a file; before its model is shown
    model_changed = Signal(object)  # OpenModel
    section_changed = Signal(object)  # OpenModel on its new section
    model_saved = Signal(object)  # OpenModel with its new path
    images_changed = Signal(object)  # Dataset, once its images have been read
    problem_raised = Signal(str, str)  # message, details
    notice_raised = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        features: Iterable[SessionFeature],
        parent: QObject | None = None,
        decoder: DecoderPort | None = None,
    ) -> None:
        """Make the parts of all features. Without a `decoder`, start a decode thread."""
        super().__init__(parent)
        self.workspace = workspace
        self.options = DecodeOptions(self)
        self.decoder = decoder if decoder is not None else Decoder(self)
        self.inspection = Inspection(self.options, self.decoder, self)
        self.jobs = Jobs(self)
        self.opener = ModelOpener(self)
        self.images = DataImages(workspace.data_dir, self.jobs, self)
        self._model: OpenModel | None = None
        self._images: Dataset | None = None  # data set of the model
        self.codes_index = CodesIndex(self.jobs, self)
        self.placing = Placing(self.jobs, self)
        self._projection = Projection(self.jobs, self)
        self.saving = Saving(self.jobs, self)
        self._has_asked_for_images = self._ended = False
        self.cursor = Cursor(self.inspection, self.codes_index, self.options, self.decoder, self)
        self.frames = PathFrames(workspace.path, workspace.player, self.options, self.cursor, self.decoder, self)
        self.channels = ChannelTable(self)
        self._parts: list[SessionPart] = [self.frames, self.channels]
        for feature in features:
            self._parts.extend(feature.make_session_parts(self))
        self._connect()
        self.decoder.start()  # before the first request, since importing torch takes seconds

    def _connect(self) -> None:
        self.decoder.model_ready.connect(self._on_model_ready)
        self.decoder.failed.connect(self._on_decode_failed)
        for signal in (self.decoder.model_ready, self.decoder.failed):
            signal.connect(self.jobs.start_postponed)
        self.opener.loaded.connect(self._on_model_opened)
        self.opener.refused.connect(self.problem_raised)
        self.placing.placed.connect(self._on_placed)
        self._projection.done.connect(self._on_projected)
        self.images.loaded.connect(self._on_images_loaded)
        self.saving.model_saved.connect(self.note_saved)
        self.saving.notice_raised.connect(self.notice_raised)
        self.saving.problem_raised.connect(self.problem_raised)
        self.images.notice_raised.connect(self.notice_raised)
        self.jobs.problem_raised.connect(self.problem_raised)
        self.options.changed.connect(self._decode_again)
        self.options.pose_moved.connect(self.cursor.ask_again)
        self.images_changed.connect(self.channels.set_data)

    def part(self, kind: type[T]) -> T:
        """Return the part of this type, from session or workspace. Raises `KeyError`."""
        try:
            return part_of_type(self._parts, kind)
        except KeyError:
            return self.workspace.part(kind)

    # State

    @property
    def model(self) -> OpenModel | None:
        return self._model

    @property
    def has_images(self) -> bool:
        return self._images is not None

    @property
    def keepers(self) -> tuple[Keeper, ...]:
        parts = (part for part in self._parts if part.kept_as)
        return (self.workspace.path, self.options, self.inspection, *parts)

    @property
    def settled(self) -> bool:
        is_busy = self.decoder.waiting or self.jobs.busy or self.opener.busy or any(part.busy for part in self._parts)
        return not is_busy and self._model is not None

    # Actions of the person

    @Slot(object, object)
    def _on_model_opened(self, file: ModelFile, path: Path) -> None:
        self.model_opened.emit()
        self.show_model(file, path)
        if file.card.is_own:
            self.notice_raised.emit(contract_of(file.card).said)

    def show_model(self, file: ModelFile, path: Path | None = None, images: Dataset | None = None) -> OpenModel:
        """Show the model of `file` on the map, in the decoder and in every part.

        `images` are those of its codes, if the caller has them; else the session reads the data set that the card names.
        """
        self._projection.stop()
        before = self._model
        same_data = before is not None and before.card.dataset == file.card.dataset
        revision = before.revision + 1 if before is not None else 0
        if not same_data:  # the new model must not encode images of the old data
            self._images = None
            self.inspection.set_codes(Codes.empty(), (), same_data=False)
        self._model = OpenModel(file, path, revision)
        self.options.set_model(file.card)
        self.decoder.set_model(self._model)
        self.cursor.set_model(self._model)
        for part in self._parts:
            part.set_model(self._model, same_data)
        self.model_changed.emit(self._model)
        self.inspection.set_codes(file.codes, file.card.classes, same_data, self._model.section)
        self.cursor.ask_again()
        self.cursor.inspect_nearest()
        for part in self._parts:
            part.ask_again()
        if images is not None:
            self._on_images_loaded(file.card.dataset, images)
        elif not same_data and self.decoder.was_ready:
            self._load_images()
        return self._model

    def show_section(self, section: Section, with_distance: bool = False) -> None:
        """Show the model on another section of its latent space, with many codes some time later.

        `with_distance` has the distances of the codes computed beside the window too.
        """
        if self._model is not None and section.latents == self._model.card.spec.latent_dim:
            self._projection.start(self._model.on(section), with_distance)

    @Slot(object, object, object)
    def _on_placed(self, model: OpenModel, file: ModelFile, images: Dataset) -> None:
        """Show an own model with the codes of images, unless another model is on the map by now."""
        if self._model is not None and model.revision == self._model.revision:
            self.show_model(file, self._model.path, images)

    @Slot(object)
    def _on_projected(self, model: OpenModel) -> None:
        """Show the model on its section, under the name that the model has by now."""
        if self._model is None or model.revision != self._model.revision:
            return
        self._model = model = model.saved_at(self._model.path)
        self.decoder.set_model(model)
        self.cursor.set_model(model)
        for part in self._parts:
            part.set_section(model)
        self.section_changed.emit(model)
        self.inspection.set_codes(model.file.codes, model.card.classes, same_data=True, section=model.section)
        self.cursor.ask_again()
        for part in self._parts:
            part.ask_again()

    @Slot(int)
    def hold_code(self, index: int) -> None:
        if self._model is not None and self.cursor.shows_own_codes:
            x, y = self._model.places[index].tolist()
            self.inspection.hold(index)
            self.cursor.pick((x, y))

    def save_model(self, path: Path, model: OpenModel | None = None) -> None:
        model = model or self._model
        if model is not None:
            self.saving.save_model(path, model)

    def export_path(self, path: Path) -> None:
        self.saving.export_path(path, self.frames.answer, self.frames.note, self.channels.channels)

    def download_images(self) -> None:
        if self._model is not None:
            self.images.download(self._model.card.dataset)

    def shut_down(self) -> None:
        self._ended = True
        self.opener.shut_down()
        self.jobs.shut_down()
        self.decoder.shut_down()
        for part in self._parts:
            part.shut_down()

    # Answers of threads and jobs

    @Slot(int)
    def _on_model_ready(self, _: int) -> None:
        """Read images only now: earlier, they would delay the first decoded image."""
        if not self._has_asked_for_images and self._model is not None and not self._ended:
            self._has_asked_for_images = True
            self._load_images()

    def _load_images(self) -> None:
        if self._model is not None and not self._model.card.is_own:  # an own model's images have no name
            self.images.load(self._model.card.dataset)

    @Slot(int, object)
    def note_saved(self, revision: int, path: Path) -> None:
        if self._model is not None and revision == self._model.revision:
            self._model = self._model.saved_at(path)
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
    def _decode_again(self) -> None:
        """Decode everything with the new options. The manifold overlay asks on its own."""
        self.decoder.forget(*IMAGES)
        self.cursor.ask_again()
        self.inspection.ask_again()
        for part in self._parts:
            part.ask_again()
