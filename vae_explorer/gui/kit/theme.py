"""The themes: colours, pens and font sizes of the whole window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from string import Template
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication, QPalette, QPen
from PySide6.QtWidgets import QApplication

from vae_explorer import colours, locations
from vae_explorer.latent.scale import STEPS

# Six colours of Okabe & Ito (2008) for numbered items without a class.
NUMBERED = ("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00")

TRUE, ENCODER, BEST = "true", "encoder", "best"
LINES = {  # outline of a posterior -> role, width and style
    TRUE: ("text", 1.3, Qt.PenStyle.SolidLine),
    ENCODER: ("accent", 2.0, Qt.PenStyle.DashLine),
    BEST: ("violet", 2.4, Qt.PenStyle.DotLine),
}

SYSTEM = "system"
_FEW, _MANY = math.log10(20_000), 6.5  # log10 of numbers of codes
_OPAQUE, _FAINTER, _SHADE = 0.88, 0.3, 0.35
_LIGHTNESS, _SLOPE, _CHROMA = 0.66, 0.10, 0.15  # of places, in OKLab (Ottosson 2020)
_HUES, _SCALE_CHROMA = (300.0, 105.0), 0.12  # of a scale's ends, in OKLab, in degrees
_TILT = 0.14  # of the lightness of a circle of colours, in OKLab
_SIGNED_OPACITY = 0.64


@dataclass(frozen=True, slots=True)
class Theme:
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
    ink: str  # of the mosaic
    ink_opacity: float
    halo: str  # around items on the map
    warm: str  # of the true posterior, beside the accent
    violet: str  # a third colour beside warm and accent
    hole: str  # too few codes
    crowd: str  # too many codes
    unknown: str  # of a code without a metric
    scale_lightness: tuple[float, float]  # of a scale's ends in OKLab
    curves: tuple[str, str, str]

    def color(self, role: str, alpha: int = 255) -> QColor:
        color = QColor(getattr(self, role))
        color.setAlpha(alpha)
        return color

    def pen(self, role: str, width: float = 1.0, alpha: int = 255, dashed: bool = False) -> QPen:
        pen = QPen(self.color(role, alpha), width)
        pen.setCosmetic(True)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        return pen

    def line(self, name: str) -> QPen:
        role, width, style = LINES[name]
        pen = self.pen(role, width)
        pen.setStyle(style)
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
    warm="#d9480f",
    violet="#832db6",
    hole="#7b3294",
    crowd="#00786c",
    unknown="#d3d6dc",
    scale_lightness=(0.32, 0.86),
    curves=("#1f6feb", "#b45309", "#832db6"),
)
DARK = Theme(
    name="dark",
    window="#1b1e25",
    card="#252932",
    map="#111317",
    text=colours.TRUE,
    muted="#a0a8b6",
    border="#343a46",
    accent=colours.ENCODER,
    on_accent="#0b1220",
    hover="#2f3541",
    warning="#4a3a10",
    on_warning="#ffe6a8",
    ink="#e8edf7",
    ink_opacity=0.34,
    halo="#0b0d11",
    warm=colours.HEAT,
    violet=colours.BEST,
    hole="#c77dff",
    crowd="#2dd4bf",
    unknown="#3a3f4a",
    scale_lightness=(0.42, 0.93),
    curves=(colours.ENCODER, "#ffb454", colours.BEST),
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def numbered_color(index: int) -> QColor:
    return QColor(NUMBERED[index % len(NUMBERED)])


def place_colours(side: int) -> NDArray[np.float64]:
    """Return colours (side², 3), 0 … 255, of a grid over the plane, lowest row first.

    In OKLab, the colours go from green to red and from blue to yellow, so near places look alike. They darken to the right for
    people who do not tell red from green.
    """
    step = np.linspace(-1, 1, side)
    x, y = (part.ravel() for part in np.meshgrid(step, step))
    return np.rint(_of_oklab(np.stack([_LIGHTNESS - _SLOPE * x, _CHROMA * x, _CHROMA * y])))


def scale_colours(theme: Theme) -> NDArray[np.float64]:
    """Return colours (STEPS + 2, 3), 0 … 255, of the steps of a scale, UNKNOWN and NOT_EXACT.

    The colours go from dark violet over green to light yellow, in equal steps in OKLab. The lightness rises, and stands out from
    the map.
    """
    at = np.linspace(0, 1, 8 * STEPS)
    low, high = theme.scale_lightness
    hue = np.deg2rad(_HUES[0] + (_HUES[1] - _HUES[0]) * at)
    lab = np.stack([low + (high - low) * at, _SCALE_CHROMA * np.cos(hue), _SCALE_CHROMA * np.sin(hue)])
    return _with_others(_in_even_steps(lab, STEPS), theme)


def circle_colours(theme: Theme) -> NDArray[np.float64]:
    """Return colours as `scale_colours` does, of a scale whose ends are equal.

    The colours go around a circle of hues in equal steps in OKLab. Green is lighter than red, for people who do not tell them
    apart.
    """
    turn = np.linspace(0, 2 * np.pi, 8 * STEPS + 1)
    lab = np.stack([_LIGHTNESS - _TILT * np.cos(turn), _SCALE_CHROMA * np.cos(turn), _SCALE_CHROMA * np.sin(turn)])
    return _with_others(_in_even_steps(lab, STEPS + 1)[:, :-1], theme)


def _in_even_steps(lab: NDArray[np.float64], points: int) -> NDArray[np.float64]:
    """Return `points` points (3, points) of a curve (3, n), equally far apart along the curve."""
    length = np.append(0, np.cumsum(np.linalg.norm(np.diff(lab), axis=0)))
    return np.stack([np.interp(np.linspace(0, length[-1], points), length, part) for part in lab])


def _with_others(lab: NDArray[np.float64], theme: Theme) -> NDArray[np.float64]:
    """Return the colours (STEPS + 2, 3) of steps (3, STEPS) in OKLab, then of UNKNOWN and NOT_EXACT."""
    others = [rgb(theme.color(role)) for role in ("unknown", "warm")]
    return np.concatenate([np.rint(_of_oklab(lab)), np.array(others, np.float64)])


def scale_table(theme: Theme) -> NDArray[np.uint8]:
    """Return the steps of `scale_colours` with alpha, (STEPS, 4)."""
    return _table_of(scale_colours(theme))


def circle_table(theme: Theme) -> NDArray[np.uint8]:
    """Return the steps of `circle_colours` with alpha, (STEPS, 4)."""
    return _table_of(circle_colours(theme))


def _table_of(colours: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.pad(colours[:STEPS].astype(np.uint8), ((0, 0), (0, 1)), constant_values=255)


def signed_table(theme: Theme) -> NDArray[np.uint8]:
    """Return colours (256, 4) for signed pictures, clear at 0 and denser towards the ends."""
    share = np.linspace(-1, 1, 256)
    table = np.empty((256, 4), np.uint8)
    table[:, :3] = np.where(share[:, None] < 0, rgb(theme.color("hole")), rgb(theme.color("crowd")))
    table[:, 3] = np.rint(255 * _SIGNED_OPACITY * np.abs(share))
    return table


def _of_oklab(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert OKLab (3, n) to sRGB (n, 3), 0 … 255: Ottosson 2020."""
    cone = np.array([[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]])
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(to_rgb @ (cone @ lab) ** 3, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(255 * encoded.T, np.float64)


def tint_table(color: QColor, opacity: float) -> NDArray[np.uint8]:
    """Return colours (256, 4) for grey pictures, from clear to `opacity` in 0 … 1."""
    table = np.empty((256, 4), np.uint8)
    table[:, :3] = rgb(color)
    table[:, 3] = np.rint(np.arange(256) * opacity)
    return table


def rgb(color: QColor) -> tuple[int, int, int]:
    return (color.red(), color.green(), color.blue())


def on_color(color: QColor) -> QColor:
    """Return black or white by contrast with `color`: WCAG 2.1, relative luminance."""
    shares = [channel / 255 for channel in rgb(color)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return QColor("#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff")


def code_colours(theme: Theme, codes: int, levels: int, densities: int, colours: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return premultiplied ARGB (levels, densities, n) of `colours` (n, 3).

    Levels are coverages of a pixel by a code. With more codes, a single code is fainter, and a crowded pixel stands out more.
    """
    crowded = min(max(math.log10(max(codes, 1)) - _FEW, 0) / (_MANY - _FEW), 1.0)
    density = np.linspace(0, 1, densities)
    alpha = np.linspace(0, 1, levels)[:, None] * (_OPAQUE - _FAINTER * crowded * (1 - density))  # (levels, densities)
    towards = np.array(rgb(theme.color("text")), np.float64)
    share = (_SHADE * crowded * density)[:, None, None]
    shaded = (1 - share) * colours + share * towards  # (densities, n, 3)
    channels = np.rint(shaded * alpha[:, :, None, None]).astype(np.uint32)
    opacity = np.rint(255 * alpha).astype(np.uint32)[:, :, None]
    red, green, blue = (channels[..., place] for place in range(3))
    return ((opacity << 24) | (red << 16) | (green << 8) | blue).astype(np.uint32)


def resolve(choice: str) -> Theme:
    if choice in THEMES:
        return THEMES[choice]
    return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def font(points: float, bold: bool = False) -> QFont:
    made = QFont(QApplication.font())
    made.setPointSizeF(points)
    made.setBold(bold)
    return made


TINY, SMALL, NORMAL, MEDIUM, LARGE = 7.0, 8.5, 9.5, 12.0, 14.0


def apply(app: QApplication, theme: Theme) -> None:
    sheet = _style_sheet(theme)
    if sheet == app.styleSheet():
        return
    app.setPalette(_palette(theme))
    app.setStyleSheet(sheet)  # removing the old sheet first is quicker, and crashed PySide6 6.11 once in many thousand changes


def _style_sheet(theme: Theme) -> str:
    values = {role: getattr(theme, role) for role in theme.__slots__}
    values |= {"small": SMALL, "medium": MEDIUM, "large": LARGE}
    values["check"] = (locations.resources() / "icons" / f"check-{theme.name}.svg").as_posix()
    return Template((locations.resources() / "style.qss").read_text("utf-8")).substitute(values)


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


@runtime_checkable
class Themed(Protocol):
    """A widget that paints with colours of the theme."""

    def set_theme(self, theme: Theme) -> None: ...
