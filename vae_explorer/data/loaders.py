"""Calls loaders, which other people may have written. Any exception becomes one line."""

from __future__ import annotations

import traceback
from pathlib import Path

from vae_explorer.data.base import Dataset, Fetching, ImageSet, Load
from vae_explorer.errors import UserError
from vae_explorer.registry import resolve

_LONGEST = 200  # characters of a loader's own message


def call_loader(name: str, target: str, fetching: Fetching) -> Dataset:
    """Call the loader at `target`, 'module:name', of data set `name`.

    Raises `UserError` that gives the loader's line and its error, or says that the loader returns no data set.
    """
    file = target.partition(":")[0].rpartition(".")[2] + ".py"
    return called(lambda fetching: resolve(target)(fetching), name, target, file, fetching)


def called(load: Load, name: str, what: str, file: str, fetching: Fetching) -> Dataset:
    """Call `load`, which a person knows as `what`; `file` is the name of the file whose line is given. Raises `UserError`."""
    try:
        dataset = load(fetching)
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        raise UserError(f"the loader of {name} failed{_place(error, file)}: {_reason(error)}") from error
    if not (isinstance(dataset, Dataset) and isinstance(dataset.train, ImageSet) and isinstance(dataset.test, ImageSet)):
        raise UserError(f"the loader of {name}, {what}, returns no Dataset of two ImageSets; make the loader return a Dataset")
    return dataset


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"there is no {error.filename}; put the file there"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the module {error.name} is not installed; install the module"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:_LONGEST]}"


def _place(error: BaseException, file: str) -> str:
    """Return, in brackets, the last line of `file` in the traceback; "" without such a line."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file]
    return f" ({file}, line {lines[-1]})" if lines else ""
