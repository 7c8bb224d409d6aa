"""The contract of an overlay: it reads the session, draws on the map and can be switched off."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import LatentView


class Overlay(QObject):
    """One thing on the map. Connects itself to the session when it is made."""

    name: ClassVar[str]
    title: ClassVar[str]
    tip: ClassVar[str]
    on_at_first: ClassVar[bool] = True
    has_scale: ClassVar[bool] = False  # whether its colours are numbers, which a scale on the map tells

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.session = view, session
        self.visible = True

    def set_visible(self, visible: bool) -> None:
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
