"""Links maps side by side: cursor, view, overlays and hidden classes. Their workspace shares the path."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF, Signal, Slot

from vae_explorer.gui.compare.bar import BY_IMAGE, BY_Z
from vae_explorer.gui.compare.comparable import why_images_differ
from vae_explorer.gui.compare.member import Member
from vae_explorer.gui.explorer import Explorer


class Link(QObject):
    """Joins maps. The map under the mouse leads, and the other maps follow."""

    models_changed = Signal()  # a map has another model, or came or went
    pictures_changed = Signal()
    note_changed = Signal()
    recoloured = Signal()
    classes_hidden = Signal()
    colour_chosen = Signal(str)  # on a map, by a person; see `CodeColours`
    colours_changed = Signal()  # a map may have other metrics or columns

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.members: list[Member] = []
        self._leader: Member | None = None
        self._cursor_by, self._views_linked = BY_Z, True
        self._moves_cursors = self._sets_planes = False

    @property
    def explorers(self) -> list[Explorer]:
        return [member.explorer for member in self.members]

    @property
    def leader(self) -> Explorer | None:
        """The map on which the cursor moved last."""
        return self._leader.explorer if self._leader is not None else None

    def _others(self, member: Member) -> list[Member]:
        return [other for other in self.members if other is not member]

    def add(self, explorer: Explorer) -> None:
        """Join a map. The map takes the overlays and the plane of the first map."""
        member = Member(explorer, self)
        self.members.append(member)
        self._listen(member)
        first = self.members[0]
        if member is not first:
            for overlay, visible in first.ticks.overlays().items():
                member.ticks.set_overlay(overlay, visible)
            member.view.set_plane(first.view.plane)
        self._leader = self._leader or member
        self.models_changed.emit()

    def _listen(self, member: Member) -> None:
        member.cursor_changed.connect(self._on_cursor_changed)
        member.picture_changed.connect(self.pictures_changed)
        member.model_changed.connect(self._on_model_changed)
        member.view_chosen.connect(self._on_view_chosen)
        member.plane_changed.connect(self._on_plane_changed)
        member.codes_shown.connect(self._on_codes_shown)
        member.overlay_toggled.connect(self._on_overlay_toggled)
        member.classes_chosen.connect(self._on_classes_chosen)
        member.classes_hidden.connect(self.classes_hidden)
        member.recoloured.connect(self.recoloured)
        member.colour_chosen.connect(self._on_colour_chosen)
        member.colours_changed.connect(self.colours_changed)

    def remove(self, explorer: Explorer) -> None:
        """Release a map, which then shows its own view and colours."""
        (member,) = (member for member in self.members if member.explorer is explorer)
        self.members.remove(member)
        member.blockSignals(True)
        member.view.set_extra_rect(QRectF())
        member.view.set_places(None)
        member.deleteLater()
        if self._leader is member:
            self._leader = self.members[0] if self.members else None
        self._unite_views()
        self.models_changed.emit()

    # The cursor

    @Slot(str)
    def set_cursor_by(self, by: str) -> None:
        """Follow the cursor BY_Z, to the same latent point, or BY_IMAGE, to the code of the image nearest to the cursor."""
        self._cursor_by = by
        self._move_cursors()
        self.note_changed.emit()

    @property
    def note(self) -> str:
        """Why cursors follow by z although the person chose the image; empty where no cursor does."""
        if self._cursor_by == BY_Z or self._leader is None:
            return ""
        reasons = [self._why_not_same_image(self._leader, other) for other in self._others(self._leader)]
        return self.tr("cursor by z: ") + "; ".join(filter(None, reasons)) if any(reasons) else ""

    @Slot(object, bool)
    def _on_cursor_changed(self, member: Member, moved: bool) -> None:
        if self._moves_cursors:
            return
        if moved and member is not self._leader:
            self._leader = member
            self.note_changed.emit()
        self._move_cursors()

    def _move_cursors(self) -> None:
        """Move the cursors of all maps after the leader's cursor."""
        if self._leader is None:
            return
        self._moves_cursors = True
        try:
            for other in self._others(self._leader):
                self._follow(self._leader, other)
        finally:
            self._moves_cursors = False

    def _follow(self, leader: Member, other: Member) -> None:
        """Move the cursor of `other`. If the maps share an image, both inspect its code at any distance from the cursor."""
        cursor, model = leader.session.cursor.state, other.session.model
        index, z = self._common_image(leader, other), cursor.z
        if index is not None and model is not None:
            x, y = model.places[index].tolist()
            z = (x, y)
        follower = other.session.cursor
        if (follower.state.z, follower.state.hovering) != (z, cursor.hovering):
            follower.follow(cursor, z, other.view.hover_reach())
        if index is not None and cursor.hovering:
            other.session.inspection.hover(index)
            leader.session.inspection.hover(index)

    def _common_image(self, leader: Member, other: Member) -> int | None:
        """Return the image nearest to the leader's cursor, if both models have a code of it."""
        nearest, model = leader.session.cursor.state.nearest, other.session.model
        own_codes = all(member.session.cursor.shows_own_codes for member in (leader, other))
        if self._cursor_by != BY_IMAGE or nearest is None or model is None or not own_codes:
            return None
        if self._why_not_same_image(leader, other):
            return None
        places = model.places  # a cursor that is older than its model may name a code beyond the last code
        return nearest if nearest < len(places) and np.isfinite(places[nearest]).all() else None

    @staticmethod
    def _why_not_same_image(leader: Member, other: Member) -> str:
        first, model = leader.session.model, other.session.model
        return why_images_differ(first, model) if first is not None and model is not None else ""

    # The view

    @Slot(bool)
    def set_views_linked(self, linked: bool) -> None:
        """Zoom and pan all maps together, or each map alone."""
        self._views_linked = linked
        if linked and self._leader is not None and not self._leader.view.follows:
            self._on_view_chosen(self._leader)
        self._unite_views()

    @Slot(object)
    def _on_view_chosen(self, member: Member) -> None:
        if self._views_linked:
            for other in self._others(member):
                other.view.copy_view(member.view)

    @Slot(object)
    def _on_plane_changed(self, member: Member) -> None:
        """Keep all maps in one plane. In two planes the same z lies at two places."""
        behind = [other for other in self._others(member) if other.view.plane is not member.view.plane]
        if not behind or self._sets_planes:
            return
        self._sets_planes = True
        for other in behind:
            other.view.set_plane(member.view.plane)
        self._sets_planes = False
        self._unite_views()
        if not member.view.follows:
            self._on_view_chosen(member)

    @Slot(object)
    def _on_codes_shown(self, member: Member) -> None:
        """Show all codes after another model has come. Snapshots of a run keep the view."""
        if self._views_linked and member.view.follows:
            for other in self._others(member):
                other.view.follow()
        self._unite_views()

    def _unite_views(self) -> None:
        """Let each map that keeps its codes in view also keep the other maps' codes in view."""
        for member in self.members:
            rect = QRectF()
            for other in self._others(member) if self._views_linked else ():
                rect = rect.united(other.view.codes_item.core())
            member.view.set_extra_rect(rect)

    # Models, overlays and classes

    @Slot(object)
    def hide_classes(self, hidden: frozenset[int]) -> None:
        """Hide classes on every map that has the classes of the first map."""
        for member in self.members:
            if member.groups.is_like(self.members[0].groups):
                member.ticks.legend.set_hidden(hidden)

    @Slot(object, object)
    def _on_classes_chosen(self, member: Member, hidden: frozenset[int]) -> None:
        for other in self._others(member):
            if other.groups.is_like(member.groups):
                other.ticks.legend.set_hidden(hidden)

    @Slot(object, str, bool)
    def _on_overlay_toggled(self, member: Member, overlay: str, visible: bool) -> None:
        for other in self._others(member):
            other.ticks.set_overlay(overlay, visible)

    @Slot(object, str)
    def _on_colour_chosen(self, _: Member, by: str) -> None:
        self.colour_chosen.emit(by)

    @Slot(object)
    def _on_model_changed(self, member: Member) -> None:
        first = self.members[0]
        if member is not first and member.groups.is_like(first.groups):
            member.ticks.legend.set_hidden(first.ticks.legend.hidden())
        self.models_changed.emit()
        self.note_changed.emit()
