"""Model ▸ Pretrained…: a card for each bundled model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from vae_explorer.gui.dialogs.model_card_view import ModelCardView
from vae_explorer.gui.features.model.card_manifolds import CardManifolds
from vae_explorer.gui.kit.on_screen import fit, room_of
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.models.card import ModelCard, measured_by
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.model_file import ModelFileError, read_card
from vae_explorer.models.terms import headline

_COLUMNS = 2
_SIZE = QSize(880, 640)


class PretrainedDialog(Guarded, QDialog):
    """Shows the cards at once. A job decodes the pictures."""

    chosen = Signal(str)  # the model's name

    def __init__(self, manifolds: CardManifolds, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pretrainedDialog")
        self.setWindowTitle(self.tr("Pretrained models"))
        self._manifolds = manifolds
        self._cards: dict[str, ModelCardView] = {}
        columns = _COLUMNS if room_of(self).width() >= _SIZE.width() else 1
        grid = QGridLayout()
        grid.setSpacing(12)
        for name, path in pretrained_models().items():
            try:
                card = read_card(path)
            except ModelFileError:
                continue
            view = ModelCardView(name, f"{card.family.title} · {card.dataset}", _facts(card))
            view.set_theme(theme)
            view.chosen.connect(self._on_chosen)
            grid.addWidget(view, len(self._cards) // columns, len(self._cards) % columns, Qt.AlignmentFlag.AlignTop)
            self._cards[name] = view
        inside = QWidget()
        inside.setLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(area)
        fit(self, _SIZE)
        manifolds.drawn.connect(self._on_drawn)
        self.finished.connect(manifolds.stop)
        manifolds.draw({name: pretrained_models()[name] for name in self._cards})

    @Slot(str, object)
    def _on_drawn(self, name: str, picture: NDArray[np.uint8]) -> None:
        if name in self._cards:
            self._cards[name].set_picture(picture)

    @Slot(str)
    def _on_chosen(self, name: str) -> None:
        self.chosen.emit(name)
        self.accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._manifolds.stop()
        super().closeEvent(event)


def _facts(card: ModelCard) -> list[str]:
    family = card.family
    result = headline(card.spec, card.metrics, card.errors)
    formula = family.formula_by_terms
    objective = formula if family.says_who_minimises else f"minimises {formula}"
    return [objective, *([f"test {result}"] if result else []), measured_by(card)]
