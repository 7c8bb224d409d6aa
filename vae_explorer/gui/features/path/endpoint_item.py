"""An endpoint of the path: a lettered disc to drag."""

from __future__ import annotations

from PySide6.QtGui import QColor

from vae_explorer.gui.kit.handle_item import HandleItem
from vae_explorer.gui.kit.theme import NORMAL, Theme

_RADIUS = 11.0  # pixels


class EndpointItem(HandleItem):
    def __init__(self, letter: str) -> None:
        super().__init__(letter, _RADIUS, NORMAL, f"Endpoint {letter}: drag it; Ctrl snaps to a code")

    def colours(self, theme: Theme) -> tuple[QColor, QColor]:
        return theme.color("accent"), theme.color("on_accent")
