"""The overlay of the codes, with class labels at the centroids."""

from __future__ import annotations

from PySide6.QtCore import QObject

from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.gui.features.base import Overlay
from vae_explorer.gui.features.codes.line_density import LineDensity
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.section.state import SectionChoice
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import LatentView


class CodesOverlay(Overlay):
    name, title = "codes", "Codes"
    tip = "The posterior mean of every image. With one latent: the density of the codes, and dashed that of the prior, times 5"

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(view, session, parent)
        self._last_model: OpenModel | None = None
        self._density = LineDensity(view)
        self._labels = session.part(CodeLabels)
        self._shown = self._labels.grouping
        self._section = session.part(SectionChoice)
        session.model_changed.connect(self._on_model_changed)
        session.section_changed.connect(self._on_section_changed)
        self._section.faded.connect(self._on_faded)
        self._labels.changed.connect(self._on_labels_changed)
        view.plane_changed.connect(self._show_density)

    def set_theme(self, theme: Theme) -> None:
        self._density.set_theme(theme)

    def set_visible(self, visible: bool) -> None:
        self._density.set_visible(visible)
        self.view.set_codes_visible(visible)
        self.view.set_labels_visible(visible)

    def _on_model_changed(self, model: OpenModel) -> None:
        """Show all codes of another model. The next snapshot of a run keeps the person's view."""
        last, self._last_model = self._last_model, model
        if last is None or last.path is not None or model.path is not None:
            self.view.follow()
        self._show_codes(model)
        self._show_density()

    def _show_density(self, *_: object) -> None:
        if self._last_model is not None:
            self._density.show(self._last_model)

    def _show_codes(self, model: OpenModel) -> None:
        self._shown = self._labels.grouping
        groups = self._shown
        self.view.set_codes(model.places, groups.label, groups.names, self._section.near, groups.palette)

    def _on_section_changed(self, model: OpenModel) -> None:
        self._last_model = model
        self._show_codes(model)

    def _on_faded(self) -> None:
        if self._last_model is not None:
            self._show_codes(self._last_model)

    def _on_labels_changed(self) -> None:
        """Show the same codes in other groups."""
        if self._last_model is not None and not self._labels.grouping.is_like(self._shown):
            self._show_codes(self._last_model)


OVERLAY = CodesOverlay
