"""What a file holds is printed as text: a terminal obeys none of it."""

from __future__ import annotations

import ast
import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import vae_explorer.cli
from vae_explorer import locations
from vae_explorer.cli import main
from vae_explorer.models.model_file import read_model_file, write_model_file

Answer = Callable[..., str]

HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202eevil\u2066\r"


@pytest.fixture
def hostile_path(tiny_model_path: Path) -> Path:
    """A run whose model card and file name hold escape sequences and directions."""
    file = read_model_file(tiny_model_path)
    locations.runs().mkdir()
    path = locations.runs() / f"run{HOSTILE.replace('/', '')}.safetensors"
    write_model_file(path, replace(file, card=replace(file.card, name=HOSTILE)))
    return path


def obeyed(printed: str) -> list[str]:
    return [sign for sign in printed if sign != "\n" and unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_that_a_list_of_models_holds_no_sign_that_a_terminal_obeys(answer: Answer, hostile_path: Path) -> None:
    printed = answer("list", "models")
    assert "evil" in printed
    assert obeyed(printed) == []


def test_that_json_escapes_what_a_terminal_obeys_and_loses_nothing(answer: Answer, hostile_path: Path) -> None:
    printed = answer("list", "models", "--json")
    assert obeyed(printed) == []
    assert str(hostile_path) in [row["file"] for row in json.loads(printed)]


@pytest.mark.parametrize(
    "words", [("evaluate", "{}", "--dataset", HOSTILE), ("evaluate", HOSTILE), ("list", "models", HOSTILE)]
)
def test_that_a_refusal_holds_no_sign_that_a_terminal_obeys(
    words: tuple[str, ...], hostile_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main([word.replace("{}", str(hostile_path)) for word in words])
    except SystemExit as exit_:  # argparse's own
        status = int(str(exit_.code))
    printed = capsys.readouterr().err
    assert (status, obeyed(printed)) == (2, [])
    assert printed.count("\n") == 1


def test_that_commands_print_by_the_functions_that_make_text_safe_alone() -> None:
    folder = Path(vae_explorer.cli.__file__).parent
    found = [
        f"{path.name}:{call.lineno}"
        for path in folder.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
        if path.name != "arguments.py"
    ]
    assert found == []
