"""The contract of an overlay, which reads the session and draws on the map."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import LatentView


class Overlay(QObject):
    """A drawing on the map that a person can switch off. `__init__` connects the session."""

    name: ClassVar[str]
    title: ClassVar[str]
    tip: ClassVar[str]
    on_at_first: ClassVar[bool] = True
    has_scale: ClassVar[bool] = False  # whether a scale on the map explains its colours

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.session = view, session
        self.visible = True

    def set_visible(self, visible: bool) -> None:
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Overlays with colours of their own override this."""
