"""What maps side by side have in common: cursor, view, overlays and hidden classes. The path they share by their sessions."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QRectF, Signal, Slot

from vae_explorer.gui.compare.bar import BY_IMAGE, BY_Z
from vae_explorer.gui.compare.comparable import why_images_differ
from vae_explorer.gui.compare.member import Member
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.model.panel import ModelPanel


class Link(QObject):
    """Joins the first explorer with others. The one that the mouse is on leads, the others follow."""

    models_changed = Signal()  # other models on the maps, or other maps
    pictures_changed = Signal()
    noted = Signal()  # `note` says something else
    recoloured = Signal()  # the codes on one of the maps, by something else than before
    classes_hidden = Signal()  # others than before, or other classes
    figure_taken = Signal(str)  # chosen on one of the maps to have its colours; empty for none
    figures_possible = Signal()  # perhaps others than before, on one of the maps

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.members: list[Member] = []
        self._leader: Member | None = None
        self._by, self._views_linked, self._following = BY_Z, True, False
        self._switching = False  # the maps to another plane

    @Slot(object)
    def hide_classes(self, hidden: frozenset[int]) -> None:
        """On all maps that have the classes of the first one."""
        for member in self.members:
            if member.classes == self.members[0].classes:
                member.explorer.panel(ModelPanel).legend.set_hidden(hidden)

    @property
    def explorers(self) -> list[Explorer]:
        return [member.explorer for member in self.members]

    @property
    def leader(self) -> Explorer | None:
        """The explorer that the cursor was moved on last."""
        return self._leader.explorer if self._leader is not None else None

    def _others(self, member: Member) -> list[Member]:
        return [other for other in self.members if other is not member]

    def add(self, explorer: Explorer) -> None:
        member = Member(explorer, self)
        self.members.append(member)
        self._listen(member)
        first = self.members[0]
        if member is not first:
            for overlay, visible in first.explorer.panel(ModelPanel).overlays().items():
                explorer.panel(ModelPanel).set_overlay(overlay, visible)
            explorer.latent_view.set_plane(first.explorer.latent_view.plane)
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
        member.figure_taken.connect(self._on_figure_taken)
        member.figures_possible.connect(self.figures_possible)

    def remove(self, explorer: Explorer) -> None:
        """From now on it looks as it does alone, and goes unheard."""
        (member,) = (member for member in self.members if member.explorer is explorer)
        self.members.remove(member)
        member.blockSignals(True)
        explorer.latent_view.set_extra_rect(QRectF())
        explorer.latent_view.set_places(None)
        member.deleteLater()
        if self._leader is member:
            self._leader = self.members[0] if self.members else None
        self._unite_views()
        self.models_changed.emit()

    # The cursor

    @Slot(str)
    def set_cursor_by(self, by: str) -> None:
        """BY_Z: the same latent point on every map. BY_IMAGE: the code of the same image, that of the nearest code."""
        self._by = by
        self._follow_cursor()
        self.noted.emit()

    @property
    def note(self) -> str:
        """Where the same image cannot be looked at: that, in a line."""
        if self._by == BY_Z or self._leader is None:
            return ""
        reasons = [self._why_not_same_image(self._leader, other) for other in self._others(self._leader)]
        return self.tr("cursor by z: ") + "; ".join(filter(None, reasons)) if any(reasons) else ""

    @Slot(object, bool)
    def _on_cursor_changed(self, member: Member, moved: bool) -> None:
        if self._following:
            return
        if moved and member is not self._leader:
            self._leader = member
            self.noted.emit()
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        if self._leader is None:
            return
        self._following = True
        try:
            for other in self._others(self._leader):
                self._follow(self._leader, other)
        finally:
            self._following = False

    def _follow(self, leader: Member, other: Member) -> None:
        """Where they look at the same image both inspect its code, however far from the cursor that is."""
        cursor, session = leader.explorer.session.cursor.state, other.explorer.session
        index = self._common_image(leader, other)
        model = session.model
        z = cursor.z
        if index is not None and model is not None:
            x, y = model.file.codes.mean[index].tolist()
            z = (x, y)
        if (session.cursor.state.z, session.cursor.state.hovering) != (z, cursor.hovering):
            session.cursor.follow(cursor, z, other.explorer.latent_view.hover_reach())
        if index is not None and cursor.hovering:
            session.inspection.hover(index)
            leader.explorer.session.inspection.hover(index)

    def _common_image(self, leader: Member, other: Member) -> int | None:
        """The image nearest to the leader's cursor, where the other model has a code of it."""
        sessions = (leader.explorer.session, other.explorer.session)
        nearest, model = sessions[0].cursor.state.nearest, sessions[1].model
        whole = all(session.cursor.shows_own_codes for session in sessions)
        if self._by != BY_IMAGE or nearest is None or model is None or not whole or self._why_not_same_image(leader, other):
            return None
        codes = model.file.codes  # the cursor may be older than the leader's codes, and theirs were more
        return nearest if nearest < len(codes) and np.isfinite(codes.mean[nearest]).all() else None

    @staticmethod
    def _why_not_same_image(leader: Member, other: Member) -> str:
        first, model = leader.explorer.session.model, other.explorer.session.model
        return why_images_differ(first, model) if first is not None and model is not None else ""

    # The view

    @Slot(bool)
    def set_views_linked(self, linked: bool) -> None:
        self._views_linked = linked
        if linked and self._leader is not None and not self._leader.explorer.latent_view.follows:
            self._on_view_chosen(self._leader)
        self._unite_views()

    @Slot(object)
    def _on_view_chosen(self, member: Member) -> None:
        """The other maps show what this one shows."""
        if self._views_linked:
            for other in self._others(member):
                other.explorer.latent_view.copy_view(member.explorer.latent_view)

    @Slot(object)
    def _on_plane_changed(self, member: Member) -> None:
        """All maps are in one plane, linked views or not: else the same z would lie elsewhere on each."""
        view = member.explorer.latent_view
        behind = [other for other in self._others(member) if other.explorer.latent_view.plane is not view.plane]
        if not behind or self._switching:
            return
        self._switching = True
        for other in behind:
            other.explorer.latent_view.set_plane(view.plane)
        self._switching = False
        self._unite_views()
        if not view.follows:
            self._on_view_chosen(member)

    @Slot(object)
    def _on_codes_shown(self, member: Member) -> None:
        """Another model is shown whole, and with it the others; the next snapshot of one in training moves nothing."""
        if self._views_linked and member.explorer.latent_view.follows:
            for other in self._others(member):
                other.explorer.latent_view.follow()
        self._unite_views()

    def _unite_views(self) -> None:
        """A map that keeps its codes in view keeps those of the others in view too."""
        for member in self.members:
            company = QRectF()
            for other in self._others(member) if self._views_linked else ():
                company = company.united(other.explorer.latent_view.codes_item.core())
            member.explorer.latent_view.set_extra_rect(company)

    # Models, overlays, classes and figures

    @Slot(object, str, bool)
    def _on_overlay_toggled(self, member: Member, overlay: str, visible: bool) -> None:
        for other in self._others(member):
            other.explorer.panel(ModelPanel).set_overlay(overlay, visible)

    @Slot(object, object)
    def _on_classes_chosen(self, member: Member, hidden: frozenset[int]) -> None:
        for other in self._others(member):
            if other.classes == member.classes:
                other.explorer.panel(ModelPanel).legend.set_hidden(hidden)

    @Slot(object, str)
    def _on_figure_taken(self, _: Member, figure: str) -> None:
        self.figure_taken.emit(figure)

    @Slot(object)
    def _on_model_changed(self, member: Member) -> None:
        first = self.members[0]
        if member is not first and member.classes == first.classes:
            member.explorer.panel(ModelPanel).legend.set_hidden(first.explorer.panel(ModelPanel).legend.hidden())
        self.models_changed.emit()
        self.noted.emit()
