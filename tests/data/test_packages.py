"""Data sets that installed packages bring by entry points."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

import vae_explorer as vx
from tests.packages import GROUP, SPEC, Install
from tests.templates import install_template
from vae_explorer.cli import main
from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS, spec_of
from vae_explorer.registry import OpenRegistry


@pytest.fixture
def table() -> OpenRegistry[DatasetSpec]:
    table = OpenRegistry("data set", GROUP, spec_of)
    table.register("mnist", DATASETS["mnist"])
    return table


def test_that_an_object_and_a_function_are_found(install: Install, table: OpenRegistry[DatasetSpec]) -> None:
    install("letters-x", SPEC + "def make(): return SPEC\n", one="letters_x:SPEC", two="letters_x:make")
    assert table["two"] == table["one"] == DatasetSpec("L", "letters_x:load", (8, 8), ("A",), (6, 2), "mine")
    assert table.names() == list(table)
    assert set(table) == {"mnist", "one", "two"}
    assert table.problems() == ()


def test_that_a_package_is_imported_only_when_its_name_is_asked_for(install: Install, table: OpenRegistry[DatasetSpec]) -> None:
    install("letters-x", SPEC, letters="letters_x:SPEC")
    assert table["mnist"].title == "MNIST"
    assert "mnist" in table
    assert "cells" not in table
    assert next(iter(table)) == "mnist"
    assert "letters_x" not in sys.modules
    assert "letters" in table
    assert "letters_x" in sys.modules


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import hdf5_of_nobody", "ModuleNotFoundError: No module named 'hdf5_of_nobody'"),
        ("SPEC = 1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 +", "SyntaxError: "),
        ("", "AttributeError: module 'letters_x' has no attribute 'SPEC'"),
        ("SPEC = 'MNIST'", "TypeError: str is no DatasetSpec"),
        ("def SPEC(): raise ValueError('two\\nlines')", "ValueError: two lines"),
        (SPEC.replace("'L'", "5"), "TypeError: a field of its DatasetSpec has another type"),
        (SPEC.replace("(6, 2)", "6"), "TypeError: "),
        (SPEC.replace("(8, 8)", "(8, '8')"), "TypeError: a field of its DatasetSpec has another type"),
    ],
)
def test_that_a_package_that_fails_is_one_line_and_disturbs_no_other(
    code: str, reason: str, install: Install, table: OpenRegistry[DatasetSpec]
) -> None:
    install("letters-x", code, letters="letters_x:SPEC")
    install("good-y", SPEC, good="good_y:SPEC")
    assert list(table) == ["mnist", "good"]
    (problem,) = table.problems()
    assert problem.startswith(f"the data set letters of the package letters-x cannot be used ({reason}")
    assert problem.endswith("; update or remove the package")
    assert "\n" not in problem


def test_that_a_taken_name_is_refused(install: Install, table: OpenRegistry[DatasetSpec]) -> None:
    install("a-first", SPEC, letters="a_first:SPEC", mnist="a_first:SPEC")
    install("b-second", SPEC.replace("'L'", "'M'"), letters="b_second:SPEC", **{"a/b": "b_second:SPEC"})
    assert list(table) == ["mnist", "letters"]
    assert (table["letters"].title, table["mnist"].title) == ("L", "MNIST")
    assert sorted(table.problems()) == [
        "the data set a/b of the package b-second has a name that cannot be typed; choose letters, digits, points and dashes",
        "the data set letters of the package b-second has a name that is taken; choose another name in its entry point",
        "the data set mnist of the package a-first has a name that is taken; choose another name in its entry point",
    ]


def test_that_doctor_has_a_line_for_a_package_that_fails(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("letters-x", "import hdf5_of_nobody", letters="letters_x:SPEC")
    assert main(["doctor"]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "letters" in line]
    assert line.startswith("problem: the data set letters of the package letters-x cannot be used (ModuleNotFoundError: ")


def test_that_another_process_finds_it_too(install: Install) -> None:
    install("letters-x", SPEC, letters="letters_x:SPEC")
    words = [sys.executable, "-m", "vae_explorer", "list", "datasets"]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "letters" in [line.split()[0] for line in listed.splitlines()]


def test_that_other_names_do_not_wait_for_a_package_that_is_imported(
    install: Install, table: OpenRegistry[DatasetSpec], tmp_path: Path
) -> None:
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)\n"
    install("letters-x", wait + SPEC, letters="letters_x:SPEC")
    listing = Thread(target=lambda: list(table), daemon=True)
    listing.start()
    asking = Thread(target=lambda: "cells" in table, daemon=True)
    asking.start()
    asking.join(20)
    assert not asking.is_alive()
    assert (table.is_offered("letters"), table.is_offered("mnist"), table.is_offered("cells")) == (True, True, False)
    assert list(table.at_hand()) == ["mnist"]
    (tmp_path / "go").touch()
    listing.join(20)
    assert list(table.at_hand()) == ["mnist", "letters"]


def test_that_a_long_message_of_a_package_is_cut(install: Install, table: OpenRegistry[DatasetSpec]) -> None:
    install("letters-x", "raise ValueError('x' * 9999)", letters="letters_x:SPEC")
    (problem,) = table.problems()
    assert len(problem) < 400


def test_that_a_package_is_made_as_the_guide_says(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_template(install, tmp_path / "site", monkeypatch)
    assert vx.dataset("bars").train.images.shape == (400, 12, 12, 1)
    out = str(tmp_path / "m.safetensors")
    assert main(["train", "--dataset", "bars", "--epochs", "1", "--batch-size", "20", "--out", out]) == 0
    assert vx.load(out).card.classes == ("upright", "level")
