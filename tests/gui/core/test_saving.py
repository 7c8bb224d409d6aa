"""Saving below the window: models, the models of runs, and paths as pictures."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.gui.fakes import FakeWork, made_images
from vae_explorer import UserError, locations
from vae_explorer.gui.core import saving as module
from vae_explorer.gui.core.saving import Saving
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.core.state import NOT_ON_SCREEN, OpenModel
from vae_explorer.models.card import FORMAT
from vae_explorer.models.model_file import ModelFile, read_model_file

SAVE_AS = "save it elsewhere with File ▸ Save model as"


@pytest.fixture
def saving(session: Session, work: FakeWork) -> Saving:
    """What the session saves with, while the session has nothing else to do."""
    work.run()
    return session.saving


@pytest.fixture
def saved(saving: Saving) -> list[tuple[int, Path]]:
    """The revision and the file of each saved model."""
    saved: list[tuple[int, Path]] = []
    saving.model_saved.connect(lambda revision, path: saved.append((revision, path)))
    return saved


# Models


def test_that_a_saved_model_has_its_file(
    session: Session, saving: Saving, work: FakeWork, notices: list[str], file: ModelFile, tmp_path: Path
) -> None:
    told: list[OpenModel] = []
    session.model_saved.connect(told.append)
    path = tmp_path / "copy.safetensors"
    session.save_model(path)
    assert not session.settled
    work.run()
    assert read_model_file(path).card == replace(file.card, format=FORMAT)
    assert session.model is not None
    assert (session.model.path, session.model.revision) == (path, 0)
    assert told == [session.model]
    assert notices == [f"Saved {path}"]


def test_that_a_model_that_was_shown_meanwhile_has_no_file(
    session: Session, saving: Saving, work: FakeWork, file: ModelFile, tmp_path: Path
) -> None:
    path = tmp_path / "before.safetensors"
    session.save_model(path)
    session.show_model(replace(file))
    work.run()
    assert path.exists()
    assert session.model is not None
    assert session.model.path is None


def test_that_two_models_of_one_name_are_written_one_after_the_other(
    session: Session, saving: Saving, work: FakeWork, notices: list[str], file: ModelFile, tmp_path: Path
) -> None:
    path = tmp_path / "copy.safetensors"
    for name in ("first", "second"):
        session.save_model(path, OpenModel(replace(file, card=replace(file.card, name=name)), None, 7))
    assert work.keys == [f"write {path}"]
    work.run()
    assert read_model_file(path).card.name == "second"
    assert notices == [f"Saved {path}"] * 2


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("m.pt", "name it "),
        ("x" * 300 + ".safetensors", "File name too long"),
        ("pipe.safetensors", "named pipe"),
        ("no folder/m.safetensors", "no folder"),
    ],
)
def test_that_save_model_as_refuses_what_train_refuses_and_the_model_stays_open(
    session: Session, saving: Saving, work: FakeWork, problems: list[str], tmp_path: Path, name: str, why: str
) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    before = session.model
    session.save_model(tmp_path / name)
    work.run()
    (problem,) = problems
    assert why in problem
    assert problem.endswith(f"The model is still open: {SAVE_AS}")
    assert session.model is before
    assert [path.name for path in tmp_path.glob("*.safetensors")] == ["pipe.safetensors"]


# Models of runs


def test_that_runs_that_end_together_take_names_of_their_own(
    saving: Saving, work: FakeWork, saved: list[tuple[int, Path]], notices: list[str], problems: list[str], file: ModelFile
) -> None:
    for revision in (1, 2, 3, 4):
        saving.save_run(OpenModel(file, None, revision))
    assert len(work.keys) == 4
    work.run()
    assert saved == [(number, locations.runs() / f"digits-vae-{number}.safetensors") for number in (1, 2, 3, 4)]
    assert (len(notices), problems) == (4, [])


def test_that_a_run_whose_folder_refuses_is_kept_elsewhere_and_another_place_is_offered(
    saving: Saving,
    work: FakeWork,
    saved: list[tuple[int, Path]],
    problems: list[str],
    file: ModelFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    locations.runs().write_text("a file in the way")
    saving.check_runs_folder()
    (before,) = problems
    assert before.startswith("cannot create the folder for runs")
    assert before.endswith("The training goes on; save its model with File ▸ Save model as")
    saving.save_run(OpenModel(file, None, 7))
    work.run()
    kept = tmp_path / "digits-vae-1.safetensors"
    assert saved == [(7, kept)]
    assert read_model_file(kept).card == replace(file.card, format=FORMAT)
    assert problems[1].endswith(f"The model is in {kept}; {SAVE_AS}")


def test_that_a_run_that_is_not_on_screen_and_cannot_be_saved_is_to_be_shown_first(
    saving: Saving, work: FakeWork, problems: list[str], file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: ModelFile) -> tuple[Path, str]:
        raise UserError("no disk takes it")

    monkeypatch.setattr(module, "save_as_run", refuse)
    saving.save_run(OpenModel(file, None, NOT_ON_SCREEN))
    work.run()
    assert problems == [f"no disk takes it. Press Show run, then {SAVE_AS}"]


# Paths


def test_that_a_path_is_written_with_its_frames_and_its_model(
    session: Session, saving: Saving, work: FakeWork, notices: list[str], tmp_path: Path
) -> None:
    for z in ((-1.0, 0.5), (1.0, 0.25)):
        session.frames.click(z)
    path = tmp_path / "morph.png"
    session.export_path(path)
    work.run()
    frames = made_images(session.workspace.path.path.z())
    with Image.open(path) as strip:
        np.testing.assert_array_equal(np.asarray(strip.convert("L")), np.concatenate(list(frames[..., 0]), axis=1))
        assert strip.info["Description"] == session.frames.note
    assert notices == [f"Saved {path}"]


def test_that_a_path_is_not_written_in_an_unknown_format(
    session: Session, saving: Saving, work: FakeWork, problems: list[str], tmp_path: Path
) -> None:
    for z in ((-1.0, 0.5), (1.0, 0.25)):
        session.frames.click(z)
    session.export_path(tmp_path / "morph.bmp")
    work.run()
    (problem,) = problems
    assert "morph.bmp" in problem
    assert not list(tmp_path.glob("*.bmp"))


def test_that_without_a_path_there_is_nothing_to_write(
    session: Session, saving: Saving, work: FakeWork, problems: list[str], tmp_path: Path
) -> None:
    session.export_path(tmp_path / "none.gif")
    assert work.keys == []
    assert problems == ["There is no path to export; click two points on the map first"]
