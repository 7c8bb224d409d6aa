"""Lets the image analysis follow the pad, and shows the answers in the draw panel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Slot

from vae_explorer.drawing import fitted, is_light, is_misplaced, typical_fit
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.draw.filling_grid import COLUMNS, Filling
from vae_explorer.gui.features.draw.image_files import ImageFiles
from vae_explorer.gui.features.draw.pad import SCALE
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.features.draw.picture import PictureReader
from vae_explorer.gui.features.evidence.facts import facts_of_image
from vae_explorer.gui.features.evidence.help import analysis_help
from vae_explorer.gui.features.evidence.state import AnalysisSubject, ImageAnalysis
from vae_explorer.gui.features.evidence.subject import SubjectPresenter, look_at_posteriors
from vae_explorer.gui.features.evidence.thread import EVIDENCE, Fillings, PosteriorAnalysis
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.states import image_state, why_no_images
from vae_explorer.gui.kit.panel_state import Nothing, PanelState, Ready
from vae_explorer.kinds import Binarised, PosteriorKind
from vae_explorer.latent.paths import Point
from vae_explorer.models.terms import given_class, in_bits, number

if TYPE_CHECKING:
    from vae_explorer.image_reading import OwnImage

_ASK_EVERY_MS = 40  # while the pen moves


class DrawPresenter(QObject):
    def __init__(self, panel: DrawPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._filling_z: list[Point | None] = []
        self._note: str | None = None  # explains the drawing's analysis; None until there is an answer
        self._only_strokes = True  # since the last request
        self._reader_notes: tuple[str, ...] = ()  # about the image file on the pad
        self._ask_soon = QTimer(self)
        self._ask_soon.setSingleShot(True)
        self._ask_soon.setInterval(_ASK_EVERY_MS)
        self._ask_soon.timeout.connect(self._ask)
        SubjectPresenter(panel.subject, session)
        panel.pad.changed.connect(self._on_changed)
        panel.centre_requested.connect(self._centre)
        panel.inspected_requested.connect(self._copy_inspected)
        panel.visibility_changed.connect(self._on_visibility_changed)
        panel.fillings.chosen.connect(self._on_filling_chosen)
        session.model_changed.connect(self._on_model_changed)
        session.part(PictureReader).was_read.connect(self._on_picture_read)
        session.part(ImageAnalysis).posterior_found.connect(self._on_found)
        session.part(ImageAnalysis).subject_changed.connect(self._on_subject_changed)
        session.part(ImageAnalysis).image_changed.connect(self._on_image_changed)
        session.part(ImageAnalysis).requests_changed.connect(self._show_state)
        self._show_state()

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        pad, size = self._panel.pad, model.card.spec.image_shape
        was_kept = size in pad.kept_shapes
        self._panel.set_can_draw(model.card.family.posterior is not PosteriorKind.NONE)
        pad.set_shape(size)
        self._panel.offer_colours(size[2] == 3)
        self._panel.set_on_section(not model.section.is_whole)
        if was_kept:
            self._ask_soon.stop()  # `set_shape` started the timer
            self._session.part(ImageAnalysis).restore_drawing(pad.image(), pad.hidden())
        self._show_state()

    @Slot(bool)
    def _on_visibility_changed(self, visible: bool) -> None:
        self._session.part(ImageAnalysis).watch(EVIDENCE, visible, "draw")

    @Slot(bool)
    def _on_changed(self, by_stroke: bool) -> None:
        self._only_strokes &= by_stroke
        if not by_stroke:
            self._reader_notes = ()
        if not self._ask_soon.isActive():
            self._ask_soon.start()

    @Slot()
    def _ask(self) -> None:
        if self._panel.pad.is_empty():
            self._session.part(ImageAnalysis).drop_drawing()
        else:
            self._session.part(ImageAnalysis).set_drawing(self._panel.pad.image(), self._panel.pad.hidden(), self._only_strokes)
        self._only_strokes = True

    @Slot()
    def _centre(self) -> None:
        examples = self._session.inspection.examples
        if examples is None:
            self._session.problem_raised.emit(why_no_images(self._session), "")
        else:
            self._panel.pad.set_canvas(fitted(self._panel.pad.canvas(), typical_fit(examples), SCALE))

    @Slot()
    def _copy_inspected(self) -> None:
        code = self._session.inspection.current
        if code is not None and code.original is not None:
            self._session.options.set_label(code.class_number)  # for a conditional model
            self._panel.pad.set_image(code.original)
        else:
            words = why_no_images(self._session) or self.tr(
                "No image is inspected. Move the mouse over a code, or click a code with Shift."
            )
            self._session.problem_raised.emit(words, "")

    @Slot(object, object)
    def _on_picture_read(self, path: Path, image: OwnImage) -> None:
        model = self._session.model
        if model is not None and image.pixels.shape == model.card.spec.image_shape:
            self._panel.pad.set_image(image.pixels)
            self._reader_notes = image.notes

    @Slot(int)
    def _on_filling_chosen(self, index: int) -> None:
        z = self._filling_z[index]  # None for the mean over p(z|x)
        if z is not None:
            self._panel.choose_filling(index)
            self._session.cursor.pick(z)

    @Slot(object)
    def _on_subject_changed(self, subject: AnalysisSubject) -> None:
        if not subject.is_drawing:
            self._note = None
            self._show_fillings(None)
            self._show_state()

    @Slot()
    def _on_image_changed(self) -> None:
        self._note = None

    @Slot(object)
    def _on_found(self, found: PosteriorAnalysis | None) -> None:
        if not self._session.part(ImageAnalysis).subject.is_drawing:
            return
        self._show_fillings(found)
        self._note = self._note_about(found) if found is not None else None
        self._show_state()

    def _note_about(self, found: PosteriorAnalysis) -> str:
        model = self._session.model
        spec = model.card.spec if model is not None else None
        if found.log_evidence is None:
            lacking = ["no fillings"] if self._session.part(ImageAnalysis).subject.is_partial else []
            said = (given_class(analysis_help()["on section"], spec), *(analysis_help()[name] for name in lacking))
            return " ".join((*said, *self._advice()))
        nats = number(found.log_evidence, 1)
        note = analysis_help()["drawn" if found.fillings is None else "hidden"]
        explained = given_class(note, spec, nats=nats, bits=in_bits("log_evidence", found.log_evidence, None, spec))
        return " ".join((explained, *self._advice()))

    def _advice(self) -> list[str]:
        """Return the reader's notes and at most one advice."""
        model, image, examples = self._session.model, self._panel.pad.image(), self._session.inspection.examples
        names = ["light"] if is_light(image) else []
        if not names and examples is not None and image.shape == examples.shape[1:] and is_misplaced(image, examples):
            names = ["misplaced"]
        if not names and model is not None and model.card.binarised is Binarised.DYNAMIC:
            names = ["halved"]
        return [*self._reader_notes, *(analysis_help()[name] for name in names)]

    def _show_fillings(self, found: PosteriorAnalysis | None) -> None:
        fillings = found.fillings if found is not None else None
        if found is None or fillings is None:
            self._filling_z = []
            self._panel.pad.set_filling(None)
            self._panel.set_fillings((), np.zeros((1, 1), bool))
            return
        self._panel.pad.set_filling(np.where(fillings.hidden[..., None], fillings.expected, 0).astype(np.uint8))
        cells = self._cells(fillings, found.mean)
        self._filling_z = [z for _, z in cells]
        self._panel.set_fillings(tuple(filling for filling, _ in cells), fillings.hidden)

    def _cells(self, fillings: Fillings, q_mean: NDArray[np.float64]) -> list[tuple[Filling, Point | None]]:
        x, y = q_mean.tolist()
        draws: list[tuple[Filling, Point | None]] = []
        for image, (z1, z2) in zip(fillings.samples, fillings.sample_z.tolist(), strict=True):
            tip = self.tr("A draw z ~ p(z|x), z = ({:+.2f}, {:+.2f}). Click to go to z.").format(z1, z2).replace("-", "−")
            draws.append((Filling(image, "warm", "", tip), (z1, z2)))
        mean = Filling(fillings.expected, "warm", self.tr("mean"), self.tr("The mean over all of p(z|x), pixel by pixel"))
        tip = self.tr("Decoded from the mean of q(z|x). The encoder reads hidden pixels as black. Click to go to z.")
        encoder = Filling(fillings.encoder, "accent", self.tr("encoder"), tip)
        last = -COLUMNS + 1  # the encoder's filling begins the last row
        return [(mean, None), *draws[:last], (encoder, (x, y)), *draws[last:]]

    @Slot()
    def _show_state(self) -> None:
        self._panel.set_state(self._state())

    def _state(self) -> PanelState:
        analysis, kept = self._session.part(ImageAnalysis), self._kept_note()
        subject, why = analysis.subject, analysis.why_no_posterior
        if subject.has_drawing and not subject.is_drawing and subject.code:
            return Ready(analysis_help()["aside"].format(subject.code))
        if why:
            return Nothing(analysis_help()["no density"].format(why) + kept)
        if not subject.is_drawing:
            return Ready(analysis_help()["draw"] + kept)
        return image_state(facts_of_image(self._session, EVIDENCE, "", self._note), analysis_help()["pending"])

    def _kept_note(self) -> str:
        sizes = ", ".join(f"{width}×{height}" for height, width, _ in self._panel.pad.kept_shapes)
        return " " + analysis_help()["kept"].format(sizes) if sizes else ""


def present(context: Context) -> None:
    panel = context.panel(DrawPanel)
    DrawPresenter(panel, context.session)
    panel.file_requested.connect(ImageFiles(context).ask)
    panel.subject.zoom_requested.connect(lambda: look_at_posteriors(context.session, context.view))
    context.visibility_changed("draw").connect(panel.visibility_changed)
