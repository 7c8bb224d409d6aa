"""The codes of one model coloured by where they lie in its plane, and the codes of the same images in the others alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.gui.compare.comparable import why_images_differ
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.explorer import Explorer
from vae_explorer.latent.places import places


class Colouring(QObject):
    noted = Signal()  # `note` says something else

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._link, self._by = link, -1
        self._places: tuple[Codes, NDArray[np.uint8]] | None = None  # where the codes of the model lie that was chosen last
        self._apart: list[tuple[Explorer, str]] = []  # those that cannot have the colours of places, and why
        link.models_changed.connect(self._colour)
        link.recoloured.connect(self.noted)

    @property
    def by_class(self) -> bool:
        """Whether on any map colours are those of the classes."""
        return any(explorer.latent_view.codes_item.by_class for explorer in self._link.explorers)

    @property
    def note(self) -> str:
        """Where codes cannot have the colours of places: which they have, and why, in a line."""
        by_class, by_figure = self.tr("coloured by class: "), self.tr("coloured by its figure: ")
        reasons: dict[str, list[str]] = {by_class: [], by_figure: []}
        for explorer, reason in self._apart:
            reasons[by_class if explorer.latent_view.codes_item.by_class else by_figure].append(reason)
        return "; ".join(words + "; ".join(found) for words, found in reasons.items() if found)

    @Slot(int)
    def set_by(self, place: int) -> None:
        """The place of the model whose plane has the colours; −1: colour by class."""
        self._by = place
        self._colour()

    @Slot()
    def _colour(self) -> None:
        explorers = self._link.explorers
        model = explorers[self._by].session.model if 0 <= self._by < len(explorers) else None
        place = self._places_of(model.file.codes) if model is not None else None
        self._apart = []
        for explorer in explorers:
            other = explorer.session.model
            reason = why_images_differ(model, other) if model is not None and other is not None else ""
            if reason:
                self._apart.append((explorer, reason))
            explorer.latent_view.set_places(None if reason or other is None else place)
        self.noted.emit()

    def _places_of(self, codes: Codes) -> NDArray[np.uint8]:
        """Worked out once for a model, and the same array each time: a map that has it already draws nothing anew."""
        if self._places is None or self._places[0] is not codes:
            self._places = codes, places(codes.mean)
        return self._places[1]
