"""Pane: the room that a map has with its panels."""

from __future__ import annotations

from enum import Enum
from typing import Protocol, runtime_checkable


class Pane(Enum):
    """The whole window, or a part of it beside other maps."""

    WHOLE = "whole"
    WIDE = "wide"
    NARROW = "narrow"  # without room for a column beside the map


@runtime_checkable
class FitsPane(Protocol):
    """A widget that shows other contents beside other maps."""

    def set_pane(self, pane: Pane) -> None: ...
