"""The edge between Qt and our methods: no exception passes from an override into Qt, which may die while it reports one.

PySide6 6.11 ends the process where an exception leaves nested overrides, such as `boundingRect` within `paint`.
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable
from types import FunctionType
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainterPath


def _nothing() -> None:
    return None


SAFE_ANSWERS: dict[str, Callable[[], object]] = {
    # A method that Qt or pyqtgraph calls -> what the caller is given after an error. Methods named `…Event` answer nothing.
    "addItem": _nothing,
    "boundingRect": QRectF,
    "count": int,
    "dataBounds": _nothing,
    "event": bool,
    "eventFilter": bool,
    "expandingDirections": lambda: Qt.Orientation(0),
    "generateDrawSpecs": _nothing,
    "hasHeightForWidth": bool,
    "heightForWidth": lambda: -1,
    "id": lambda: -1,
    "itemAt": _nothing,
    "mergeWith": bool,
    "minimumSize": QSize,
    "minimumSizeHint": QSize,
    "paint": _nothing,
    "polish": _nothing,
    "redo": _nothing,
    "run": _nothing,
    "setGeometry": _nothing,
    "shape": QPainterPath,
    "showPopup": _nothing,
    "sizeHint": QSize,
    "takeAt": _nothing,
    "tickStrings": list,
    "undo": _nothing,
    "viewTransformChanged": _nothing,
}
_reported: set[tuple[str, type[BaseException]]] = set()


class Guarded:
    """First base of every class that overrides a method of Qt: guards the overrides of the class and of its subclasses."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, value in list(vars(cls).items()):
            if isinstance(value, FunctionType) and is_called_by_qt(name):
                setattr(cls, name, _guarded(value, SAFE_ANSWERS.get(name, _nothing)))


def is_called_by_qt(name: str) -> bool:
    """Whether Qt or pyqtgraph calls a method of this name by itself."""
    return name.endswith("Event") or name in SAFE_ANSWERS


def _guarded(method: FunctionType, safe: Callable[[], object]) -> Callable[..., object]:
    """`method`, or `safe()` after an error. PySide counts a slot's arguments, so that a method without any keeps none."""
    if method.__code__.co_argcount == 1 and not method.__code__.co_flags & 0x0C:  # neither *args nor **options

        @functools.wraps(method)
        def alone(self: Any) -> object:
            try:
                return method(self)
            except Exception as error:  # noqa: BLE001 (the edge of Qt)
                return _answer_after(error, method, safe)

        return alone

    @functools.wraps(method)
    def with_arguments(self: Any, *arguments: Any, **options: Any) -> object:
        try:
            return method(self, *arguments, **options)
        except Exception as error:  # noqa: BLE001 (the edge of Qt)
            return _answer_after(error, method, safe)

    return with_arguments


def _answer_after(error: Exception, method: FunctionType, safe: Callable[[], object]) -> object:
    """Report the first error of its kind in `method`: a paint that fails would else fill the log at every frame."""
    kind = (f"{method.__module__}.{method.__qualname__}", type(error))
    if kind not in _reported:
        _reported.add(kind)
        sys.excepthook(type(error), error, error.__traceback__)
        traceback.clear_frames(error.__traceback__)  # a painter in a frame that is kept would go on painting
    return safe()
