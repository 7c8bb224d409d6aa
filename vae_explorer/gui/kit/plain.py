"""Foreign text in the form that a widget needs to show it as it is, in the room that there is."""

from __future__ import annotations

import re
import textwrap

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from vae_explorer.foreign import message, short

TIP_ABOVE = "tipAbove"  # a property of widgets whose explanation lies below them
_TIP = 600  # characters of a tool tip
_WORD = 24  # characters of a word that need not be broken
_LONG_WORD = re.compile(rf"\S{{{_WORD + 1},}}")
_BREAK = "\N{ZERO WIDTH SPACE}"


def fitted(widget: QWidget, name: str, room: int) -> str:
    """`name` in one line of at most `room` pixels in the font of `widget`; a longer one has … in its middle."""
    return widget.fontMetrics().elidedText(short(name), Qt.TextElideMode.ElideMiddle, room)


def literal(text: str) -> str:
    """`text` for a menu, a button, a check box or a tab, which take a single & for the sign of a key."""
    return text.replace("&", "&&")


def title_text(name: str) -> str:
    """`name` for the title of a window, in which Qt takes [*] for the place of its mark of changes."""
    return short(name).replace("[*]", "[*][*]")


def tip_text(text: str) -> str:
    """`text` for a tool tip, with an end."""
    return breakable(message(text, _TIP))


def breakable(text: str) -> str:
    """`text` with places in long words where a line may end; they cannot be seen."""
    return _LONG_WORD.sub(lambda word: _BREAK.join(textwrap.wrap(word[0], _WORD, break_on_hyphens=False)), text)
