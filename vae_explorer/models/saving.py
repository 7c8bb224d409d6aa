"""Where a model is saved: a place that is tried before training, a free name, and another folder where that place refuses."""

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

_OTHER_SUFFIXES = {".pt", ".pth", ".ckpt", ".bin", ".onnx", ".pkl", ".h5", ".npz"}  # that other programs give a model
_STEM_BYTES = 200  # of a run's file name; most file systems take 255, with the number and the suffix


class Place:
    """Where one model goes: over what is at `path`, or as a `new` file under the first free name."""

    def __init__(self, path: Path, new: bool) -> None:
        """Raises `UserError` where a model cannot be saved there, so that no training begins for nothing."""
        self.path = next(free_names(path)) if new else path  # once the model is saved: its file
        self.problem = ""  # why the model lies in another place than it was to
        self._wish, self._new = path, new
        check_model_place(self.path)

    def save(self, model: ModelFile) -> None:
        """Write the model, into the runs folder or the temporary folder where its own refuses. Raises `UserError` where all do."""
        try:
            self.path = save_new(free_names(self._wish), model) if self._new else _write(self._wish, model)
        except CannotWrite as error:
            self.path, self.problem = save_elsewhere(model, error, [locations.runs()])


def check_model_place(path: Path) -> None:
    """Raises `UserError` where no model can be saved as `path`."""
    check_writable(path)
    if not path.name.endswith(SUFFIX):
        stem = path.stem if path.suffix.lower() in _OTHER_SUFFIXES else path.name
        raise UserError(f"cannot write {path}: a model's file must end in {SUFFIX}; name it {path.with_name(stem + SUFFIX)}")


def check_runs_folder() -> None:
    """Create the folder for runs where there is none. Raises `CannotWrite` where the folder takes no files."""
    check_writable(_made(locations.runs()) / f"try{SUFFIX}")


def save_as_run(model: ModelFile) -> tuple[Path, str]:
    """Write a model into the folder for runs, or into the temporary folder: its file, and why it is not in the folder for runs.

    Raises `UserError` where both folders refuse.
    """
    try:
        return save_new(run_names(locations.runs(), model.card.name), model), ""
    except CannotWrite as error:
        return save_elsewhere(model, error, [])


def save_elsewhere(model: ModelFile, refused: CannotWrite, folders: list[Path]) -> tuple[Path, str]:
    """Write a model into the first of `folders` and the temporary folder that takes it: its file, and what refused it before.

    Raises `CannotWrite` where none takes the model.
    """
    reasons = [str(refused)]
    for folder in itertools.chain(folders, _temporary_folders()):
        try:
            return save_new(run_names(folder, model.card.name), model), reasons[0]
        except CannotWrite as error:
            reasons.append(str(error))
    raise CannotWrite(f"{'; '.join(reasons)}; the model is in no file") from refused


def save_new(names: Iterator[Path], model: ModelFile) -> Path:
    """Write a model under the first of `names` that no file has, and return it. Two programs at once get two names."""
    for path in names:
        try:
            return _write(path, model, new=True)
        except FileExistsError:  # taken since `names` looked
            continue
    raise AssertionError("names never end")


def free_names(path: Path) -> Iterator[Path]:
    """`path`, then the path with -2, -3, … at the end of its name: those of them that no file has."""
    more = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    return (each for each in itertools.chain((path,), more) if not os.path.lexists(each))


def run_names(folder: Path, name: str) -> Iterator[Path]:
    """Free file names for a run of a model called `name`: name-1, name-2, …. The folder is created by the first of them."""
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
