"""Renders the SVG icons in the colours of the theme."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from vae_explorer import locations
from vae_explorer.gui.kit.theme import Theme

_SIZES = (16, 32)


def icon(name: str, theme: Theme) -> QIcon:
    source = (locations.resources() / "icons" / f"{name}.svg").read_text("utf-8")
    made = QIcon()
    for mode, role in ((QIcon.Mode.Normal, "text"), (QIcon.Mode.Disabled, "border")):
        for size in _SIZES:
            made.addPixmap(_render(source.replace("currentColor", theme.color(role).name()), size), mode)
    return made


def app_icon() -> QIcon:
    source = (locations.resources() / "icons" / "app.svg").read_text("utf-8")
    made = QIcon()
    for size in (16, 32, 64, 128, 256):
        made.addPixmap(_render(source, size))
    return made


def _render(source: str, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter)
    painter.end()
    return pixmap
