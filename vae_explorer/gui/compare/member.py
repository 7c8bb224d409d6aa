"""One map of a comparison, and what happens on it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.session import CursorState
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.codes.state import CodeLabels, Grouping
from vae_explorer.gui.features.metrics.colours import CodeColours
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.latent.paths import Point


class Member(QObject):
    """A map in a link. The first argument of each signal is the member."""

    cursor_changed = Signal(object, bool)  # whether z has changed
    picture_changed = Signal(object)
    model_changed = Signal(object)
    view_chosen = Signal(object)
    plane_changed = Signal(object)
    codes_shown = Signal(object)
    overlay_toggled = Signal(object, str, bool)  # name, visible
    classes_chosen = Signal(object, object)  # hidden classes that a person has chosen
    classes_hidden = Signal(object)
    recoloured = Signal(object)
    colour_chosen = Signal(object, str)  # a person's choice, see `CodeColours`
    colours_changed = Signal(object)  # the map may have other metrics or columns

    def __init__(self, explorer: Explorer, parent: QObject) -> None:
        super().__init__(parent)
        self.explorer, self.session, self.view = explorer, explorer.session, explorer.latent_view
        self.ticks, self.survey = explorer.panel(ModelPanel), explorer.session.part(MetricSurvey)
        self.labels, self.colours = explorer.session.part(CodeLabels), explorer.session.part(CodeColours)
        self.picture = self.session.cursor.picture  # the latest answer for the cursor; None for a new model
        self._z: Point = self.session.cursor.state.z
        self._connect()

    def _connect(self) -> None:
        session, view, survey = self.session, self.view, self.survey
        session.cursor.changed.connect(self._on_cursor_changed)
        session.cursor.decoded.connect(self._on_cursor_decoded)
        session.model_changed.connect(self._on_model_changed)
        view.view_chosen.connect(self._on_view_chosen)
        view.plane_changed.connect(self._on_plane_changed)
        view.codes_item.codes_shown.connect(self._on_codes_shown)
        view.recoloured.connect(self._on_recoloured)
        self.colours.chosen_by_user.connect(self._on_colour_chosen)
        for signal in (survey.chosen, self.labels.changed, session.model_saved, session.part(TrainingState).stopped):
            signal.connect(self._on_colours_changed)
        self.ticks.overlay_toggled.connect(self._on_overlay_toggled)
        self.ticks.legend.hidden_chosen.connect(self._on_classes_chosen)
        self.ticks.legend.hidden_changed.connect(self._on_classes_hidden)

    @property
    def groups(self) -> Grouping:
        """The classes, or the categories of the chosen column."""
        return self.labels.grouping

    @Slot(object)
    def _on_cursor_changed(self, cursor: CursorState) -> None:
        moved, self._z = cursor.z != self._z, cursor.z
        self.cursor_changed.emit(self, moved)

    @Slot(object)
    def _on_cursor_decoded(self, answer: DecodeAnswer) -> None:
        self.picture = answer
        self.picture_changed.emit(self)

    @Slot(object)
    def _on_model_changed(self, _: object) -> None:
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
    def _on_classes_chosen(self, hidden: frozenset[int]) -> None:
        self.classes_chosen.emit(self, hidden)

    @Slot()
    def _on_classes_hidden(self, *_: object) -> None:
        self.classes_hidden.emit(self)

    @Slot()
    def _on_recoloured(self) -> None:
        self.recoloured.emit(self)

    @Slot(str)
    def _on_colour_chosen(self, by: str) -> None:
        self.colour_chosen.emit(self, by)

    @Slot()
    def _on_colours_changed(self, *_: object) -> None:
        self.colours_changed.emit(self)
