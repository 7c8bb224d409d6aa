"""The pad: what is drawn on it, or left of the inspected image, goes under the lens."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from vae_explorer.drawing import fitted, typical_fit
from vae_explorer.gui.session import OpenModel, Session
from vae_explorer.gui.views.draw_pad import SCALE
from vae_explorer.gui.views.draw_panel import DrawPanel
from vae_explorer.gui.workers.lens_thread import EVIDENCE, LensEvidence

_REST = 40  # milliseconds between two questions while the pen moves


class DrawPresenter(QObject):
    def __init__(self, panel: DrawPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REST)
        self._soon.timeout.connect(self._look)
        panel.pad.changed.connect(self._on_changed)
        panel.tidy_wanted.connect(self._tidy)
        panel.inspected_wanted.connect(self._take)
        panel.visibility_changed.connect(self._on_visibility_changed)
        session.model_changed.connect(self._on_model_changed)
        session.lens.evidence_found.connect(self._on_found)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._panel.pad.set_shape(model.card.spec.image_shape)
        self._say()

    @Slot(bool)
    def _on_visibility_changed(self, visible: bool) -> None:
        self._session.lens.watch(EVIDENCE, visible, "draw")
        self._say()

    @Slot()
    def _on_changed(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _look(self) -> None:
        if not self._panel.pad.is_empty():
            self._session.lens.set_drawing(self._panel.pad.image(), self._panel.pad.hidden())

    @Slot()
    def _tidy(self) -> None:
        code = self._session.inspection.current
        if code is not None and code.split_images is not None:
            self._panel.pad.set_canvas(fitted(self._panel.pad.canvas(), typical_fit(code.split_images), SCALE))

    @Slot()
    def _take(self) -> None:
        code = self._session.inspection.current
        if code is not None and code.original is not None:
            self._panel.pad.set_image(code.original)

    @Slot(object)
    def _on_found(self, found: LensEvidence | None) -> None:
        if found is None or not found.drawn:
            return
        hidden = self._panel.pad.hidden()
        filling = np.rint(255 * found.expected).astype(np.uint8)
        self._panel.pad.set_filling(filling if hidden.any() and filling.shape == hidden.shape else None)
        share = self.tr("log p(x) {:.1f} nats").format(found.figures.log_evidence[0]).replace("-", "−")
        self._panel.set_note(
            share if not hidden.any() else self.tr("{} of what is seen; the rest is what p(z|x) expects").format(share)
        )

    def _say(self) -> None:
        self._panel.set_note(
            self.tr("Draw, or take the inspected image and hide a part of it: the true posterior moves on the map.")
            if self._session.lens.has_evidence
            else self.tr("This family has no posterior density or no p(x|z) in closed form.")
        )
