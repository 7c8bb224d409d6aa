"""Reads the JSON of a model card within limits. Knows no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vae_explorer.foreign import short
from vae_explorer.limits import LIMITS

_LONG_TEXTS = {"command"}  # other texts of the card are names, or lie in `training` and `extra`
_COUNTED = ("metrics", "errors", "validation", "versions")


def parse(text: str) -> Any:
    """Return the value of JSON `text`.

    Raises `UserError` beyond a limit, and `ValueError` or `RecursionError` if it is no JSON.
    """
    LIMITS["header"].check(len(text))
    value = json.loads(text)
    _check_tree(value)
    if isinstance(value, Mapping):
        _check_names(value)
        _check_spec(value.get("spec"))
    return value


def text_of(value: Any) -> str:
    """Return `value` if it is a text. Raises `TypeError`."""
    if not isinstance(value, str):
        raise _wrong(value, "a text")
    return value


def whole_of(value: Any) -> int:
    """Return `value` if it is a whole number. Raises `TypeError`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(value, "a whole number")
    return value


def number_of(value: Any) -> float:
    """Return `value` as a float if it is a number. Raises `TypeError`."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _wrong(value, "a number")
    return float(value)


def list_of(value: Any) -> list[Any]:
    """Return `value` if it is a list. Raises `TypeError`."""
    if not isinstance(value, list):
        raise _wrong(value, "a list")
    return value


def mapping_of(value: Any) -> dict[str, Any]:
    """Return `value` if it is a JSON object. Raises `TypeError`."""
    if not isinstance(value, dict):
        raise _wrong(value, "a table of names")
    return value


def numbers_of(value: Any) -> dict[str, float]:
    """Return `value` if it is a JSON object of numbers. Raises `TypeError`."""
    return {name: number_of(number) for name, number in mapping_of(value).items()}


def _wrong(value: Any, wanted: str) -> TypeError:
    return TypeError(f"{short(repr(value))} is not {wanted}")


def _check_tree(value: Any) -> None:
    """Check sizes and nesting without recursion, so that nesting costs no stack."""
    count, left = 0, [(value, 1)]
    while left:
        part, depth = left.pop()
        count += 1
        if isinstance(part, str):
            LIMITS["text"].check(len(part))
        elif isinstance(part, int):
            LIMITS["whole"].check(abs(part))
        elif isinstance(part, list | dict):
            LIMITS["depth"].check(depth)
            LIMITS["values"].check(count + len(left) + len(part))
            inner = [*part, *part.values()] if isinstance(part, dict) else part
            left += ((each, depth + 1) for each in inner)


def _check_names(card: Mapping[str, Any]) -> None:
    for name, value in card.items():
        if isinstance(value, str) and name not in _LONG_TEXTS:
            LIMITS["name"].check(len(value))
    for name in _COUNTED:
        _check_entries(card.get(name))
    classes = card.get("classes")
    if isinstance(classes, list):
        LIMITS["classes"].check(len(classes))
        for each in classes:
            LIMITS["name"].check(len(str(each)))


def _check_spec(spec: Any) -> None:
    """Check counts before the spec is read: a tuple of many numbers takes long to make."""
    if isinstance(spec, Mapping):
        _check_entries(spec.get("parameters"))
        hidden = spec.get("hidden")
        if isinstance(hidden, list):
            LIMITS["layers"].check(len(hidden))


def _check_entries(entries: Any) -> None:
    if isinstance(entries, Mapping):
        LIMITS["entries"].check(len(entries))
        for name, value in entries.items():
            LIMITS["name"].check(len(name))
            if isinstance(value, str):
                LIMITS["name"].check(len(value))
