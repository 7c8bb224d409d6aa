"""The look: the only place with a literal colour, pen or font size."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication, QPalette, QPen
from PySide6.QtWidgets import QApplication

from vae_explorer import locations

# petroff10 (Petroff 2021, arXiv:2107.02270): ten colours that stay apart under the common colour-vision deficiencies.
PALETTE = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by their role."""

    name: str
    window: str
    card: str
    map: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    hover: str
    warning: str
    on_warning: str
    ink: str  # the mosaic's
    ink_opacity: float
    halo: str  # around what lies on the map, so that it can be told from what it lies on
    curves: tuple[str, str, str]

    def color(self, role: str, alpha: int = 255) -> QColor:
        color = QColor(getattr(self, role))
        color.setAlpha(alpha)
        return color

    def pen(self, role: str, width: float = 1.0, alpha: int = 255, dashed: bool = False) -> QPen:
        """A pen whose width is in pixels of the screen, also on the map."""
        pen = QPen(self.color(role, alpha), width)
        pen.setCosmetic(True)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        return pen

    def brush(self, role: str, alpha: int = 255) -> QBrush:
        return QBrush(self.color(role, alpha))


LIGHT = Theme(
    name="light",
    window="#ffffff",
    card="#f2f4f7",
    map="#ffffff",
    text="#14171c",
    muted="#596170",
    border="#d9dde5",
    accent="#1f6feb",
    on_accent="#ffffff",
    hover="#e6eaf1",
    warning="#fff1cf",
    on_warning="#4d3800",
    ink="#25345a",
    ink_opacity=0.30,
    halo="#ffffff",
    curves=("#1f6feb", "#d97706", "#832db6"),
)
DARK = Theme(
    name="dark",
    window="#1b1e25",
    card="#252932",
    map="#111317",
    text="#eceff4",
    muted="#a0a8b6",
    border="#343a46",
    accent="#58a6ff",
    on_accent="#0b1220",
    hover="#2f3541",
    warning="#4a3a10",
    on_warning="#ffe6a8",
    ink="#e8edf7",
    ink_opacity=0.34,
    halo="#0b0d11",
    curves=("#58a6ff", "#ffb454", "#c792ea"),
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def class_color(label: int, alpha: int = 255) -> QColor:
    color = QColor(PALETTE[label % len(PALETTE)])
    color.setAlpha(alpha)
    return color


def on_class_color(label: int) -> QColor:
    """Black or white, whichever reads better on the class's colour."""
    return QColor("#000000" if class_color(label).lightnessF() > 0.55 else "#ffffff")


def resolve(choice: str) -> Theme:
    """'light', 'dark', or what the system says."""
    if choice in THEMES:
        return THEMES[choice]
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def font(points: float, bold: bool = False) -> QFont:
    made = QFont(QApplication.font())
    made.setPointSizeF(points)
    made.setBold(bold)
    return made


SMALL, NORMAL, LARGE = 8.5, 9.5, 14.0


def apply(app: QApplication, theme: Theme) -> None:
    """Give the whole application `theme`."""
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    check = (locations.resources() / "icons" / f"check-{theme.name}.svg").as_posix()
    app.setStyleSheet(_STYLE.substitute({role: getattr(theme, role) for role in theme.__slots__}, check=check))


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    pairs = {
        roles.Window: "window",
        roles.WindowText: "text",
        roles.Base: "window",
        roles.AlternateBase: "card",
        roles.Text: "text",
        roles.Button: "card",
        roles.ButtonText: "text",
        roles.ToolTipBase: "card",
        roles.ToolTipText: "text",
        roles.PlaceholderText: "muted",
        roles.Highlight: "accent",
        roles.HighlightedText: "on_accent",
        roles.Link: "accent",
        roles.Mid: "border",
    }
    for role, name in pairs.items():
        palette.setColor(role, theme.color(name))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("muted", 150))
    return palette


_STYLE = Template("""
QMainWindow, QDialog, QMessageBox { background: $window; }
QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QMenuBar { background: $window; border-bottom: 1px solid $border; padding: 2px 8px; }
QMenuBar::item { padding: 4px 10px; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $window; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $on_accent; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QStatusBar { border-top: 1px solid $border; color: $muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 0 8px; }
QToolTip { background: $card; color: $text; border: 1px solid $border; padding: 4px; }
QDockWidget { color: $muted; font-weight: 600; titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: $window; padding: 10px 16px 2px 16px; text-align: left; }
QLabel[role="heading"] { color: $muted; font-weight: 600; font-size: 8pt; }
QLabel[role="title"] { font-size: 14pt; font-weight: 700; }
QLabel[role="value"] { font-size: 12pt; font-weight: 700; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $on_warning; background: $warning; border-radius: 4px; padding: 6px 8px; }
QFrame[role="card"] { background: $card; border-radius: 8px; }
QFrame[role="banner"] { background: $warning; border-radius: 8px; }
QFrame[role="banner"] QLabel { color: $on_warning; }
QFrame[role="hint"] { background: $card; border: 1px solid $border; border-radius: 8px; }
QPushButton, QToolButton { background: $card; border: 1px solid $border; border-radius: 6px; padding: 5px 12px; }
QToolButton { padding: 5px; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; padding: 7px 12px; }
QPushButton[role="primary"]:focus { border: 2px solid $text; padding: 6px 11px; }
QPushButton[role="primary"]:disabled { background: $card; color: $muted; border: 1px solid $border; }
QPushButton[role="flat"] { background: transparent; border: 1px solid transparent; }
QPushButton[role="flat"]:hover { background: $hover; }
QPushButton[role="flat"]:focus { border: 1px solid $accent; }
QFrame[role="banner"] QPushButton { background: transparent; color: $on_warning; border: 1px solid $on_warning; }
QCheckBox { spacing: 8px; padding: 2px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $window; }
QCheckBox::indicator:hover { border: 1px solid $accent; }
QCheckBox::indicator:checked { background: $accent; border: 1px solid $accent; image: url($check); }
QCheckBox:focus { background: $hover; border-radius: 4px; }
QProgressBar { background: $card; border: none; border-radius: 4px; height: 8px; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }
QScrollArea { border: none; background: $window; }
QScrollArea > QWidget > QWidget { background: $window; }
QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; }
QSlider::handle:horizontal:focus { border: 2px solid $text; }
QSlider:disabled::handle:horizontal, QSlider:disabled::sub-page:horizontal { background: $border; }
""")
