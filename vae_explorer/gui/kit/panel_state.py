"""The state of a panel: its content is there, or one reason says why it is not. Plain values, no widgets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Remedy(Enum):
    """What a button beside a reason gets; the value is the button's text."""

    DOWNLOAD = "Download images"
    TRAIN = "Train…"


@dataclass(frozen=True, slots=True)
class Ready:
    """The content is there. `note` explains it, where it needs that."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Working:
    """The content is on its way. `what` is a sentence on the work."""

    what: str


@dataclass(frozen=True, slots=True)
class NotAtHand:
    """Something is missing that a person can get, with a button where there is a remedy."""

    reason: str
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The model on screen has no such content, and waiting does not change that."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The work broke off. `because` is the message of the error."""

    because: str
    remedy: Remedy | None = None


PanelState = Ready | Working | NotAtHand | Nothing | Failed


def words_of(state: PanelState) -> str:
    """The sentence of a state; empty where the content needs none."""
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
    """What the button beside the sentence gets; None for no button."""
    return state.remedy if isinstance(state, NotAtHand | Failed) else None
