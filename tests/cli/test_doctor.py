from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from vae_explorer.cli import doctor, main, preflight

ROOT = Path(__file__).resolve().parents[2]


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


def declare(monkeypatch: pytest.MonkeyPatch, *requirements: str) -> None:
    """Let the program declare these, with torch 2.4.0 and Pillow 12.0.0 installed and nothing else."""
    installed = {"torch": "2.4.0+cpu", "Pillow": "12.0.0"}

    def version(name: str) -> str:
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(doctor.metadata, "requires", lambda name: list(requirements))
    monkeypatch.setattr(doctor.metadata, "version", version)


def test_that_a_version_lower_than_declared_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "torch>=2.6", "Pillow>=11.3", "ruff>=0.6; extra == 'test'", "PySide6>=6; python_version < '3'")
    assert doctor.version_problems() == [
        "torch is 2.4.0+cpu, and VAE Explorer needs torch>=2.6; run: pip install -U 'torch>=2.6'"
    ]


def test_that_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "tqdm>=4.66")
    (line,) = doctor.version_problems()
    assert line.startswith("tqdm is not installed, and VAE Explorer needs tqdm>=4.66")


def test_that_versions_as_declared_are_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "torch>=2.4", "Pillow<13,>=11.3")
    assert doctor.version_problems() == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 has no tomllib")
def test_that_each_dependency_declares_one_lowest_version() -> None:
    """`.ci/lowest` installs them."""
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]["dependencies"]
    for requirement in map(Requirement, declared):
        assert [each.operator for each in requirement.specifier].count(">=") == 1, requirement
