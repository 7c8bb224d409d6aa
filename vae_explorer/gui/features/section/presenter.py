"""Connects the section panel with the choice of a section and with the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.section.panel import SectionPanel
from vae_explorer.gui.features.section.plane_by import PlaneBy
from vae_explorer.gui.features.section.state import SectionChoice
from vae_explorer.gui.features.section.value_slider import Marginal, counted
from vae_explorer.latent.section import name_of

_SLIDERS = 30
_SAMPLE = 20_000  # codes of a marginal


class SectionPresenter(QObject):
    """Offers the panel for models of more than two latents."""

    def __init__(self, panel: SectionPanel, context: Context) -> None:
        super().__init__(context.session)
        self._panel, self._session, self._docks = panel, context.session, context.docks
        self._choice = context.session.part(SectionChoice)
        self._filled: object = None  # the codes whose latents and marginals the panel lists
        self._counts: dict[int, NDArray[np.float64]] = {}
        panel.by_chosen.connect(self._choice.choose)
        panel.latents_chosen.connect(self._choice.choose_latents)
        panel.classes_chosen.connect(self._choice.choose_classes)
        panel.touring_chosen.connect(self._choice.set_touring)
        panel.value_chosen.connect(self._choice.set_value)
        panel.near_share_chosen.connect(self._choice.set_near_share)
        panel.code_picked.connect(self._pick)
        panel.through_chosen.connect(self._go_through)
        self._choice.changed.connect(self._show)
        self._choice.faded.connect(self._show_near)
        self._choice.refused.connect(panel.set_note)
        context.session.model_changed.connect(self._show)
        self._show_near()

    @Slot()
    def _show(self) -> None:
        choice = self._choice
        self._docks.offer("sectionDock", choice.offered)
        codes = choice.codes
        if not choice.offered or codes is None:
            return
        if self._filled is not codes:
            self._filled, self._counts = codes, {}
            self._panel.set_latents([(latent, self._named(latent)) for latent in choice.order])
            self._panel.set_classes(choice.class_names)
        self._panel.set_choice(choice.by, choice.latents, choice.classes, len(choice.picked), choice.touring)
        self._show_values()

    def _show_values(self) -> None:
        choice, codes, section = self._choice, self._choice.codes, self._choice.section
        if codes is None or section is None:
            return
        beside = [latent for latent in choice.order if not section.axes[:, latent].any()]
        shown = beside[:_SLIDERS] if choice.by is PlaneBy.LATENTS else []
        some = codes.mean[:: max(len(codes) // _SAMPLE, 1)]
        for latent in shown:
            if latent not in self._counts:
                self._counts[latent] = counted(some[:, latent])
        marginals = [
            Marginal(latent, self._named(latent), float(section.origin[latent]), self._counts[latent]) for latent in shown
        ]
        self._panel.set_values(marginals, self._more(len(beside) - len(shown)))

    def _more(self, count: int) -> str:
        if self._choice.by is not PlaneBy.LATENTS:
            return self.tr("This plane lies across all latents. Choose two latents to move it along the others.")
        return self.tr("{} more latents tell less, and stay where they are.").format(count) if count > 0 else ""

    def _named(self, latent: int) -> str:
        unit = self.tr("nats") if self._choice.told_in_nats else self.tr("variance")
        return f"{name_of(latent)}  {self._choice.told[latent]:.2f} {unit}"

    @Slot()
    def _show_near(self) -> None:
        self._panel.set_near_share(self._choice.near_share)

    @Slot()
    def _pick(self) -> None:
        code = self._session.inspection.current
        if code is not None:
            self._choice.pick(code.index)

    @Slot()
    def _go_through(self) -> None:
        code = self._session.inspection.current
        if code is not None:
            self._choice.go_through(code.index)


def present(context: Context) -> None:
    SectionPresenter(context.panel(SectionPanel), context)
