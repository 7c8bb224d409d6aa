"""Makes foreign text safe and short for a screen or terminal: names, paths and messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

NAME, MESSAGE = 60, 2000  # characters
_UNKNOWN, _ELLIPSIS = "\N{REPLACEMENT CHARACTER}", "…"
_MARKS = 4  # combining marks on one letter; Hebrew and Tibetan need as many
_JOINERS = "\u200c\u200d"  # emoji, Persian and Indic scripts need joiners
_BEYOND_LATIN = "\u0600"
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"  # Arabic and Syriac signs
_ODD = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u202f-\u205e\u2060\u2070-\u209c\u2100-\u23ff]"
)
_ENDS = 8  # cleaned characters per shown character
_JOINED = "\u2060"  # our formulas use it against line breaks; it is invisible and harmless
_BLANKS = re.compile("[ \u00a0\u202f]+")


def safe(text: str, lines: bool = False) -> str:
    """Remove from `text` whatever moves, hides or colours other text.

    Controls, text directions and floods of combining marks go. Spaces other than no-break spaces become blanks. With `lines`,
    line breaks stay.
    """
    if _ODD.search(text) is None:
        return text
    kept: list[str] = []
    marks = _MARKS  # a mark at the start would land on the text before
    for place, sign in enumerate(text):
        shown = "\n" if lines and sign == "\n" else _shown(sign, text, place)
        if not shown:
            continue
        marks = marks + 1 if unicodedata.category(sign).startswith("M") else 0
        if marks <= _MARKS:
            kept.append(shown)
    return "".join(kept)


def short(text: str, most: int = NAME) -> str:
    """Return `text` as one `safe` line of at most `most` characters, cut by … in the middle."""
    return _within(text, most, lambda part: _BLANKS.sub(" ", safe(part).replace(_JOINED, "")).strip())


def message(text: str, most: int = MESSAGE) -> str:
    """Return `safe` text of at most `most` characters with its lines, cut by … in the middle."""
    return _within(text, most, lambda part: safe(part, lines=True))


def file_stem(name: str) -> str:
    """Return a file name without ending, of the letters and digits of `name`.

    It names no folder.
    """
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in short(name, NAME)).lstrip(".") or "model"


def escaped(json: str) -> str:
    """Return valid `json` with controls and directions escaped; its strings keep their values."""
    if _ODD.search(json) is None:
        return json
    return "".join(_escape(sign) if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign for sign in json)


def _escape(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _within(text: str, most: int, clean: Callable[[str], str]) -> str:
    """Cut `text`, cleaning only its ends, so that a long text costs nothing."""
    if len(text) > _ENDS * most:
        head, tail = clean(text[: _ENDS * most // 2]), clean(text[-_ENDS * most // 2 :])
    else:
        head = tail = clean(text)
        if len(head) <= most:
            return head
    last = (most - 1) // 3
    return head[: most - 1 - last].rstrip() + _ELLIPSIS + tail[max(len(tail) - last, 0) :].lstrip()


def _shown(sign: str, text: str, place: int) -> str:
    kind = unicodedata.category(sign)
    if sign == _JOINED or sign in "\u00a0\u202f":
        return sign
    if kind in ("Zs", "Zl", "Zp") or sign in "\t\n\r\v\f\x85":
        return " "
    if kind == "Cf":
        return sign if sign in _VISIBLE_FORMATS or _joins(sign, text, place) else ""
    if kind in ("Cc", "Cs") or sign == "\N{OBJECT REPLACEMENT CHARACTER}" or _is_no_character(ord(sign)):
        return _UNKNOWN
    return sign


def _joins(sign: str, text: str, place: int) -> bool:
    """Tell whether a joiner stands between two letters of a script that needs joiners."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return sign in _JOINERS and len(around) == 2 and min(around) > _BEYOND_LATIN and not set(around) & set(_JOINERS)


def _is_no_character(point: int) -> bool:
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
