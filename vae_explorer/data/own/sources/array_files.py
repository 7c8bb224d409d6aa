"""Finds the arrays of .npy and .npz files, and reads their headers alone."""

from __future__ import annotations

import os
import tokenize
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from vae_explorer.data.own.sources.rows import ArrayFile
from vae_explorer.errors import UserError
from vae_explorer.foreign import short

_ARRAY, _ZIP = b"\x93NUMPY", b"PK\x03\x04"
_NPY = ".npy"
_FAULTS = (OSError, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError, tokenize.TokenError, zipfile.BadZipFile)


def is_array_file(path: Path) -> bool:
    """Tell by the content whether `path` holds numpy arrays."""
    try:
        with path.open("rb") as file:
            return file.read(6).startswith((_ARRAY, _ZIP)) and path.is_file()
    except OSError:
        return False


def arrays_in(path: Path) -> tuple[dict[str, ArrayFile], list[str]]:
    """Return the arrays of a file by name, and a sentence for each that cannot be read.

    Raises `UserError` if the file is damaged or holds no arrays of numbers or texts.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_ARRAY)) == _ARRAY:
                file.seek(0)
                return {path.stem: _header(file, path.stem, path, None, os.path.getsize(path))}, []
        return _of_archive(path)
    except UserError:
        raise
    except _FAULTS as error:
        raise UserError(f"{path} cannot be read as arrays: {short(str(error), 200) or type(error).__name__}") from error


def _of_archive(path: Path) -> tuple[dict[str, ArrayFile], list[str]]:
    arrays, notes = {}, []
    with zipfile.ZipFile(path) as archive:
        for each in archive.infolist():
            if not each.filename.endswith(_NPY):
                continue
            name = each.filename.removesuffix(_NPY)
            try:
                with archive.open(each) as file:
                    arrays[name] = _header(file, name, path, each.filename, each.file_size)
            except UserError as error:
                notes.append(f"{error}.")
    if not arrays:
        raise UserError(
            notes[0].rstrip(".") if notes else f"{path} is a zip archive without arrays; unpack it and give the folder"
        )
    return arrays, notes


def _header(file: IO[bytes], name: str, path: Path, member: str | None, size: int) -> ArrayFile:
    """Read the header of an array. Raises `UserError` on numbers that are no pixels or labels, and on a wrong length."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(file)
    what = f"{name} in {path.name}" if member else str(path)
    if dtype.hasobject or dtype.kind not in "biufUS":
        kind = "Python objects" if dtype.hasobject else f"numbers of type {dtype}"
        raise UserError(f"{what} holds {kind}, which are no pixels; save whole numbers or floats")
    found = ArrayFile(name, str(path), tuple(shape), dtype, fortran, file.tell(), member)
    if found.start + found.size != size:
        raise UserError(f"{what} is damaged: its length differs from its header; save it again")
    return found
