"""Parts: the states of features, in the session of a map or in the shared workspace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from PySide6.QtCore import QObject

from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.kit.kept import Kept

T = TypeVar("T")


class WorkspacePart(QObject):
    """The state of a feature for all maps of a window."""

    def shut_down(self) -> None: ...


class SessionPart(QObject):
    """The state of a feature for one map. Sessions call parts in the order of the table."""

    kept_as: ClassVar[str] = ""  # name of its record; a part without a name keeps nothing

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Follow a model before the map shows it. With `same_data` its codes have equal images."""

    def set_section(self, model: OpenModel) -> None:
        """Follow the model to another section of its latent space, before the map shows it."""

    def ask_again(self) -> None:
        """Ask about the model or decode options that have changed."""

    def kept(self) -> Kept:
        return Kept()

    def take_back(self, kept: Kept) -> None:
        """Restore a record, as far as the model allows it."""

    @property
    def busy(self) -> bool:
        return False

    def shut_down(self) -> None: ...


def part_of_type(parts: Iterable[object], kind: type[T]) -> T:
    for part in parts:
        if isinstance(part, kind):
            return part
    raise KeyError(kind.__name__)
