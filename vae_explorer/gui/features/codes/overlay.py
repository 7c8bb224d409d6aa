"""The codes themselves, and the class labels at their centroids."""

from __future__ import annotations

from PySide6.QtCore import QObject

from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.map.latent_view import LatentView


class CodesOverlay(Overlay):
    name, title = "codes", "Codes"
    tip = "The posterior mean of every image, coloured by class or by a figure of the image"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._before: OpenModel | None = None
        session.model_changed.connect(self._on_model_changed)

    def set_visible(self, visible: bool) -> None:
        self.view.set_codes_visible(visible)
        self.view.set_labels_visible(visible)

    def _on_model_changed(self, model: OpenModel) -> None:
        """Another model is shown whole; the next snapshot of one in training leaves the view where the person has put it."""
        before, self._before = self._before, model
        if before is None or before.path is not None or model.path is not None:
            self.view.follow()
        self.view.set_codes(model.file.codes.mean, model.file.codes.label, model.card.classes)


OVERLAY = CodesOverlay
