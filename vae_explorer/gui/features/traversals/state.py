"""Images along each latent, around the inspected code. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.decode_thread import TRAVERSALS, DecodeAnswer
from vae_explorer.gui.core.decoder import DecoderPort
from vae_explorer.gui.core.inspection import InspectedCode, Inspection
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.latent.section import ranked
from vae_explorer.latent.traversals import traversal_values, traversals
from vae_explorer.models.card import along_written, made_by
from vae_explorer.models.model_file import ModelFile

_ROWS = 20


@dataclass(frozen=True, slots=True)
class Around:
    """What the decoder is asked for. Equal values ask for equal images of one model."""

    centre: tuple[float, ...]  # (d,) latent point
    name: str  # of the inspected code; empty at 0
    label: int | None  # the decoded class of a conditional model
    switches: frozenset[str]


@dataclass(frozen=True, slots=True)
class Traversal:
    """Images (rows · columns, H, W, C) of the points z (rows · columns, d), one row for each of `latents`."""

    around: Around
    latents: tuple[int, ...]
    z: NDArray[np.float32] = field(repr=False)
    images: NDArray[np.uint8] = field(repr=False)
    note: str  # describes an exported file


class Traversals(SessionPart):
    """Asks for images while the panel is visible. Without an inspected code, latents move around 0."""

    changed = Signal(object)  # Traversal | None

    def __init__(self, inspection: Inspection, options: DecodeOptions, decoder: DecoderPort, parent: QObject) -> None:
        super().__init__(parent)
        self._inspection, self._options, self._decoder = inspection, options, decoder
        self._is_open = False
        self._model: OpenModel | None = None
        self._latents: tuple[int, ...] = ()
        self._asked: Around | None = None  # of the newest request
        self._shown: Traversal | None = None
        inspection.changed.connect(self._on_inspected)
        decoder.answered.connect(self._on_answered)

    @property
    def shown(self) -> Traversal | None:
        return self._shown

    @property
    def file(self) -> ModelFile | None:
        return self._model.file if self._model is not None else None

    @property
    def offered(self) -> bool:
        """Whether the map shows a part of the latent space alone."""
        return self._model is not None and not self._model.section.is_whole

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        self._model, self._asked = model, None
        self._latents = ()
        self._set(None)

    def set_section(self, model: OpenModel) -> None:
        self._model = model

    @Slot(bool)
    def set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        if is_open:
            self.ask_again()
        else:
            self._decoder.forget(TRAVERSALS)

    def ask_again(self) -> None:
        """Ask for images, unless the panel shows them already."""
        model = self._model
        if not self._is_open or model is None or not self.offered:
            return
        self._asked = around = self._around(model, self._inspection.held)
        if self._shown is not None and self._shown.around == around:
            self._decoder.forget(TRAVERSALS)
            return
        self._latents = tuple(ranked(model.file.information)[:_ROWS])
        z = traversals(around.centre, self._latents, traversal_values())
        self._decoder.ask(self._options.request(TRAVERSALS, z, self._options.condition(len(z), around.label)))

    def _around(self, model: OpenModel, code: InspectedCode | None) -> Around:
        label = self._options.label if self._options.classes else None
        if code is None or not self._inspection.holds(model.file.codes, model.section):
            return Around((0.0,) * model.card.spec.latent_dim, "", label, self._options.switches)
        centre = tuple(model.file.codes.mean[code.index].tolist())
        return Around(centre, code.title, label if label is None else code.class_number, self._options.switches)

    @Slot(object)
    def _on_inspected(self, _: object) -> None:
        """Ask only for another code: an inspected code changes with each of its images."""
        model = self._model
        if self._is_open and model is not None and self._around(model, self._inspection.held) != self._asked:
            self.ask_again()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        model, around = self._model, self._asked
        if not isinstance(answer, DecodeAnswer) or answer.key != TRAVERSALS or model is None or around is None:
            return
        classes = () if around.label is None else (around.label,)
        note = made_by(model.card, along_written(self._latents, around.centre), classes, around.switches)
        self._set(Traversal(around, self._latents, answer.z, answer.images, note))

    def _set(self, shown: Traversal | None) -> None:
        self._shown = shown
        self.changed.emit(shown)
