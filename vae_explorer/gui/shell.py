"""The main window, as the commands see it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import LatentView


class Window(Protocol):
    """The interface of the main window. The main window imports the commands."""

    session: Session  # of the first map
    latent_view: LatentView  # of the first map
    theme: Theme

    @property
    def frame(self) -> QMainWindow: ...

    @property
    def under_the_cursor(self) -> Explorer:
        """The explorer where the cursor moved last."""

    @property
    def actions_by_name(self) -> Mapping[str, QAction]: ...

    def open_model(self, name: str | Path) -> None: ...

    def reset_layout(self) -> None: ...
