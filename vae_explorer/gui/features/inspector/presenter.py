"""Connects the inspector panel with the inspected code."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.foreign import short
from vae_explorer.gui.core.session import InspectedCode, Session
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.inspector.panel import InspectorPanel
from vae_explorer.gui.features.inspector.state import REACH, DensityPicture, PosteriorDensity
from vae_explorer.gui.features.states import RemedyPresenter, code_state, images_of
from vae_explorer.gui.kit.panel_state import Ready

_MOST_LABELS = 60  # with a line; 2,000 lines stop the window for 2 seconds


class InspectorPresenter(QObject):
    def __init__(self, panel: InspectorPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        RemedyPresenter(panel.state_line, session)
        session.inspection.changed.connect(self._on_changed)
        session.part(PosteriorDensity).found.connect(self._on_density_found)
        session.jobs.changed.connect(self._on_busy_changed)
        session.part(CodeLabels).changed.connect(self._show_labels)

    @Slot()
    def _on_busy_changed(self) -> None:
        """A job that reads or downloads the images has begun or ended."""
        code = self._session.inspection.current
        if code is not None and code.original is None:
            self._on_changed(code)

    @Slot(object)
    def _on_density_found(self, density: DensityPicture | None) -> None:
        self._panel.set_density(None if density is None else density.pixels, REACH)
        if self._session.part(PosteriorDensity).failure:
            self._on_changed(self._session.inspection.current)

    @Slot(object)
    def _on_changed(self, code: InspectedCode | None) -> None:
        model = self._session.model
        images = images_of(self._session) if code is None or code.original is None else Ready()
        has_codes = model is not None and bool(len(model.file.codes))
        self._panel.set_state(code_state(model is not None, has_codes, code is not None, images))
        if code is None:
            self._panel.clear()
            return
        why = self.tr(" · held") if code.pinned else "" if code.hovered else self.tr(" · hovered last")
        shape = self._missing_density(code) if self._session.part(PosteriorDensity).bends else ""
        self._panel.set_code(f"{code.title}{why}", code.mean, code.std, shape)
        self._show_labels()
        whole = code.original is not None or model is None or model.card.family.tractable
        self._panel.set_images(
            code.original, code.reconstruction, self.tr("reconstruction") if whole else self.tr("decoded from z")
        )

    @Slot()
    def _show_labels(self) -> None:
        code = self._session.inspection.current
        labels = self._session.part(CodeLabels).of(code.index) if code is not None else []
        lines = [f"{short(name)}:  {short(text) or '–'}" for name, text in labels[:_MOST_LABELS]]
        more = len(labels) - len(lines)
        self._panel.set_labels([*lines, self.tr("and {:,} more labels").format(more)] if more else lines)

    def _missing_density(self, code: InspectedCode) -> str:
        if code.original is None:
            return self.tr("This posterior is no ellipse. Its density needs the original image.")
        if self._session.part(PosteriorDensity).failure:
            return self.tr("This posterior is no ellipse. The computation of its density failed: {}").format(
                self._session.part(PosteriorDensity).failure
            )
        return self.tr("This posterior is no ellipse. Its density is being computed…")


def present(context: Context) -> None:
    InspectorPresenter(context.panel(InspectorPanel), context.session)
