"""One explorer of a link, and what happens on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.session import CursorState
from vae_explorer.gui.explorer import Explorer
from vae_explorer.latent.paths import Point

if TYPE_CHECKING:
    from vae_explorer.gui.compare.link import Link


class Member(QObject):
    """One explorer of a link: hears what happens on it. With the member its connections go."""

    def __init__(self, explorer: Explorer, link: Link) -> None:
        super().__init__(link)
        self.explorer, self._link = explorer, link
        self.picture = explorer.session.picture  # the latest one under the cursor
        self._z: Point = explorer.session.cursor.z
        session, view = explorer.session, explorer.latent_view
        session.cursor_changed.connect(self._on_cursor_changed)
        session.cursor_decoded.connect(self._on_cursor_decoded)
        session.model_changed.connect(self._on_model_changed)
        view.view_chosen.connect(self._on_view_chosen)
        view.plane_changed.connect(self._on_plane_changed)
        view.codes_item.codes_shown.connect(self._on_codes_shown)
        view.recoloured.connect(self._on_recoloured)
        session.survey.taken.connect(self._on_figure_taken)
        for news in (session.survey.chosen, session.model_saved, session.training.stopped):
            news.connect(self._on_figure_possible)
        explorer.model_panel.overlay_toggled.connect(self._on_overlay_toggled)
        explorer.model_panel.legend.hidden_chosen.connect(self._on_hidden_chosen)
        explorer.model_panel.legend.hidden_changed.connect(self._on_hidden_changed)

    @Slot(object)
    def _on_cursor_changed(self, cursor: CursorState) -> None:
        moved, self._z = cursor.z != self._z, cursor.z
        self._link.cursor_changed(self, moved)

    @Slot(object)
    def _on_cursor_decoded(self, answer: DecodeAnswer) -> None:
        self.picture = answer
        self._link.pictures_changed.emit()

    @Slot(object)
    def _on_model_changed(self, model: object) -> None:
        self.picture = None
        self._link.model_changed(self)

    @Slot()
    def _on_view_chosen(self) -> None:
        self._link.show_view_of(self)

    @Slot(object)
    def _on_plane_changed(self, _: object) -> None:
        self._link.plane_changed(self)

    @Slot()
    def _on_codes_shown(self) -> None:
        self._link.codes_shown(self)

    @Slot(str, bool)
    def _on_overlay_toggled(self, overlay: str, visible: bool) -> None:
        for other in self._link.others(self):
            other.explorer.model_panel.set_overlay(overlay, visible)

    @Slot(object)
    def _on_hidden_chosen(self, hidden: frozenset[int]) -> None:
        for other in self._link.others(self):
            if other.classes == self.classes:
                other.explorer.model_panel.legend.set_hidden(hidden)

    @Slot()
    def _on_hidden_changed(self, *_: object) -> None:
        self._link.tell(self, self._link.classes_hidden)

    @Slot()
    def _on_recoloured(self) -> None:
        self._link.tell(self, self._link.recoloured)

    @Slot(str)
    def _on_figure_taken(self, figure: str) -> None:
        self._link.tell(self, self._link.figure_taken, figure)

    @Slot()
    def _on_figure_possible(self, *_: object) -> None:
        self._link.tell(self, self._link.figures_possible)

    @property
    def classes(self) -> tuple[str, ...]:
        model = self.explorer.session.model
        return model.card.classes if model is not None else ()
