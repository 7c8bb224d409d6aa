"""Where the person looks: the cursor, the picked point, and the code near to them. GUI thread only."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.codes_index import CodesIndex
from vae_explorer.gui.core.decode_thread import CURSOR
from vae_explorer.gui.core.decoder import DecoderPort
from vae_explorer.gui.core.inspection import Inspection
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.state import CursorState, OpenModel
from vae_explorer.latent.paths import Point

_PATIENCE = 0.008  # seconds for which the window leaves the processor to the decoder when the cursor moves: half a frame


class Looking(QObject):
    """Asks for the picture under the cursor, and puts the code near to it under inspection."""

    changed = Signal(object)  # CursorState

    def __init__(
        self, inspection: Inspection, codes_index: CodesIndex, options: DecodeOptions, decoder: DecoderPort, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._inspection, self._codes_index, self._options, self._decoder = inspection, codes_index, options, decoder
        self._model: OpenModel | None = None
        self.picked: Point = (0.0, 0.0)  # where one looks again when the mouse has left the map
        self._cursor = CursorState((0.0, 0.0), False, None, "", 0.0, 0.0)
        codes_index.rebuilt.connect(self._on_index_rebuilt)

    @property
    def cursor(self) -> CursorState:
        return self._cursor

    @property
    def shows_own_codes(self) -> bool:
        """Whether map and inspection hold the model's codes: a script may set others, and a model arrives in steps.

        While a model arrives, its map moves under a resting mouse before the inspection has its codes.
        """
        codes = self._model.file.codes if self._model is not None else None
        return codes is not None and self._codes_index.is_of(codes.mean) and self._inspection.is_of(codes)

    def set_model(self, model: OpenModel) -> None:
        self._model = model

    def look_again(self) -> None:
        """The picture of the same point may have become another one, or another code the nearest."""
        self._look_at(self._cursor.z, self._cursor.hovering)

    def inspect_something(self) -> None:
        """Where no code is under inspection, the nearest one is put there."""
        if self._inspection.current is None and self._cursor.nearest is not None:
            self._inspection.hover(self._cursor.nearest)

    def move_cursor(self, z: Point, reach: float) -> None:
        self._look_at(z, hovering=True, reach=reach)

    def follow_cursor(self, cursor: CursorState, z: Point, reach: float) -> None:
        """Look at z, since the `cursor` is on another map. This decoder is not waited for: the other one's picture comes first."""
        if not cursor.hovering:
            self.picked = z
        self._look_at(z, cursor.hovering, patience=0.0, reach=reach if cursor.hovering else None)

    def leave_map(self) -> None:
        self._inspection.hover(None)
        self._look_at(self.picked, hovering=False)

    def pick(self, z: Point) -> None:
        self.picked = z
        self._look_at(z, hovering=False)

    def pin_nearest(self, z: Point) -> None:
        found = self._codes_index.find(z)
        if found is not None and self.shows_own_codes:
            self._inspection.pin(found[0])

    @Slot()
    def _on_index_rebuilt(self) -> None:
        self.look_again()
        if self.shows_own_codes:
            self.inspect_something()

    def _look_at(self, z: Point, hovering: bool, patience: float | None = None, reach: float | None = None) -> None:
        """With a `reach` a code within it is inspected, before others hear where the cursor is."""
        found = self._codes_index.find(z)
        index, apart = found if found is not None else (None, 0.0)
        distance = self._codes_index.distance(index, z) if index is not None else 0.0
        self._cursor = CursorState(z, hovering, index, self._class_of(index), distance, apart)
        request = self._options.request(CURSOR, np.asarray([z], np.float32))
        self._decoder.ask_now(request, _PATIENCE if patience is None else patience)
        if reach is not None:
            near = index is not None and apart <= reach and self.shows_own_codes
            self._inspection.hover(index if near else None)
        self.changed.emit(self._cursor)

    def _class_of(self, index: int | None) -> str:
        if index is None or self._model is None:
            return ""
        number, classes = self._codes_index.label(index), self._model.card.classes
        return classes[number] if number < len(classes) else str(number)
