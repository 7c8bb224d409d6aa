"""Keeps errors in features of other packages out of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import isclass
from types import FunctionType, ModuleType
from typing import TypeVar

from PySide6.QtCore import QObject

from vae_explorer.foreign import short
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.gui.runtime.guarded import SAFE_ANSWERS, guarded, is_called_by_qt

T = TypeVar("T")
_LONGEST = 200  # characters of a package's own message
_CALLED_BY_US: dict[str, Callable[[], object]] = {  # methods of parts, overlays and panels -> their result after an error
    "set_model": lambda: None,
    "set_section": lambda: None,
    "ask_again": lambda: None,
    "kept": Kept,
    "take_back": lambda: None,
    "busy": bool,
    "shut_down": lambda: None,
    "set_visible": lambda: None,
    "set_theme": lambda: None,
    "set_pane": lambda: None,
    "set_actions": lambda: None,
    "set_channels": lambda: None,
}
_failures: dict[str, str] = {}  # name of a feature -> a line about its first failure


def attempt(feature: str, work: Callable[[], T], otherwise: T) -> T:
    """Return what `work` of a package's feature returns. After an error, note it and return `otherwise`."""
    try:
        return work()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (another person's package)
        note_failure(feature, f"{type(error).__name__}: {short(str(error), _LONGEST)}")
        return otherwise


def note_failure(feature: str, reason: str) -> None:
    _failures.setdefault(feature, f"the feature {short(feature)} fails ({reason}); update or remove its package")


def failures() -> tuple[str, ...]:
    """Return one line for each feature of a package that has failed while a window was made."""
    return tuple(_failures.values())


def forget_failures() -> None:
    _failures.clear()


def guard_classes(modules: Iterable[ModuleType]) -> None:
    """Guard the methods that Qt and the program call of each QObject class that `modules` define.

    An error in such a method is reported by `sys.excepthook`, and the caller goes on.
    """
    for module in modules:
        for kind in vars(module).values():
            if isclass(kind) and kind.__module__ == module.__name__ and issubclass(kind, QObject):
                _guard(kind)


def _guard(kind: type) -> None:
    for name, value in list(vars(kind).items()):
        safe = _CALLED_BY_US.get(name)
        if safe is None and is_called_by_qt(name):
            safe = SAFE_ANSWERS.get(name, lambda: None)
        if safe is None or hasattr(value.fget if isinstance(value, property) else value, "__wrapped__"):
            continue  # a name that nobody calls, or a method that is guarded already
        if isinstance(value, FunctionType):
            setattr(kind, name, guarded(value, safe))
        elif isinstance(value, property) and isinstance(value.fget, FunctionType):
            setattr(kind, name, property(guarded(value.fget, safe)))
