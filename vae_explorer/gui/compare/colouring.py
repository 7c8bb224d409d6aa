"""What the colours of the codes say on all maps: their class, a figure of each image, or the place that one model gives it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.foreign import short
from vae_explorer.gui.compare.comparable import why_images_differ
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.latent.places import places
from vae_explorer.models.metrics import IMAGE_METRICS
from vae_explorer.models.terms import given_class


class Colouring(QObject):
    noted = Signal()  # `note` says something else
    chosen = Signal(object)  # `by` has become another one

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._link, self._by, self._figure = link, -1, ""
        self._places: tuple[Codes, NDArray[np.uint8]] | None = None  # where the codes of the model lie that was chosen last
        self._apart: list[tuple[Explorer, str]] = []  # those that cannot have the colours that were chosen, and why
        self._spreading = False  # the figure to all maps
        link.models_changed.connect(self._on_models_changed)
        link.recoloured.connect(self.noted)
        link.figure_taken.connect(self._on_figure_taken)
        link.figures_possible.connect(self._spread, Qt.ConnectionType.QueuedConnection)  # a model may just be coming to its map

    @property
    def by(self) -> int | str:
        """The place of a model, a figure's name, or −1 for the classes."""
        return self._figure if self._by < 0 and self._figure else self._by

    @property
    def by_class(self) -> bool:
        """Whether on any map colours are those of the classes."""
        return any(explorer.latent_view.codes_item.by_class for explorer in self._link.explorers)

    @property
    def note(self) -> str:
        """Where codes cannot have the colours that were chosen: which they have, and why, in a line."""
        by_class, by_figure = self.tr("coloured by class: "), self.tr("coloured by its metric: ")
        reasons: dict[str, list[str]] = {by_class: [], by_figure: []}
        for explorer, reason in self._apart:
            reasons[by_class if explorer.latent_view.codes_item.by_class else by_figure].append(reason)
        return "; ".join(words + "; ".join(found) for words, found in reasons.items() if found)

    @Slot(int)
    def set_by(self, place: int) -> None:
        """The place of the model whose plane has the colours, which leaves the figure to the panels; −1: colour by class."""
        self._choose(place, self._figure if place >= 0 else "")

    @Slot(str)
    def set_figure(self, figure: str) -> None:
        """A figure of each image has the colours, on every map whose model has it."""
        self._choose(-1, figure)

    @Slot(str)
    def _on_figure_taken(self, figure: str) -> None:
        """In a panel of one of the maps; what was chosen last has the colours of all."""
        if not self._spreading:
            self._choose(-1 if figure else self._by, figure)

    def _choose(self, place: int, figure: str) -> None:
        self._by, self._figure = place, figure
        self._spread()
        self.chosen.emit(self.by)

    @Slot()
    def _on_models_changed(self) -> None:
        """The first of the maps brings along the figure that it has had alone."""
        explorers = self._link.explorers
        if len(explorers) < 2:
            self._by, self._figure = -1, explorers[0].session.part(MetricSurvey).metric if explorers else ""
        elif self._by >= len(explorers):
            self._by = -1  # with the map by whose places it was
        self._lay_places()

    @Slot()
    def _spread(self) -> None:
        """The figure, or none, to every map."""
        if self._spreading:
            return
        self._spreading = True
        try:
            for explorer in self._link.explorers:
                explorer.session.part(MetricSurvey).choose("" if self._why_no_figure(explorer) else self._figure)
        finally:
            self._spreading = False
        self._lay_places()

    def _why_no_figure(self, explorer: Explorer) -> str:
        """Why the map cannot have the figure now; empty where it can."""
        session, figure = explorer.session, self._figure
        if session.model is None or not figure:
            return ""
        if session.part(TrainingState).makes(session.model):
            return self.tr("{} is in training").format(short(session.model.name))
        title = given_class(IMAGE_METRICS[figure].in_words, session.model.card.spec)
        offered = session.part(MetricSurvey).offered
        return "" if figure in offered else self.tr("{} has no {}").format(short(session.model.name), title)

    @Slot()
    def _lay_places(self) -> None:
        """Those of the model that was chosen, or none, on every map."""
        explorers = self._link.explorers
        model = explorers[self._by].session.model if 0 <= self._by < len(explorers) else None
        self._apart = []
        for explorer in explorers:
            other, place = explorer.session.model, None
            if model is None or other is None:
                reason = self._why_no_figure(explorer)
            else:
                reason = why_images_differ(model, other)
                place = None if reason else self._places_of(model.file.codes)
            if reason:
                self._apart.append((explorer, reason))
            explorer.latent_view.set_places(place)
        self.noted.emit()

    def _places_of(self, codes: Codes) -> NDArray[np.uint8]:
        """Worked out once for a model, and the same array each time: a map that has it already draws nothing anew."""
        if self._places is None or self._places[0] is not codes:
            self._places = codes, places(codes.mean)
        return self._places[1]
