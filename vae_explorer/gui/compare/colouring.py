"""Colours the codes on all maps: by class, by a metric of the images, or by their places in the plane of one model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.foreign import short
from vae_explorer.gui.compare.bar import BY_CLASS
from vae_explorer.gui.compare.comparable import why_images_differ
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.compare.member import Member
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.latent.places import places
from vae_explorer.models.metrics import IMAGE_METRICS
from vae_explorer.models.terms import given_class


class Colouring(QObject):
    """Gives all maps the colours that a person chose last, in the bar or in a panel."""

    note_changed = Signal()
    chosen = Signal(object)  # `by`

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._link, self._index, self._metric = link, BY_CLASS, ""
        self._places: tuple[Codes, NDArray[np.uint8]] | None = None  # of the model chosen last
        self._exceptions: list[tuple[Member, str]] = []  # maps with other colours than the chosen colours, and why
        self._spreads = False
        link.models_changed.connect(self._on_models_changed)
        link.recoloured.connect(self.note_changed)
        link.metric_chosen.connect(self._on_metric_chosen)
        link.metrics_changed.connect(self._spread, Qt.ConnectionType.QueuedConnection)  # the map may not show the model yet

    @property
    def by(self) -> int | str:
        """The index of the model whose plane colours the codes, or the name of a metric, or BY_CLASS."""
        return self._metric if self._index == BY_CLASS and self._metric else self._index

    @property
    def by_class(self) -> bool:
        """Whether some map has the colours of the classes."""
        return any(member.view.codes_item.by_class for member in self._link.members)

    @property
    def note(self) -> str:
        """The maps without the chosen colours, and why; empty where every map has them."""
        by_class, plain, by_metric = (
            self.tr("coloured by class: "),
            self.tr("in one colour: "),
            self.tr("coloured by its metric: "),
        )
        reasons: dict[str, list[str]] = {by_class: [], plain: [], by_metric: []}
        for member, reason in self._exceptions:
            own = by_class if member.classes else plain
            reasons[own if member.view.codes_item.by_class else by_metric].append(reason)
        return "; ".join(words + "; ".join(found) for words, found in reasons.items() if found)

    @Slot(int)
    def set_plane_of(self, index: int) -> None:
        """Colour by the places in the plane of a model, or BY_CLASS. A metric of the panels then waits."""
        self._choose(index, "" if index == BY_CLASS else self._metric)

    @Slot(str)
    def set_metric(self, metric: str) -> None:
        """Colour by a metric on every map whose model has the metric."""
        self._choose(BY_CLASS, metric)

    @Slot(str)
    def _on_metric_chosen(self, metric: str) -> None:
        if not self._spreads:
            self._choose(BY_CLASS if metric else self._index, metric)

    def _choose(self, index: int, metric: str) -> None:
        self._index, self._metric = index, metric
        self._spread()
        self.chosen.emit(self.by)

    @Slot()
    def _on_models_changed(self) -> None:
        """Begin with the metric that the first map had alone."""
        members = self._link.members
        if len(members) < 2:
            self._index, self._metric = BY_CLASS, members[0].survey.metric if members else ""
        elif self._index >= len(members):  # the chosen model's map has gone
            self._index = BY_CLASS
        self._set_places()

    @Slot()
    def _spread(self) -> None:
        """Choose the metric on every map that can have it."""
        if self._spreads:
            return
        self._spreads = True
        try:
            for member in self._link.members:
                member.survey.choose("" if self._why_no_metric(member) else self._metric)
        finally:
            self._spreads = False
        self._set_places()

    def _why_no_metric(self, member: Member) -> str:
        """Return why the map cannot have the metric now; empty where it can."""
        model = member.session.model
        if model is None or not self._metric:
            return ""
        if member.session.part(TrainingState).makes(model):
            return self.tr("{} is in training").format(short(model.name))
        title = given_class(IMAGE_METRICS[self._metric].in_words, model.card.spec)
        return "" if self._metric in member.survey.offered else self.tr("{} has no {}").format(short(model.name), title)

    def _set_places(self) -> None:
        """Give every map the places in the chosen model's plane, or no places."""
        members = self._link.members
        model = members[self._index].session.model if 0 <= self._index < len(members) else None
        self._exceptions = []
        for member in members:
            other, place = member.session.model, None
            if model is None or other is None:
                reason = self._why_no_metric(member)
            else:
                reason = why_images_differ(model, other)
                place = None if reason else self._places_of(model.file.codes)
            if reason:
                self._exceptions.append((member, reason))
            member.view.set_places(place)
        self.note_changed.emit()

    def _places_of(self, codes: Codes) -> NDArray[np.uint8]:
        """Keep the array: a map that has this array already does not sort its codes again."""
        if self._places is None or self._places[0] is not codes:
            self._places = codes, places(codes.mean)
        return self._places[1]
