"""Gives the sentences that explain the analysis of an image."""

from __future__ import annotations

import json
from functools import lru_cache

from vae_explorer import locations
from vae_explorer.gui.kit.theme import BEST, ENCODER, TRUE

PENDING = "…"  # stands for a number during its computation


@lru_cache(maxsize=1)
def analysis_help() -> dict[str, str]:
    """Return the sentences of resources/help/analysis.json by name."""
    sentences: dict[str, str] = json.loads((locations.resources() / "help" / "analysis.json").read_text("utf-8"))
    return sentences


def analysis_lines(on_section: bool = False) -> tuple[tuple[str, str, str], ...]:
    """Return (name in the theme, title, explanation) of each posterior's line on a map of the plane or of a section."""
    words = analysis_help()
    true = words["posterior title"] if on_section else "p(z|x)"
    names = ((TRUE, true), (ENCODER, "q(z|x)"), (BEST, "best Gaussian"))
    return tuple(
        (line, title, words.get(f"{line} on section", words[line]) if on_section else words[line]) for line, title in names
    )
