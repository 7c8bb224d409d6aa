"""Prepares foreign text so that widgets show it literally and within their room."""

from __future__ import annotations

import re
import textwrap

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from vae_explorer.foreign import message, short

TIP_ABOVE = "tipAbove"  # property of widgets whose tool tip goes above them
_TIP = 600  # characters of a tool tip
_WORD = 24  # characters of a word that stays whole
_LONG_WORD = re.compile(rf"\S{{{_WORD + 1},}}")
_BREAK = "\N{ZERO WIDTH SPACE}"


def fitted(widget: QWidget, name: str, room: int) -> str:
    """Return `name` on one line of at most `room` pixels, with … in a longer name."""
    return widget.fontMetrics().elidedText(short(name), Qt.TextElideMode.ElideMiddle, room)


def literal(text: str) -> str:
    """Escape & for menus, buttons, check boxes and tabs, where & marks a key."""
    return text.replace("&", "&&")


def title_text(name: str) -> str:
    """Escape [*] for window titles, where Qt puts its mark of changes."""
    return short(name).replace("[*]", "[*][*]")


def tip_text(text: str) -> str:
    return breakable(message(text, _TIP))


def breakable(text: str) -> str:
    """Insert invisible line breaks into long words."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(textwrap.wrap(word[0], _WORD, break_on_hyphens=False)), text)
