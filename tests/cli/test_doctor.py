from __future__ import annotations

import json
from importlib import metadata

import pytest

from vae_explorer.cli import main, preflight


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(preflight.sys, "platform", "linux")
    monkeypatch.setattr(preflight, "missing_libraries", lambda libraries: [])


def test_that_a_healthy_machine_has_no_problems(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    status = main(["doctor", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["problems"] == []
    assert status == 0
    assert answer["facts"]["torch"] == metadata.version("torch")
    assert answer["facts"]["torchvision build"]
    assert answer["facts"]["products in training"] in {"bfloat16", "float32"}
    assert answer["facts"]["Qt platform"] == "offscreen"
    assert "cpu" in answer["facts"]["devices"]


@pytest.mark.usefixtures("no_screen")
@pytest.mark.parametrize("command", [["explore"], ["doctor"]])
def test_that_a_missing_display_is_one_line_and_status_2(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "DISPLAY is not set" in said[0]


@pytest.mark.usefixtures("no_screen")
def test_that_a_display_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setattr(preflight, "no_display", lambda: ["the display ':4711' does not answer; check DISPLAY"])
    assert main(["explore"]) == 2
    assert ":4711" in capsys.readouterr().err


def test_that_missing_libraries_are_named_with_their_packages() -> None:
    assert preflight.missing_libraries({"libc.so.6": "libc6"}) == []
    (line,) = preflight.missing_libraries({"libc.so.6": "libc6", "libnone.so.9": "libnone9", "libnix.so.1": "libnix1"})
    assert line.endswith("apt-get install libnone9 libnix1")


@pytest.mark.parametrize(
    ("version", "python", "bad"),
    [("6.12.0", (3, 11), True), ("6.13.1", (3, 10), True), ("6.11.3", (3, 11), False), ("6.12.0", (3, 12), False)],
)
def test_that_the_pair_that_aborts_is_refused(
    version: str, python: tuple[int, int], bad: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight.metadata, "version", lambda package: version)
    monkeypatch.setattr(preflight.sys, "version_info", python)
    assert bool(preflight.bad_qt()) is bad


def test_that_a_platform_that_makes_qt_abort_is_found_out_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "nonsense")
    assert main(["explore"]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "nonsense" in said[0]
