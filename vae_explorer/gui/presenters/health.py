"""What the health panel says of the model on screen."""

from __future__ import annotations

import json

from PySide6.QtCore import QObject, QTimer, Slot

from vae_explorer import locations
from vae_explorer.codes import Codes
from vae_explorer.gui.session import OpenModel, Session
from vae_explorer.gui.views.health_panel import HealthPanel
from vae_explorer.latent.health import Health
from vae_explorer.models.families import FAMILIES

_REST = 150  # milliseconds after a model has come: its map comes first


class HealthPresenter(QObject):
    """Has the figures worked out once for each model."""

    def __init__(self, panel: HealthPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._sentences: dict[str, str] = json.loads((locations.resources() / "help" / "health.json").read_text("utf-8"))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._measure)
        session.model_changed.connect(self._on_model_changed)
        session.loading.measured.connect(self._on_measured)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._rest.start()

    @Slot()
    def _measure(self) -> None:
        if self._session.model is not None:
            file = self._session.model.file
            self._session.loading.measure(file.codes, FAMILIES[file.card.spec.family].bends)

    @Slot(object, object)
    def _on_measured(self, codes: Codes, found: Health) -> None:
        """Those of a model that is no longer on screen are dropped."""
        if self._session.model is None or codes is not self._session.model.file.codes:
            return
        yes, no = self.tr("yes"), self.tr("no")
        self._panel.set_row("active", *(yes if active else no for active in found.active))
        self._panel.set_row("kl", *(("–", "–") if found.kl is None else (f"{kl:.2f}" for kl in found.kl)))
        self._panel.set_row("mean", *(f"{value:+.2f}".replace("-", "−") for value in found.mean))
        self._panel.set_row("std", *(f"{value:.2f}" for value in found.std))
        self._panel.set_sentence(self._sentences[found.verdict.value])
