"""Where a model is saved: places that are tried, free names, and another folder where one refuses."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from vae_explorer import locations
from vae_explorer.errors import UserError
from vae_explorer.files import CannotWrite
from vae_explorer.models.catalogue import finished_runs
from vae_explorer.models.model_file import ModelFile, read_model_file
from vae_explorer.models.saving import Place, check_model_place, check_runs_folder, free_names, run_names, save_as_run, save_new


@pytest.fixture
def model(good: Path) -> ModelFile:
    return read_model_file(good)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of this test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def no_runs() -> None:
    """The folder for runs cannot be made."""
    locations.runs().write_text("a file in the way")


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("m.pt", "name it m.safetensors"),
        ("m.CKPT", "name it m.safetensors"),
        ("mnist-beta-0.1", "name it mnist-beta-0.1.safetensors"),
        ("m.safetensors.bak", "name it m.safetensors.bak.safetensors"),
    ],
)
def test_that_a_name_that_says_another_kind_of_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, way_out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=rf"cannot write {name}: a model's file must end in .safetensors; {way_out}$"):
        check_model_place(Path(name))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_that_a_folder_is_no_place_for_a_model(name: str) -> None:
    with pytest.raises(UserError, match="it is a folder; name a file"):
        Place(Path(name), new=False)


def test_that_a_new_model_takes_the_first_free_name_even_where_one_was_taken_since(tmp_path: Path, model: ModelFile) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    first = folder / "m.safetensors"
    first.write_bytes(b"first")
    one, other = (Place(first, new=True) for _ in range(2))
    assert one.path == other.path == folder / "m-2.safetensors"
    for place in (one, other):
        place.save(model)
    assert [one.path.name, other.path.name] == ["m-2.safetensors", "m-3.safetensors"]
    assert first.read_bytes() == b"first"
    assert sorted(os.listdir(folder)) == ["m-2.safetensors", "m-3.safetensors", "m.safetensors"]


def test_that_a_name_that_is_taken_while_it_is_written_is_left_alone(tmp_path: Path, model: ModelFile) -> None:
    taken = tmp_path / "a.safetensors"
    taken.write_bytes(b"theirs")
    assert save_new(iter([taken, tmp_path / "b.safetensors"]), model) == tmp_path / "b.safetensors"
    assert taken.read_bytes() == b"theirs"


def test_that_a_name_that_points_to_nothing_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").symlink_to("nowhere")
    assert next(free_names(tmp_path / "m.safetensors")).name == "m-2.safetensors"


def test_that_a_model_whose_folder_is_gone_goes_to_the_runs(tmp_path: Path, model: ModelFile) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    place = Place(folder / "m.safetensors", new=False)
    folder.rmdir()
    place.save(model)
    assert place.path == locations.runs() / "small-1.safetensors"
    assert place.problem == f"cannot write {folder / 'm.safetensors'}: the folder {folder} does not exist; create it first"
    assert read_model_file(place.path).card == model.card
    assert list(finished_runs()) == ["small-1"]


def test_that_a_model_goes_to_the_temporary_folder_where_the_runs_refuse_it_too(
    tmp_path: Path, model: ModelFile, temporary: Path, no_runs: None
) -> None:
    place = Place(tmp_path / "m.safetensors", new=False)
    place.path.mkdir()  # in its way
    place.save(model)
    assert (place.path, place.problem[-26:]) == (temporary / "small-1.safetensors", "it is a folder; name a file"[-26:])
    assert save_as_run(model)[0] == temporary / "small-2.safetensors"
    assert read_model_file(temporary / "small-2.safetensors").card == model.card


def test_that_every_place_is_named_where_none_takes_a_model(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_runs: None
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(locations.runs()))
    with pytest.raises(CannotWrite, match=r"cannot create the folder for runs .*; cannot create the folder .*") as caught:
        save_as_run(model)
    assert "\n" not in str(caught.value)


def test_that_new_runs_never_take_the_file_of_an_old_one(model: ModelFile) -> None:
    saved = [save_as_run(model) for _ in range(3)]
    assert [(path.name, problem) for path, problem in saved] == [(f"small-{number}.safetensors", "") for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("", "model"),
        ("...", "model"),
        ("a b/ü", "a-b-ü"),
        ("ü" * 300, "ü" * 100),
    ],
)
def test_that_a_run_stays_in_its_folder_whatever_its_name(model: ModelFile, name: str, stem: str) -> None:
    path = next(run_names(locations.runs(), name))
    assert path == locations.runs() / f"{stem}-1.safetensors"
    assert save_as_run(replace(model, card=replace(model.card, name=name)))[0].parent == locations.runs()


def test_that_a_folder_for_runs_that_cannot_be_made_is_named_with_the_way_out(no_runs: None) -> None:
    with pytest.raises(
        CannotWrite, match=r"cannot create the folder for runs .*runs: .*; choose another folder with VAE_EXPLORER_RUNS"
    ):
        check_runs_folder()


def test_that_a_folder_for_runs_is_made_and_left_empty() -> None:
    check_runs_folder()
    assert os.listdir(locations.runs()) == []
