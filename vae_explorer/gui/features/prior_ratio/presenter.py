"""Writes the texts of the scale of log q(z)/p(z)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.base import Overlays
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.prior_ratio.overlay import PriorRatioOverlay
from vae_explorer.gui.features.prior_ratio.state import PriorRatio
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.panel_state import Failed, words_of
from vae_explorer.latent.aggregate import RATIO_SPAN


class RatioPresenter(QObject):
    def __init__(self, bar: ColourBar, overlays: Overlays, session: Session) -> None:
        super().__init__(session)
        self._bar = bar
        tip = self.tr(
            "q(z) is the mean of all posteriors. Below 0, codes are rarer than draws of the prior. Far below 0, the decoder gets "
            "samples where hardly any code is. Beyond |z| = 5.5 the prior draws one z in four million, and an empty cell shows 0."
        )
        bar.set_title(self.tr("log q(z)/p(z)"), self.tr("nats"), tip)
        bar.set_ends(self.tr("hole, −{:g}").format(RATIO_SPAN), "0", self.tr("crowd, +{:g}").format(RATIO_SPAN))
        overlays.toggled.connect(self._on_overlay_toggled)
        session.model_changed.connect(self._on_model_changed)
        session.part(PriorRatio).failed.connect(self._on_failed)

    @Slot(str)
    def _on_failed(self, message: str) -> None:
        self._bar.set_note(words_of(Failed(message)))

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        family = model.card.family
        points = self.tr("Codes are points. The map spreads each point over a cell.") if family.has_points else ""
        note = self.tr("The map shows posteriors as Gaussians of their mean and std.") if family.bends else points
        self._bar.set_note(note if len(model.file.codes) else self.tr("The model has no codes, so the map shows no q(z)."))

    @Slot(str, bool)
    def _on_overlay_toggled(self, name: str, visible: bool) -> None:
        if name == PriorRatioOverlay.name:
            self._bar.setVisible(visible)


def present(context: Context) -> None:
    RatioPresenter(context.map_area.ratio_bar, context.overlays, context.session)
