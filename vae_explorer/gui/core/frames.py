"""Turns clicks into a path, and decodes the frames for the player. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.cursor import Cursor
from vae_explorer.gui.core.decode_thread import PATH, DecodeAnswer
from vae_explorer.gui.core.decoder import DecoderPort
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.path import PathState
from vae_explorer.gui.core.player import Player
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.latent.paths import LatentPath, Point
from vae_explorer.models.card import made_by, point_written


class PathFrames(SessionPart):
    decoded = Signal(object)  # DecodeAnswer: the frames of the path

    def __init__(
        self, path: PathState, player: Player, options: DecodeOptions, cursor: Cursor, decoder: DecoderPort, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._path, self._player, self._options, self._cursor, self._decoder = path, player, options, cursor, decoder
        self._before_click: tuple[Point, bool] | None = None  # the picked point, and whether the player ran
        self._plays_again = False  # play once the frames have come
        self._model: OpenModel | None = None
        self._answer: DecodeAnswer | None = None
        self._note = ""
        path.changed.connect(self._on_path_changed)
        decoder.answered.connect(self._on_answered)

    @property
    def answer(self) -> DecodeAnswer | None:
        return self._answer

    @property
    def note(self) -> str:
        return self._note

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        was_shown, self._model = bool(self.path.points), model
        if was_shown and not self.path.points:  # a path in a space of other dimensions
            self._path.clear()

    def set_section(self, model: OpenModel) -> None:
        self._model = model

    @property
    def path(self) -> LatentPath:
        """The path of the workspace, without points if it lies in a space of other dimensions."""
        path, model = self._path.path, self._model
        fits = model is None or path.latents in (None, model.card.spec.latent_dim)
        return path if fits else LatentPath(frames=path.frames)

    def click(self, z: Point, snaps: bool = False) -> None:
        """Place an endpoint at a place of the map or, if it `snaps`, on the nearest code. Pick the place.

        On a section, a click on a code takes the code. Endpoints store a class only for conditional models. Other maps use the
        class of their own wheel.
        """
        point = self._cursor.point_at(z, snaps or self._cursor.is_on_code(z))
        self._before_click = (self._cursor.picked, self._player.playing)
        self._cursor.picked = self._model.place_of(point) if self._model is not None else z
        self._path.click(point, self._options.label if self._options.classes else None)

    def drag(self, endpoint: int, z: Point, snaps: bool) -> None:
        """Move an endpoint to a place of the map or, if it `snaps`, to the nearest code.

        An endpoint beside a section stays as far from the section.
        """
        self._path.drag(endpoint, self._cursor.point_at(z, snaps, beside=self._path.path.points[endpoint]))

    def take_back_click(self) -> None:
        if self._before_click is not None:
            self._cursor.picked, playing = self._before_click
            self._before_click = None
            self._path.take_back_click()
            if playing:
                self._plays_again = True

    @Slot()
    def forget_click(self) -> None:
        self._before_click = None
        self._path.forget_click()

    def ask_again(self) -> None:
        path, classes = self.path, self._options.classes
        weights = path.weights(classes, self._options.label) if classes else None
        self._decoder.ask(self._options.request(PATH, path.z(), weights))

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if self._model is not None and isinstance(answer, DecodeAnswer) and answer.key == PATH:
            self._show(answer, self._model)

    def _show(self, answer: DecodeAnswer, model: OpenModel) -> None:
        """Note the model of the frames: another may be on screen at the export."""
        path = self.path
        if not path.is_complete:
            return
        start, end = answer.z[[0, -1]].round(4).tolist()
        points = f"{point_written(start)} to {point_written(end)}"
        classes = self._options.classes
        labels = path.shown_as(classes, self._options.label) if classes else ()
        self._answer, self._note = answer, made_by(model.card, points, labels, self._options.switches)
        self.decoded.emit(answer)
        self._player.set_count(len(answer.images))
        if self._plays_again:
            self._plays_again = False
            self._player.play()

    @Slot(object)
    def _on_path_changed(self, path: LatentPath) -> None:
        if not self.path.is_complete:
            self._answer = None
        if not path.is_complete:
            self._player.set_count(0)
        self.ask_again()
