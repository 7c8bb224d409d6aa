"""A draw from the posterior on the map, as a numbered disc."""

from __future__ import annotations

from PySide6.QtGui import QColor

from vae_explorer.gui.kit.handle_item import HandleItem
from vae_explorer.gui.kit.theme import TINY, Theme, numbered_color, on_color

_RADIUS = 7.0  # pixels


class DrawItem(HandleItem):
    def __init__(self, index: int) -> None:
        tip = f"Draw {index + 1}, z = mean + std · ε. Drag the disc, and ε follows"
        super().__init__(str(index + 1), _RADIUS, TINY, tip)
        self._color = numbered_color(index)

    def colours(self, theme: Theme) -> tuple[QColor, QColor]:
        return self._color, on_color(self._color)
