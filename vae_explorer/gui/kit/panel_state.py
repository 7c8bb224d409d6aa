"""The state of a panel: its content is ready, or a reason says why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Remedy(Enum):
    """What the button beside a reason does. The value is the text of the button."""

    DOWNLOAD = "Download images"
    TRAIN = "Train…"


@dataclass(frozen=True, slots=True)
class Ready:
    """The content is ready. `note` may explain it."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Working:
    what: str


@dataclass(frozen=True, slots=True)
class NotAtHand:
    """Something is missing. `remedy` is how a person can get it by a button."""

    reason: str
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    because: str
    remedy: Remedy | None = None


PanelState = Ready | Working | NotAtHand | Nothing | Failed


def words_of(state: PanelState) -> str:
    match state:
        case Ready(note):
            return note
        case Working(what):
            return what
        case NotAtHand(reason) | Nothing(reason):
            return reason
        case Failed(because):
            return f"This failed: {because}"


def remedy_of(state: PanelState) -> Remedy | None:
    return state.remedy if isinstance(state, NotAtHand | Failed) else None
