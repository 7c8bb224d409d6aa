"""No test reaches into another object's private names: it would hold the code to how it is made, and not to what it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PUBLIC_ALL_THE_SAME = {"os._exit"}  # documented, and no other name ends a process at once
PATCHES = {"setattr", "delattr", "getattr", "hasattr"}  # what takes an object and a name


def is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_") and not name.startswith("__")


def reaches(tree: ast.AST) -> Iterator[str]:
    """Yield each private name of another object or module that `tree` reads, changes or imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}):
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Call) and len(node.args) > 1:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            name = node.args[1]
            if called in PATCHES and isinstance(name, ast.Constant) and is_private(name.value):
                yield f"{ast.unparse(node.args[0])}.{name.value}"


def test_that_no_test_reaches_into_another_objects_private_names() -> None:
    found = {
        f"{path.relative_to(TESTS)}: {reach}"
        for path in TESTS.rglob("*.py")
        for reach in reaches(ast.parse(path.read_text("utf-8")))
        if reach not in PUBLIC_ALL_THE_SAME
    }
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize(
    "code",
    ["window._rest", "a.b._c.d = 1", "from vae_explorer.app import _hook", "patch.setattr(app, '_rest', 0)", "f(x)._y()"],
)
def test_that_a_reach_is_found(code: str) -> None:
    assert list(reaches(ast.parse(code)))


@pytest.mark.parametrize("code", ["self._rest", "window.rest", "_rest()", "a.__init__", "patch.setattr(app, 'rest', 0)"])
def test_that_what_is_public_or_ones_own_is_no_reach(code: str) -> None:
    assert not list(reaches(ast.parse(code)))
