"""Sentences that explain the analysis of an image, shared by several panels."""

from __future__ import annotations

import json
from functools import lru_cache

from vae_explorer import locations
from vae_explorer.gui.kit.theme import BEST, ENCODER, TRUE

PENDING = "…"  # in the place of a number that is being computed


@lru_cache(maxsize=1)
def analysis_help() -> dict[str, str]:
    """The sentences of resources/help/analysis.json, by name."""
    found: dict[str, str] = json.loads((locations.resources() / "help" / "analysis.json").read_text("utf-8"))
    return found


def analysis_lines() -> tuple[tuple[str, str, str], ...]:
    """The lines on the map: for each its name in the theme, its title and its explanation."""
    names = ((TRUE, "p(z|x)"), (ENCODER, "q(z|x)"), (BEST, "best Gaussian"))
    return tuple((line, title, analysis_help()[line]) for line, title in names)
