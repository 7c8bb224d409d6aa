from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vae_explorer.cli import main

Answer = Callable[..., str]


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Answer:
    """What a command that goes well prints."""

    def ask(*words: object) -> str:
        status = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert (status, err) == (0, "")
        return out

    return ask


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """The one line with which a bad command is refused. It runs in a folder of its own, in which it may leave nothing."""

    def ask(*words: object) -> str:
        here = tmp_path / "here"
        here.mkdir(exist_ok=True)
        monkeypatch.chdir(here)
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:  # argparse
            status = end.code  # type: ignore[assignment]
        out, err = capsys.readouterr()
        assert status == 2
        assert out == ""
        assert err.endswith("\n")
        assert err.count("\n") == 1
        assert err.startswith("vae-explorer")
        assert not list(here.iterdir())
        return err

    return ask
