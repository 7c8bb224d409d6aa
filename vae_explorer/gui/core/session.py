"""Session: the one owner of application state. GUI thread only.

Cursor to picture: the map's `cursor_moved` goes to `Cursor.move`, which asks the decoder; the decode thread answers; the decoder
drops stale answers and `Cursor.decoded` brings the others to the presenter of the decoder panel.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from vae_explorer.codes import Codes
from vae_explorer.gui.core.activity import Activity
from vae_explorer.gui.core.codes_index import CodesIndex
from vae_explorer.gui.core.cursor import Cursor
from vae_explorer.gui.core.decode_thread import IMAGES
from vae_explorer.gui.core.decoder import Decoder, DecoderPort
from vae_explorer.gui.core.frames import PathFrames
from vae_explorer.gui.core.inspection import InspectedCode, Inspection
from vae_explorer.gui.core.loading import Loading
from vae_explorer.gui.core.model_thread import ModelFailure
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.path import PathState
from vae_explorer.gui.core.player import Player
from vae_explorer.gui.core.saving import Saving
from vae_explorer.gui.core.state import CursorState, OpenModel
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.inspector.state import PosteriorDensity
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.state import FigureSurvey
from vae_explorer.gui.features.samples.state import Samples
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import Progress, TrainingState
from vae_explorer.latent.paths import LatentPath, Point
from vae_explorer.models.model_file import ModelFile

__all__ = ["CursorState", "InspectedCode", "LatentPath", "OpenModel", "Progress", "Session"]


class Session(QObject):
    undo_stack: QUndoStack
    path: PathState
    player: Player
    activity: Activity
    model_changed = Signal(object)  # OpenModel
    model_saved = Signal(object)  # OpenModel, which has a path now
    problem_raised = Signal(str, str)  # message, details
    notice_raised = Signal(str)

    def __init__(
        self,
        data_dir: str | None = None,
        parent: QObject | None = None,
        leader: Session | None = None,
        decoder: DecoderPort | None = None,
    ) -> None:
        """With a `leader` the path, its steps and the player are the leader's; models and cursor are this session's own.

        Without a `decoder` the session starts a decode thread.
        """
        super().__init__(parent)
        self.data_dir, self._leads = data_dir, leader is None
        self.undo_stack = leader.undo_stack if leader is not None else QUndoStack(self)
        self.path = PathState(self.undo_stack, self, leader.path if leader is not None else None)
        self.player = leader.player if leader is not None else Player(self)
        self.options = DecodeOptions(self)
        self.decoder = decoder if decoder is not None else Decoder(self)
        self.inspection = Inspection(self.options, self.decoder, self)
        self.activity = leader.activity if leader is not None else Activity(self)
        self.training = TrainingState(self.activity, self)
        self.loading = Loading(data_dir, self)
        self._model: OpenModel | None = None
        self.codes_index = CodesIndex(self.loading, self)
        self.saving = Saving(self.loading, self)
        self._has_asked_for_images = self._ended = False
        self.run_model = RunModel(self.training, self.saving, self.show_model, self)
        self.cursor = Cursor(self.inspection, self.codes_index, self.options, self.decoder, self)
        self._frames = PathFrames(self.path, self.player, self.options, self.cursor, self.decoder, self)
        self.density = PosteriorDensity(self.decoder, self)
        self.analysis = ImageAnalysis(self.options, self)
        self.survey = FigureSurvey(self)
        self.extremes = Extremes(self.survey, self)
        self.samples = Samples(self.inspection, self.options, self.decoder, self)
        self._connect()
        self.decoder.start()  # now, as importing torch is what the first decoded image waits for

    def _connect(self) -> None:
        self.inspection.changed.connect(self.density.set_code)
        self.inspection.changed.connect(self.analysis.set_code)
        self.inspection.taken_hold.connect(self.analysis.show_code)
        self.analysis.problem_raised.connect(self.problem_raised)
        self.survey.problem_raised.connect(self.problem_raised)
        self.extremes.picked.connect(self._on_code_picked)
        self.cursor.changed.connect(self.survey.make_way)
        self.samples.picked.connect(self.cursor.pick)
        self.decoder.model_ready.connect(self._on_model_ready)
        self.decoder.failed.connect(self._on_decode_failed)
        for news in (self.decoder.model_ready, self.decoder.failed):
            news.connect(self.loading.take_time)
        self.loading.model_loaded.connect(self._on_model_opened)
        self.loading.images_loaded.connect(self._on_images_loaded)
        self.saving.model_saved.connect(self._on_model_saved)
        self.saving.notice_raised.connect(self.notice_raised)
        self.saving.problem_raised.connect(self.problem_raised)
        self.loading.notice_raised.connect(self.notice_raised)
        self.loading.problem_raised.connect(self.problem_raised)
        if self._leads:
            self.path.changed.connect(self.activity.stir)
            self.player.stepped.connect(self.activity.stir)
        self.options.changed.connect(self._decode_anew)
        self.run_model.model_saved.connect(self._on_model_saved)
        self.training.stopped.connect(self._take_figure_up)
        self.run_model.problem_raised.connect(self.problem_raised)

    # What there is

    @property
    def model(self) -> OpenModel | None:
        return self._model

    @property
    def in_training(self) -> bool:
        """Whether the model on screen is that of a run which goes on: the next epoch brings another one."""
        return self._model is not None and self._model.path is None and self.training.running

    @property
    def settled(self) -> bool:
        """Whether every question has been answered and nothing is being read."""
        return not (self.decoder.waiting or self.analysis.busy or self.loading.busy) and self._model is not None

    # What the person does

    @Slot(object, object)
    def _on_model_opened(self, file: ModelFile, path: Path) -> None:
        self.training.leave()
        self.show_model(file, path)

    def show_model(self, file: ModelFile, path: Path | None = None) -> OpenModel:
        """Make `file` the model on screen: map, decoder and inspector change together."""
        before = self._model
        same_data = before is not None and before.card.dataset == file.card.dataset
        revision = before.revision + 1 if before is not None else 0
        if not same_data:  # no image of the data before is asked of this model
            self.inspection.set_codes(Codes.empty(), (), same_data=False)
        self._model = OpenModel(file, path, revision)
        self.options.set_model(file.card)
        self.density.set_model(file.card)
        self.samples.set_model(file.card)
        self._frames.set_model(file.card)
        self.decoder.set_model(self._model)
        self.analysis.set_model(self._model)
        self.cursor.set_model(self._model)
        self.model_changed.emit(self._model)
        self.inspection.set_codes(file.codes, file.card.classes, same_data)
        if not same_data:
            self.survey.set_images(None)
        self.extremes.forget()
        self.survey.set_model(self._model)
        self.cursor.look_again()
        self.cursor.inspect_something()
        self._frames.ask()
        self.samples.decode_anew()
        if not same_data and self.decoder.was_ready:
            self.loading.load_images(file.card.dataset)
        return self._model

    def click(self, z: Point) -> None:
        """Place an endpoint of the path at z; the decoder panel goes back there when the mouse leaves the map.

        Where the model decodes as no class the endpoint has none: another one that this path lies on too has it as its wheel says.
        """
        self._frames.click(z)

    def take_back_click(self) -> None:
        """The click was the first half of a double click."""
        self._frames.take_back_click()

    def forget_click(self) -> None:
        """A click that places nothing: the double click it may begin takes nothing back."""
        self._frames.forget_click()

    def save_model(self, path: Path, model: OpenModel | None = None) -> None:
        """Write `model`, or the one on screen; `notice_raised` or `problem_raised` says how it went."""
        model = model or self._model
        if model is not None:
            self.saving.save_model(path, model)

    def export_path(self, path: Path) -> None:
        """Write the frames on screen: .gif, .apng or .webp as an animation, .png as a strip."""
        self.saving.export_path(path, self.path.answer, self.path.note)

    def download_images(self) -> None:
        if self._model is not None:
            self.loading.download_images(self._model.card.dataset)

    def shut_down(self) -> None:
        """Stop the clock, end all threads and wait for them. What they still say is not heard."""
        self._ended = True
        self.run_model.shut_down()
        if self._leads:
            self.player.pause()
        self.training.shut_down()
        self.loading.shut_down()
        self.decoder.shut_down()
        self.analysis.shut_down()
        self.survey.shut_down()

    # What the workers answer

    @Slot(int)
    def _on_model_ready(self, _: int) -> None:
        """Once torch is in memory, reading images no longer delays the first picture."""
        if not self._has_asked_for_images and self._model is not None and not self._ended:
            self._has_asked_for_images = True
            self.loading.load_images(self._model.card.dataset)

    @Slot(int, object)
    def _on_model_saved(self, revision: int, path: Path) -> None:
        if self._model is not None and revision == self._model.revision:
            self._model = replace(self._model, path=path)
            self.model_saved.emit(self._model)
            self._take_figure_up()

    @Slot()
    def _take_figure_up(self) -> None:
        """Once a run has ended and its model is written, neither changes any more."""
        if self._model is not None and self._model.path is not None and not self.training.running:
            self.survey.take_up()

    @Slot(object, object)
    def _on_decode_failed(self, failure: ModelFailure, _: object) -> None:
        self.problem_raised.emit(failure.message, failure.details)

    @Slot(str, object)
    def _on_images_loaded(self, dataset: str, images: object) -> None:
        if self._model is not None and dataset == self._model.card.dataset:
            self.inspection.set_originals(images)  # type: ignore[arg-type]
            self.survey.set_images(images)  # type: ignore[arg-type]

    @Slot(int)
    def _on_code_picked(self, index: int) -> None:
        """A code that a person has stepped to, wherever it lies, is held and looked at."""
        if self._model is not None and self.cursor.shows_own_codes:
            x, y = self._model.file.codes.mean[index].tolist()
            self.inspection.hold(index)
            self.cursor.pick((x, y))

    @Slot()
    def _decode_anew(self) -> None:
        """The same points as another class, or otherwise. The map asks for its mosaic by itself, after this."""
        self.decoder.forget(*IMAGES)
        self.cursor.look_again()
        self._frames.ask()
        self.inspection.ask_again()
        self.samples.decode_anew()
