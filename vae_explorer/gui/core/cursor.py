"""Where the person looks: the cursor, the picked point, the picture there and the code near it. GUI thread only."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.codes_index import CodesIndex
from vae_explorer.gui.core.decode_thread import CURSOR, DecodeAnswer
from vae_explorer.gui.core.decoder import DecoderPort
from vae_explorer.gui.core.inspection import Inspection
from vae_explorer.gui.core.model_thread import Answer, ModelFailure
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.state import CursorState, OpenModel
from vae_explorer.latent.paths import Point

MAX_WAIT = 0.008  # seconds for which the window leaves the processor to the decoder when the cursor moves: half a frame


class Cursor(QObject):
    """Asks for the picture under the cursor, and puts the code near to it under inspection."""

    moved = Signal(object)  # (x, y); before `changed`
    changed = Signal(object)  # CursorState
    decoded = Signal(object)  # DecodeAnswer: the picture under the cursor; before `changed`, as a person waits for it
    failed = Signal(str)  # message: there is no picture of the point under the cursor

    def __init__(
        self, inspection: Inspection, codes_index: CodesIndex, options: DecodeOptions, decoder: DecoderPort, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._inspection, self._codes_index, self._options, self._decoder = inspection, codes_index, options, decoder
        self._model: OpenModel | None = None
        self.picked: Point = (0.0, 0.0)  # where one looks again when the mouse has left the map
        self._state = CursorState((0.0, 0.0), False, None, "", 0.0, 0.0)
        self._picture: DecodeAnswer | None = None
        decoder.answered.connect(self._on_answered)
        decoder.failed.connect(self._on_failed)
        codes_index.rebuilt.connect(self._on_index_rebuilt)

    @property
    def state(self) -> CursorState:
        return self._state

    @property
    def picture(self) -> DecodeAnswer | None:
        """The model's last picture under the cursor."""
        return self._picture

    @property
    def shows_own_codes(self) -> bool:
        """Whether map and inspection hold the model's codes: a script may set others, and a model arrives in steps.

        While a model arrives, its map moves under a resting mouse before the inspection has its codes.
        """
        codes = self._model.file.codes if self._model is not None else None
        return codes is not None and self._codes_index.is_of(codes.mean) and self._inspection.is_of(codes)

    def set_model(self, model: OpenModel) -> None:
        self._model, self._picture = model, None

    def ask_again(self) -> None:
        """The picture of the same point may have become another one, or another code the nearest."""
        self._look_at(self._state.z, self._state.hovering)

    def inspect_nearest(self) -> None:
        """Where no code is under inspection, the nearest one is put there."""
        if self._inspection.current is None and self._state.nearest is not None:
            self._inspection.hover(self._state.nearest)

    @Slot(object, float)
    def move(self, z: Point, reach: float) -> None:
        """The mouse is over z; a code within `reach`, in units of the map, is inspected."""
        self._look_at(z, hovering=True, reach=reach)

    def follow(self, cursor: CursorState, z: Point, reach: float) -> None:
        """Look at z, since the `cursor` is on another map. This decoder is not waited for: the other one's picture comes first."""
        if not cursor.hovering:
            self.picked = z
        self._look_at(z, cursor.hovering, patience=0.0, reach=reach if cursor.hovering else None)

    @Slot()
    def leave(self) -> None:
        """The mouse has left the map: the last picked point comes back."""
        self._inspection.hover(None)
        self._look_at(self.picked, hovering=False)

    @Slot(object)
    def pick(self, z: Point) -> None:
        """Look at z, now and when the mouse leaves the map."""
        self.picked = z
        self._look_at(z, hovering=False)

    def pin_nearest(self, z: Point) -> None:
        """Hold on to the code nearest to z, or let it go."""
        found = self._codes_index.find(z)
        if found is not None and self.shows_own_codes:
            self._inspection.pin(found[0])

    @Slot()
    def _on_index_rebuilt(self) -> None:
        self.ask_again()
        if self.shows_own_codes:
            self.inspect_nearest()

    def _look_at(self, z: Point, hovering: bool, patience: float | None = None, reach: float | None = None) -> None:
        """With a `reach` a code within it is inspected, before others hear where the cursor is."""
        found = self._codes_index.find(z)
        index, apart = found if found is not None else (None, 0.0)
        distance = self._codes_index.distance(index, z) if index is not None else 0.0
        self._state = CursorState(z, hovering, index, self._class_of(index), distance, apart)
        request = self._options.request(CURSOR, np.asarray([z], np.float32))
        self._decoder.ask_now(request, MAX_WAIT if patience is None else patience)
        if reach is not None:
            near = index is not None and apart <= reach and self.shows_own_codes
            self._inspection.hover(index if near else None)
        self.moved.emit(z)
        self.changed.emit(self._state)

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if isinstance(answer, DecodeAnswer) and answer.key == CURSOR:
            self._picture = answer
            self.decoded.emit(answer)

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, _: object) -> None:
        if failure.request is None or failure.request.key == CURSOR:
            self.failed.emit(failure.message)

    def _class_of(self, index: int | None) -> str:
        if index is None or self._model is None:
            return ""
        number, classes = self._codes_index.label(index), self._model.card.classes
        return classes[number] if number < len(classes) else str(number)
