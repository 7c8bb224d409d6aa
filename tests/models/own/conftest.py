"""Fixtures of people's own models."""

from __future__ import annotations

import pytest

from vae_explorer.models.own.files import programs

APART, HERE = "apart", "here"


@pytest.fixture
def tried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where programs are tried. HERE is without the process that tries them first, whose start takes seconds."""
    place = str(getattr(request, "param", HERE))
    if place == HERE:
        monkeypatch.setattr(programs, "try_apart", lambda parts: None)
    return place
