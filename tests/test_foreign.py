"""Text that other people wrote is shown as text, and takes no more room than it is given."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_explorer.foreign import message, safe, short

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def controls(text: str) -> list[str]:
    """What moves, hides or colours other text, told by Unicode's own tables."""
    kinds = {sign: (unicodedata.category(sign), unicodedata.bidirectional(sign)) for sign in text}
    steering = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "B", "S", "BN"}
    return [sign for sign, (kind, way) in kinds.items() if kind in ("Cc", "Cs", "Zl", "Zp") or way in steering - {"BN"}]


@given(ANY_TEXT)
def test_that_no_control_direction_or_line_break_is_left_of_any_text(text: str) -> None:
    assert controls(safe(text)) == []
    assert controls(safe(text, lines=True).replace("\n", "")) == []
    assert safe(safe(text)) == safe(text)
    safe(text).encode()  # no half of a surrogate pair


@given(ANY_TEXT, st.integers(2, 40))
def test_that_a_short_text_is_no_longer_than_it_may_be(text: str, most: int) -> None:
    assert len(short(text, most)) <= most
    assert len(message(text, most)) <= most


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("R&B", "R&B"),
        ("<img src='file:///x.png'>", "<img src='file:///x.png'>"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("exe\u202egpj.txt", "exegpj.txt"),
        ("a\u2066b\u2069c\u200bd\ufeffe\u00ad", "abcde"),
        ("z" + 40 * "\u0301", "z" + 4 * "\u0301"),
        ("\u0301on the sign before", "on the sign before"),
        ("שלום", "שלום"),
        ("مرحبا", "مرحبا"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("fi\u200cne", "fine"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("e\u0301te\u0301", "e\u0301te\u0301"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("\uffff\ufffe\ufffc", "\ufffd\ufffd\ufffd"),
        ("q(z|x) − β · 0,5 µm", "q(z|x) − β · 0,5 µm"),
    ],
)
def test_that_letters_of_every_script_stay_and_what_steers_them_goes(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_that_a_long_name_keeps_its_ends() -> None:
    shown = short("begin " + "x" * 10_000 + " end", 20)
    assert len(shown) == 20
    assert shown.startswith("begin x")
    assert shown.endswith("x end")
    assert "…" in shown


def test_that_a_name_holds_single_blanks_alone() -> None:
    assert short(" a\u2060b\u00a0\u202f c\n\nd ") == "ab c d"


def test_that_a_message_keeps_its_lines() -> None:
    assert message("one\ntwo") == "one\ntwo"


def test_that_a_text_of_ten_million_characters_is_shortened_by_its_ends_alone() -> None:
    assert short("\u202e" * 10_000_000 + "end", 20) == "…end"
