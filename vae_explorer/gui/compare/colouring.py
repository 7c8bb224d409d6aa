"""The codes of one model coloured by where they lie in its plane, and the codes of the same images in the others alike."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.compare.comparable import why_images_differ
from vae_explorer.gui.compare.link import Link
from vae_explorer.latent.places import places


class Colouring(QObject):
    noted = Signal()  # `note` says something else

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._link, self._by = link, -1
        self.note = ""
        link.models_changed.connect(self._colour)

    @Slot(int)
    def set_by(self, place: int) -> None:
        """The place of the model whose plane has the colours; −1: colour by class."""
        self._by = place
        self._colour()

    @Slot()
    def _colour(self) -> None:
        explorers = self._link.explorers
        model = explorers[self._by].session.model if 0 <= self._by < len(explorers) else None
        place = places(model.file.codes.mean) if model is not None else None
        reasons = []
        for explorer in explorers:
            other = explorer.session.model
            reason = why_images_differ(model, other) if model is not None and other is not None else ""
            explorer.latent_view.set_places(None if reason or other is None else place)
            reasons.append(reason)
        self.note = self.tr("coloured by class: ") + "; ".join(filter(None, reasons)) if any(reasons) else ""
        self.noted.emit()
