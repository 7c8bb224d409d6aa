"""Stores the settings that the program keeps between starts."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from vae_explorer.gui.kit.theme import SYSTEM, THEMES

_LAYOUT_VERSION = 2


class Settings:
    def __init__(self, keeps: bool = True) -> None:
        """Without `keeps`, write nothing, for windows that no person sees."""
        self._keeps = keeps
        self._store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "vae-explorer", "vae-explorer")

    @property
    def theme(self) -> str:
        choice = str(self._store.value("theme", SYSTEM))
        return choice if choice in THEMES else SYSTEM

    @theme.setter
    def theme(self, choice: str) -> None:
        self._set("theme", choice)

    @property
    def hint_dismissed(self) -> bool:
        return str(self._store.value("hint_dismissed", "")) == "yes"

    def dismiss_hint(self) -> None:
        self._set("hint_dismissed", "yes")

    @property
    def geometry(self) -> QByteArray:
        return self._bytes("geometry")

    @property
    def layout(self) -> QByteArray:
        return self._bytes(f"layout{_LAYOUT_VERSION}")

    def keep_layout(self, geometry: QByteArray, layout: QByteArray) -> None:
        self._set("geometry", geometry)
        self._set(f"layout{_LAYOUT_VERSION}", layout)

    def _set(self, key: str, value: object) -> None:
        if self._keeps:
            self._store.setValue(key, value)

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
