"""Colours the codes on all maps: by class, by a label, by a metric, or by their places in the plane of one model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from vae_explorer.foreign import short
from vae_explorer.gui.compare.bar import BY_CLASS
from vae_explorer.gui.compare.comparable import why_images_differ
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.compare.member import Member
from vae_explorer.gui.features.metrics.colours import column_of
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.latent.places import places
from vae_explorer.models.metrics import title_for


class Colouring(QObject):
    """Gives all maps the colours that a person chose last, in the bar or in a panel."""

    note_changed = Signal()
    chosen = Signal(object)  # `by`

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._link, self._index, self._by = link, BY_CLASS, ""  # see `CodeColours`
        self._places: tuple[NDArray[np.float32], NDArray[np.uint8]] | None = None  # means and places of the model chosen last
        self._exceptions: list[tuple[Member, str]] = []  # maps with other colours than the chosen colours, and why
        self._spreads = False
        link.models_changed.connect(self._on_models_changed)
        link.recoloured.connect(self.note_changed)
        link.colour_chosen.connect(self._on_colour_chosen)
        link.colours_changed.connect(self._spread, Qt.ConnectionType.QueuedConnection)  # the map may not show the model yet

    @property
    def by(self) -> int | str:
        """The index of the model whose plane colours the codes, or a choice of `CodeColours`, or BY_CLASS."""
        return self._by if self._index == BY_CLASS and self._by else self._index

    @property
    def by_class(self) -> bool:
        """Whether some map has the colours of the classes."""
        return any(member.view.codes_item.by_class for member in self._link.members)

    @property
    def note(self) -> str:
        """The maps without the chosen colours, and why; empty where every map has them."""
        reasons: dict[str, list[str]] = {}
        for member, reason in self._exceptions:
            reasons.setdefault(self._own_colours(member), []).append(reason)
        return "; ".join(words + "; ".join(found) for words, found in reasons.items())

    def _own_colours(self, member: Member) -> str:
        """Return the words for the colours of a map without the chosen colours."""
        if not member.view.codes_item.by_class:
            return self.tr("coloured by its metric: ") if member.survey.metric else self.tr("coloured by its label: ")
        groups = member.groups
        if groups.column:
            return self.tr("coloured by its label: ")
        return self.tr("coloured by class: ") if groups.names else self.tr("in one colour: ")

    @Slot(int)
    def set_plane_of(self, index: int) -> None:
        """Colour by the places in the plane of a model, or BY_CLASS. The choice of the panels then waits."""
        self._choose(index, "" if index == BY_CLASS else self._by)

    @Slot(str)
    def set_colour(self, by: str) -> None:
        """Colour by a metric or a column on every map that has it."""
        self._choose(BY_CLASS, by)

    @Slot(str)
    def _on_colour_chosen(self, by: str) -> None:
        if not self._spreads:
            self._choose(BY_CLASS if by else self._index, by)

    def _choose(self, index: int, by: str) -> None:
        self._index, self._by = index, by
        self._spread()
        self.chosen.emit(self.by)

    @Slot()
    def _on_models_changed(self) -> None:
        """Begin with the colours that the first map had alone."""
        members = self._link.members
        if len(members) < 2:
            self._index, self._by = BY_CLASS, members[0].colours.by if members else ""
        elif self._index >= len(members):  # the chosen model's map has gone
            self._index = BY_CLASS
        self._set_places()

    @Slot()
    def _spread(self) -> None:
        """Choose the metric or column on every map that can have it."""
        if self._spreads:
            return
        self._spreads = True
        try:
            for member in self._link.members:
                member.colours.choose("" if self._why_not(member) else self._by)
        finally:
            self._spreads = False
        self._set_places()

    def _why_not(self, member: Member) -> str:
        """Return why the map cannot have the chosen colours now; empty where it can."""
        model, column = member.session.model, column_of(self._by)
        if model is None or not self._by:
            return ""
        if column:
            lacks = member.session.has_images and column not in [each.name for each in member.labels.offered]
            return self.tr("{} has no label {}").format(short(model.name), short(column)) if lacks else ""
        if member.session.part(TrainingState).makes(model):
            return self.tr("{} is in training").format(short(model.name))
        title = title_for(self._by, model.card.spec, in_words=True)
        return "" if self._by in member.survey.offered else self.tr("{} has no {}").format(short(model.name), title)

    def _set_places(self) -> None:
        """Give every map the places in the chosen model's plane, or no places."""
        members = self._link.members
        model = members[self._index].session.model if 0 <= self._index < len(members) else None
        self._exceptions = []
        for member in members:
            other, place = member.session.model, None
            if model is None or other is None:
                reason = self._why_not(member)
            else:
                reason = why_images_differ(model, other)
                place = None if reason else self._places_of(model.places)
            if reason:
                self._exceptions.append((member, reason))
            member.view.set_places(place)
        self.note_changed.emit()

    def _places_of(self, mean: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Keep the array: a map that has this array already does not sort its codes again."""
        if self._places is None or self._places[0] is not mean:
            self._places = mean, places(mean)
        return self._places[1]
