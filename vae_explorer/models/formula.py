"""A family's formula, as records of its terms and words. Knows no torch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FIXED_SPACE, _NO_BREAK = "\u00a0", "\u2060"


@dataclass(frozen=True, slots=True)
class FormulaTerm:
    """One term of a formula, or a definition beside it. No line ends within it."""

    text: str
    name: str = ""  # in `TERMS`; empty where the term has no figure
    sign: str = "+"  # "+" or "−"
    weight: str = ""

    @property
    def product(self) -> str:
        return f"{self.weight} · {self.text}" if self.weight else self.text


@dataclass(frozen=True, slots=True)
class Words:
    """Words beside the terms. A comma or semicolon at their begin joins what stands before."""

    text: str
    says_who: bool = False  # whether they name the network that minimises what follows


Formula = tuple[FormulaTerm | Words, ...]


def written(formula: Formula) -> str:
    """The formula as one line of text."""
    return "".join(lead + body for lead, body, _ in _pieces(formula))


def written_by_terms(formula: Formula) -> str:
    """The formula with spaces and joiners that keep each of its terms on one line."""
    return "".join(lead + (_unbroken(body) if is_term else body) for lead, body, is_term in _pieces(formula))


def _pieces(formula: Formula) -> Iterator[tuple[str, str, bool]]:
    """What leads to a piece, such as ' + '; the piece; and whether it is a term."""
    before: FormulaTerm | Words | None = None
    for piece in formula:
        if isinstance(piece, Words):
            yield "" if before is None or piece.text[0] in ",;" else " ", piece.text, False
        elif isinstance(before, FormulaTerm):
            yield f" {piece.sign} ", piece.product, True
        else:
            yield f"{'' if before is None else ' '}{piece.sign if piece.sign != '+' else ''}", piece.product, True
        before = piece


def _unbroken(text: str) -> str:
    return re.sub(r"([|‖/])", rf"\1{_NO_BREAK}", text.replace(" ", _FIXED_SPACE))
