from __future__ import annotations

from pathlib import Path

import pytest

from vae_explorer import locations


def test_that_a_chosen_data_folder_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAE_EXPLORER_DATA", "/from/environment")
    assert locations.data("/chosen") == Path("/chosen")
    assert locations.data() == Path("/from/environment")


def test_that_data_and_runs_fall_back_to_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VAE_EXPLORER_DATA")
    monkeypatch.delenv("VAE_EXPLORER_RUNS")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda app, appauthor: str(tmp_path / app))
    assert locations.data() == tmp_path / "vae-explorer" / "data"
    assert locations.runs() == tmp_path / "vae-explorer" / "runs"


def test_that_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("VAE_EXPLORER_RUNS", "~/my runs")
    assert locations.runs() == tmp_path / "my runs"
    assert locations.data("~/pictures") == tmp_path / "pictures"


def test_that_the_tilde_of_nobody_is_taken_as_it_is() -> None:
    assert locations.data("~nobody-of-that-name/data") == Path("~nobody-of-that-name/data")


def test_that_resources_and_pretrained_models_are_found() -> None:
    assert any(locations.resources().rglob("*.svg"))
    assert any(locations.pretrained().glob("*.safetensors"))


def test_that_what_travels_in_the_wheel_wins_over_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "vae_explorer"
    (package / "_bundled" / "resources").mkdir(parents=True)
    monkeypatch.setattr(locations, "PACKAGE", package)
    assert locations.resources() == package / "_bundled" / "resources"
    assert locations.pretrained() == tmp_path / "pretrained"
