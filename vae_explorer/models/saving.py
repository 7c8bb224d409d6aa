"""Saves models: tries a place before training, finds free names and other folders."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from vae_explorer import locations
from vae_explorer.errors import UserError
from vae_explorer.files import CannotWrite, check_writable
from vae_explorer.models.catalogue import SUFFIX
from vae_explorer.models.model_file import ModelFile, write_model_file

_OTHER_SUFFIXES = {".pt", ".pth", ".ckpt", ".bin", ".onnx", ".pkl", ".h5", ".npz"}  # of other programs' models
_STEM_BYTES = 200  # of a run's file name; most file systems take 255 with number and suffix


class Place:
    """The place of one model: `path` itself, or a `new` file with the first free name."""

    def __init__(self, path: Path, new: bool) -> None:
        """Raise `UserError` if no model can be saved there."""
        self.path = next(free_names(path)) if new else path  # after saving: the model's file
        self.problem = ""  # why the model lies elsewhere; empty if it does not
        self._wish, self._new = path, new
        check_model_place(self.path)

    def save(self, model: ModelFile) -> None:
        """Write the model to its place, else to the runs folder or the temporary folder.

        Raises `UserError` if all refuse.
        """
        try:
            self.path = save_new(free_names(self._wish), model) if self._new else _write(self._wish, model)
        except CannotWrite as error:
            self.path, self.problem = save_elsewhere(model, error, [locations.runs()])


def check_model_place(path: Path) -> None:
    """Raise `UserError` if no model can be saved as `path`."""
    check_writable(path)
    if not path.name.endswith(SUFFIX):
        stem = path.stem if path.suffix.lower() in _OTHER_SUFFIXES else path.name
        raise UserError(f"cannot write {path}: a model's file must end in {SUFFIX}; name it {path.with_name(stem + SUFFIX)}")


def check_runs_folder() -> None:
    """Create the folder for runs if needed. Raises `CannotWrite` if it takes no files."""
    check_writable(_made(locations.runs()) / f"try{SUFFIX}")


def save_as_run(model: ModelFile) -> tuple[Path, str]:
    """Write a model into the folder for runs, else into the temporary folder.

    Returns the file, and why it is not in the folder for runs. Raises `UserError` if both refuse.
    """
    try:
        return save_new(run_names(locations.runs(), model.card.name), model), ""
    except CannotWrite as error:
        return save_elsewhere(model, error, [])


def save_elsewhere(model: ModelFile, refused: CannotWrite, folders: list[Path]) -> tuple[Path, str]:
    """Write a model into the first of `folders` and the temporary folder that takes it.

    Returns the file and the earlier refusals. Raises `CannotWrite` if all refuse.
    """
    reasons = [str(refused)]
    for folder in itertools.chain(folders, _temporary_folders()):
        try:
            return save_new(run_names(folder, model.card.name), model), reasons[0]
        except CannotWrite as error:
            reasons.append(str(error))
    raise CannotWrite(f"{'; '.join(reasons)}; the model is in no file") from refused


def save_new(names: Iterator[Path], model: ModelFile) -> Path:
    """Write a model under the first free name of `names`, and return it.

    Two programs at once get two names.
    """
    for path in names:
        try:
            return _write(path, model, new=True)
        except FileExistsError:  # another program took the name
            continue
    raise AssertionError("names never end")


def free_names(path: Path) -> Iterator[Path]:
    """Yield `path`, then the path with -2, -3, …, as far as no file has the name."""
    more = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    return (each for each in itertools.chain((path,), more) if not os.path.lexists(each))


def run_names(folder: Path, name: str) -> Iterator[Path]:
    """Yield free file names name-1, name-2, … for a run of model `name`; creates the folder."""
    _made(folder)
    stem = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name).lstrip(".") or "model"
    stem = stem.encode()[:_STEM_BYTES].decode(errors="ignore")
    paths = (folder / f"{stem}-{number}{SUFFIX}" for number in itertools.count(1))
    return (path for path in paths if not os.path.lexists(path))


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(
            f"cannot create the folder for runs {folder}: {error.strerror}; choose another folder with VAE_EXPLORER_RUNS"
        ) from error
    return folder


def _temporary_folders() -> Iterator[Path]:
    try:
        yield Path(tempfile.gettempdir())
    except OSError:  # no folder takes a file
        return


def _write(path: Path, model: ModelFile, new: bool = False) -> Path:
    write_model_file(path, model, new)
    return path
