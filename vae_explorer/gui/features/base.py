"""The contract of an overlay, which reads the session and draws on the map, and the overlays of one map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.map.latent_view import LatentView


class Overlay(QObject):
    """A drawing on the map that a person can switch off. `__init__` connects the session."""

    name: ClassVar[str]
    title: ClassVar[str]
    tip: ClassVar[str]
    on_at_first: ClassVar[bool] = True

    def __init__(self, view: LatentView, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.session = view, session
        self.visible = True

    def set_visible(self, visible: bool) -> None:
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Overlays with colours of their own override this."""


class Overlays(QObject):
    """The overlays of one map, from the lowest layer to the highest."""

    toggled = Signal(str, bool)  # name, visible

    def __init__(self, overlays: Iterable[Overlay], parent: QObject) -> None:
        super().__init__(parent)
        self._by_name = {overlay.name: overlay for overlay in overlays}

    def __iter__(self) -> Iterator[Overlay]:
        return iter(self._by_name.values())

    @Slot(str, bool)
    def set_visible(self, name: str, visible: bool) -> None:
        self._by_name[name].set_visible(visible)
        self.toggled.emit(name, visible)

    def set_theme(self, theme: Theme) -> None:
        for overlay in self:
            overlay.set_theme(theme)
