"""The cursor on the map, the decoded image there, and the nearest code. GUI thread only."""

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
from vae_explorer.latent.paths import LatentPoint, Point
from vae_explorer.models.spec import LATENT_DIM

MAX_WAIT = 0.008  # seconds, half a frame, that the GUI thread waits for the decoder after a move


class Cursor(QObject):
    """Asks for the image under the cursor, and inspects a code near it."""

    moved = Signal(object)  # (x, y); before `changed`
    changed = Signal(object)  # CursorState
    decoded = Signal(object)  # DecodeAnswer; before `changed`, since a person waits for the image
    failed = Signal(str)  # message

    def __init__(
        self, inspection: Inspection, codes_index: CodesIndex, options: DecodeOptions, decoder: DecoderPort, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._inspection, self._codes_index, self._options, self._decoder = inspection, codes_index, options, decoder
        self._model: OpenModel | None = None
        self.picked: Point = (0.0, 0.0)  # the decoder shows this point while the mouse is off the map
        self._state = CursorState((0.0, 0.0), False, None, "", 0.0)
        self._answer: DecodeAnswer | None = None
        decoder.answered.connect(self._on_answered)
        decoder.failed.connect(self._on_failed)
        codes_index.rebuilt.connect(self._on_index_rebuilt)

    @property
    def state(self) -> CursorState:
        return self._state

    @property
    def picture(self) -> DecodeAnswer | None:
        """The last decoded image of the present model."""
        return self._answer

    @property
    def shows_own_codes(self) -> bool:
        """Whether map and inspection both hold the codes of the model.

        A script may set other codes. While a model loads, the map has its codes before the inspection has them.
        """
        model = self._model
        return (
            model is not None
            and self._codes_index.holds(model.places)
            and self._inspection.holds(model.file.codes, model.section)
        )

    def set_model(self, model: OpenModel) -> None:
        self._model, self._answer = model, None

    def ask_again(self) -> None:
        self._look_at(self._state.z, self._state.hovering)

    def inspect_nearest(self) -> None:
        if self._inspection.current is None and self._state.nearest is not None:
            self._inspection.hover(self._state.nearest)

    @Slot(object, float)
    def move(self, z: Point, reach: float) -> None:
        """Move to z, and inspect a code within `reach` units of the map."""
        self._look_at(z, hovering=True, reach=reach)

    def follow(self, cursor: CursorState, z: Point, reach: float) -> None:
        """Follow a cursor on another map to z, without waiting for the image."""
        if not cursor.hovering:
            self.picked = z
        self._look_at(z, cursor.hovering, max_wait=0.0, reach=reach if cursor.hovering else None)

    @Slot()
    def leave(self) -> None:
        self._inspection.hover(None)
        self._look_at(self.picked, hovering=False)

    @Slot(object)
    def pick(self, z: Point) -> None:
        """Move to z, and return to z when the mouse leaves the map."""
        self.picked = z
        self._look_at(z, hovering=False)

    def pin_nearest(self, z: Point) -> None:
        found = self._codes_index.find(z)
        if found is not None and self.shows_own_codes:
            self._inspection.pin(found[0])

    def is_on_code(self, z: Point) -> bool:
        """Whether a place of a section shows a code, which may lie beside the section."""
        return self._state.is_code and self._state.z == z

    def point_at(self, z: Point, snaps: bool, beside: LatentPoint | None = None) -> LatentPoint:
        """Return the nearest code (d,) if the place z `snaps`, else the latent point at z; see `OpenModel.lifted`."""
        place = self._codes_index.snapped(z) if snaps else z
        if self._model is None:
            return place
        found = self._codes_index.find(z) if snaps and self.shows_own_codes else None
        code = self._latent(place, found[0]) if found is not None else ()
        return code or self._model.lifted(place, beside)

    @Slot()
    def _on_index_rebuilt(self) -> None:
        self.ask_again()
        if self.shows_own_codes:
            self.inspect_nearest()

    def _look_at(self, z: Point, hovering: bool, max_wait: float | None = None, reach: float | None = None) -> None:
        """Decode z, and inspect a code within `reach` before `moved` is emitted."""
        found = self._codes_index.find(z)
        index, map_distance = found if found is not None else (None, 0.0)
        distance = self._codes_index.distance(index, z) if index is not None else 0.0
        is_near = reach is not None and index is not None and map_distance <= reach and self.shows_own_codes
        latent = self._latent(z, index if is_near else None)
        self._state = CursorState(z, hovering, index, self._class_of(index), distance, latent, bool(latent) and is_near)
        request = self._options.request(CURSOR, np.asarray([self._state.point], np.float32))
        self._decoder.ask_now(request, MAX_WAIT if max_wait is None else max_wait)
        if reach is not None:
            self._inspection.hover(index if is_near else None)
        self.moved.emit(z)
        self.changed.emit(self._state)

    def _latent(self, z: Point, code: int | None) -> tuple[float, ...]:
        """Return the point (d,) to decode at a place of a section, or a code itself; () where the map shows the plane."""
        model = self._model
        if model is None or model.card.spec.latent_dim == LATENT_DIM:
            return ()
        found = model.section.lift([z])[0] if code is None else model.file.codes.mean[code]
        return tuple(found.tolist())

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if isinstance(answer, DecodeAnswer) and answer.key == CURSOR:
            self._answer = answer
            self.decoded.emit(answer)

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, _: object) -> None:
        if failure.request is None or failure.request.key == CURSOR:
            self._answer = None
            self.failed.emit(failure.message)

    def _class_of(self, index: int | None) -> str:
        if index is None or self._model is None or not self._model.card.classes:
            return ""
        label, classes = self._model.file.codes.label, self._model.card.classes
        number = int(label[index]) if self._codes_index.holds(self._model.places) else self._codes_index.label(index)
        return classes[number] if number < len(classes) else str(number)
