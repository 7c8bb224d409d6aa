"""The states of features: parts of the session of one map, and parts of the workspace that all maps share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from PySide6.QtCore import QObject

from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.kit.kept import Kept

T = TypeVar("T")


class WorkspacePart(QObject):
    """The state of a feature for all maps together."""

    def shut_down(self) -> None:
        """End the threads and processes of this part and wait for them."""


class SessionPart(QObject):
    """The state of a feature for one map. A session calls its parts in the order of the table of features."""

    kept_as: ClassVar[str] = ""  # the name of its record; a part without a name keeps nothing

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Follow another model, which the map does not show yet. With `same_data` its codes are of the same images."""

    def ask_again(self) -> None:
        """Ask about the model: the map shows another model, or points decode to other images."""

    def kept(self) -> Kept:
        """What a person has chosen here."""
        return Kept()

    def take_back(self, kept: Kept) -> None:
        """Choose again what `kept` says, as far as the model on screen allows it."""

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return False

    def shut_down(self) -> None:
        """End the threads of this part and wait for them."""


def part_of_type(parts: Iterable[object], kind: type[T]) -> T:
    """The first part of this type. Raises `KeyError` where there is none."""
    for part in parts:
        if isinstance(part, kind):
            return part
    raise KeyError(kind.__name__)
