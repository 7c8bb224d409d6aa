"""The overlay of the codes, with class labels at the centroids."""

from __future__ import annotations

from PySide6.QtCore import QObject

from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.map.latent_view import LatentView


class CodesOverlay(Overlay):
    name, title = "codes", "Codes"
    tip = "The posterior mean of every image"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._last_model: OpenModel | None = None
        session.model_changed.connect(self._on_model_changed)

    def set_visible(self, visible: bool) -> None:
        self.view.set_codes_visible(visible)
        self.view.set_labels_visible(visible)

    def _on_model_changed(self, model: OpenModel) -> None:
        """Show all codes of another model. The next snapshot of a run keeps the person's view."""
        last, self._last_model = self._last_model, model
        if last is None or last.path is not None or model.path is not None:
            self.view.follow()
        self.view.set_codes(model.file.codes.mean, model.file.codes.label, model.card.classes)


OVERLAY = CodesOverlay
