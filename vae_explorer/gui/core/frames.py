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
from vae_explorer.models.card import ModelCard, made_by


class PathFrames(SessionPart):
    decoded = Signal(object)  # DecodeAnswer: the frames of the path

    def __init__(
        self, path: PathState, player: Player, options: DecodeOptions, cursor: Cursor, decoder: DecoderPort, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._path, self._player, self._options, self._cursor, self._decoder = path, player, options, cursor, decoder
        self._before_click: tuple[Point, bool] | None = None  # the picked point, and whether the player ran
        self._plays_again = False  # play once the frames have come
        self._card: ModelCard | None = None
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
        self._card = model.card

    def click(self, z: Point) -> None:
        """Place an endpoint at z, and pick z.

        Endpoints store a class only for conditional models. Other maps use the class of their own wheel.
        """
        self._before_click = (self._cursor.picked, self._player.playing)
        self._cursor.picked = z
        self._path.click(z, self._options.label if self._options.classes else None)

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
        path, classes = self._path.path, self._options.classes
        weights = path.weights(classes, self._options.label) if classes else None
        self._decoder.ask(self._options.request(PATH, path.z(), weights))

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if self._card is not None and isinstance(answer, DecodeAnswer) and answer.key == PATH:
            self._show(answer, self._card)

    def _show(self, answer: DecodeAnswer, card: ModelCard) -> None:
        """Note the model of the frames: another may be on screen at the export."""
        path = self._path.path
        if not path.is_complete:
            return
        start, end = answer.z[[0, -1]].tolist()
        points = f"({start[0]:.4f}, {start[1]:.4f}) to ({end[0]:.4f}, {end[1]:.4f})"
        classes = self._options.classes
        labels = path.shown_as(classes, self._options.label) if classes else ()
        self._answer, self._note = answer, made_by(card, points, labels, self._options.switches)
        self.decoded.emit(answer)
        self._player.set_count(len(answer.images))
        if self._plays_again:
            self._plays_again = False
            self._player.play()

    @Slot(object)
    def _on_path_changed(self, path: LatentPath) -> None:
        if not path.is_complete:
            self._answer = None
            self._player.set_count(0)
        self.ask_again()
