"""What the health panel says of the model on screen."""

from __future__ import annotations

import json
import math

from PySide6.QtCore import QObject, QTimer, Slot

from vae_explorer import locations
from vae_explorer.codes import Codes
from vae_explorer.gui.session import OpenModel, Session
from vae_explorer.gui.views.health_panel import HealthPanel
from vae_explorer.latent.aggregate import Surgery
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
        session.loading.taken_apart.connect(self._on_taken_apart)
        self._parts: dict[str, str] = json.loads((locations.resources() / "help" / "surgery.json").read_text("utf-8"))

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._rest.start()

    @Slot()
    def _measure(self) -> None:
        if self._session.model is not None:
            file = self._session.model.file
            family = FAMILIES[file.card.spec.family]
            self._session.loading.measure(file.codes, family.bends)
            why_not = self._why_whole(self._session.model)
            self._panel.set_surgery({}, self._parts[why_not] if why_not else "")
            if not why_not:
                self._session.loading.take_apart(file.codes)

    def _why_whole(self, model: OpenModel) -> str:
        """Why the KL term is not taken apart, by its name among the sentences; empty where it is."""
        posterior = FAMILIES[model.card.spec.family].posterior
        if posterior != "gaussian":
            return posterior
        if not len(model.file.codes):
            return "no codes"
        return "training" if self._session.in_training else ""

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

    @Slot(object, object)
    def _on_taken_apart(self, codes: Codes, found: Surgery) -> None:
        if self._session.model is None or codes is not self._session.model.file.codes:
            return
        values = {name: getattr(found, name) for name in ("mean_kl", "information", "marginal_kl")}
        numbers = {name: f"{value:.3f}".replace("-", "−") for name, value in values.items()}
        words = self._parts["explained"].format(**numbers, most=f"{math.log(len(codes)):.1f}")
        self._panel.set_surgery(numbers | {"residual": f"{found.residual:.0e}".replace("-", "−")}, words)
