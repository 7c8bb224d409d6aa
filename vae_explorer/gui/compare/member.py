"""One explorer of a link, and what happens on it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.session import CursorState
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.latent.paths import Point


class Member(QObject):
    """One explorer of a link: tells what happens on it. Each signal begins with the member."""

    cursor_changed = Signal(object, bool)  # whether the cursor is at another point
    picture_changed = Signal(object)
    model_changed = Signal(object)
    view_chosen = Signal(object)
    plane_changed = Signal(object)
    codes_shown = Signal(object)
    overlay_toggled = Signal(object, str, bool)  # overlay, whether it is visible
    classes_chosen = Signal(object, object)  # the hidden classes, which a person chose
    classes_hidden = Signal(object)
    recoloured = Signal(object)
    figure_taken = Signal(object, str)  # empty for none
    figures_possible = Signal(object)

    def __init__(self, explorer: Explorer, parent: QObject) -> None:
        super().__init__(parent)
        self.explorer = explorer
        self.picture = explorer.session.cursor.picture  # the latest one under the cursor
        self._z: Point = explorer.session.cursor.state.z
        session, view = explorer.session, explorer.latent_view
        session.cursor.changed.connect(self._on_cursor_changed)
        session.cursor.decoded.connect(self._on_cursor_decoded)
        session.model_changed.connect(self._on_model_changed)
        view.view_chosen.connect(self._on_view_chosen)
        view.plane_changed.connect(self._on_plane_changed)
        view.codes_item.codes_shown.connect(self._on_codes_shown)
        view.recoloured.connect(self._on_recoloured)
        session.part(MetricSurvey).chosen_by_user.connect(self._on_figure_taken)
        for news in (session.part(MetricSurvey).chosen, session.model_saved, session.part(TrainingState).stopped):
            news.connect(self._on_figure_possible)
        explorer.panel(ModelPanel).overlay_toggled.connect(self._on_overlay_toggled)
        explorer.panel(ModelPanel).legend.hidden_chosen.connect(self._on_hidden_chosen)
        explorer.panel(ModelPanel).legend.hidden_changed.connect(self._on_hidden_changed)

    @Slot(object)
    def _on_cursor_changed(self, cursor: CursorState) -> None:
        moved, self._z = cursor.z != self._z, cursor.z
        self.cursor_changed.emit(self, moved)

    @Slot(object)
    def _on_cursor_decoded(self, answer: DecodeAnswer) -> None:
        self.picture = answer
        self.picture_changed.emit(self)

    @Slot(object)
    def _on_model_changed(self, model: object) -> None:
        self.picture = None
        self.model_changed.emit(self)

    @Slot()
    def _on_view_chosen(self) -> None:
        self.view_chosen.emit(self)

    @Slot(object)
    def _on_plane_changed(self, _: object) -> None:
        self.plane_changed.emit(self)

    @Slot()
    def _on_codes_shown(self) -> None:
        self.codes_shown.emit(self)

    @Slot(str, bool)
    def _on_overlay_toggled(self, overlay: str, visible: bool) -> None:
        self.overlay_toggled.emit(self, overlay, visible)

    @Slot(object)
    def _on_hidden_chosen(self, hidden: frozenset[int]) -> None:
        self.classes_chosen.emit(self, hidden)

    @Slot()
    def _on_hidden_changed(self, *_: object) -> None:
        self.classes_hidden.emit(self)

    @Slot()
    def _on_recoloured(self) -> None:
        self.recoloured.emit(self)

    @Slot(str)
    def _on_figure_taken(self, figure: str) -> None:
        self.figure_taken.emit(self, figure)

    @Slot()
    def _on_figure_possible(self, *_: object) -> None:
        self.figures_possible.emit(self)

    @property
    def classes(self) -> tuple[str, ...]:
        model = self.explorer.session.model
        return model.card.classes if model is not None else ()
