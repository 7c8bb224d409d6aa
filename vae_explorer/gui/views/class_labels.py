"""The name of each class at the centroid of its codes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from vae_explorer.gui.theme import NORMAL, Theme, class_color, font, on_class_color

_Z_LABELS = 10
_ENOUGH = 20_000  # codes from which the centroids are found


class ClassLabels:
    """Text items on a plot, moved rather than made anew while a model trains."""

    def __init__(self, plot: Any) -> None:
        self._plot = plot
        self._items: dict[int, pg.TextItem] = {}
        self._hidden: frozenset[int] = frozenset()
        self._visible = True

    def set_codes(self, mean: NDArray[np.float32], label: NDArray[np.uint8], names: tuple[str, ...]) -> None:
        present = np.flatnonzero(np.bincount(label)).tolist()
        step = max(1, len(label) // _ENOUGH)
        some, some_labels = mean[::step], label[::step]
        for gone in set(self._items) - set(present):
            self._plot.removeItem(self._items.pop(gone))
        for number in present:
            own = some[some_labels == number]
            centroid = np.median(own if len(own) else mean[label == number], axis=0)
            item = self._items.get(number) or self._add(number)
            item.setText(names[number] if number < len(names) else str(number), color=on_class_color(number))
            item.setPos(*centroid.tolist())
        self._update()

    def set_hidden(self, hidden: frozenset[int]) -> None:
        self._hidden = hidden
        self._update()

    def set_visible(self, visible: bool) -> None:
        self._visible = visible
        self._update()

    def set_theme(self, theme: Theme) -> None:
        for item in self._items.values():
            item.setFont(font(NORMAL, bold=True))

    def _add(self, number: int) -> pg.TextItem:
        item = pg.TextItem(anchor=(0.5, 0.5), fill=class_color(number, 235), border=class_color(number))
        item.setFont(font(NORMAL, bold=True))
        item.setZValue(_Z_LABELS)
        self._plot.addItem(item, ignoreBounds=True)
        self._items[number] = item
        return item

    def _update(self) -> None:
        for number, item in self._items.items():
            item.setVisible(self._visible and number not in self._hidden)
