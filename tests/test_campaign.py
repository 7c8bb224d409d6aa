"""The campaign counts attempts, names failures and tells how to repeat them; the campaign itself runs by its own command."""

from __future__ import annotations

import importlib

import pytest

from tests.campaign.__main__ import ATTACKS, table
from tests.campaign.report import Report, read_report


def test_that_an_attempt_that_raises_is_a_failure_with_the_command_that_repeats_it(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("files", seed=7)
    with report.attempt("file 1"):
        pass
    with report.attempt("file 2"):
        raise ValueError("two\nlines")
    with report.attempt("file 3", lambda: ["a warning"]):
        pass
    assert (report.tried, report.held, report.failed) == (3, 1, 2)
    assert report.failures == ["file 2: ValueError: two lines", "file 3: a warning"]
    assert "python -m tests.campaign files --seed 7" in capsys.readouterr().err


def test_that_a_report_travels_from_the_process_of_its_attack_to_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("mouse", 0, tried=4, failures=["moves 0 to 100: slow"], notes=["largest gap 3 s"])
    report.tell()
    assert read_report(capsys.readouterr().out) == report
    assert table([report]).splitlines()[-1] == "| mouse | 0 | 4 | 3 | 1 | largest gap 3 s |"


def test_that_a_process_that_dies_has_no_report() -> None:
    assert read_report("some words\n") is None


@pytest.mark.parametrize("name", ATTACKS)
def test_that_every_attack_of_the_command_is_there(name: str) -> None:
    if name == "files":
        pytest.importorskip("tests.campaign.mutations")
    assert callable(importlib.import_module(f"tests.campaign.{name}").attack)
