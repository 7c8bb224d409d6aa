"""Opens a model file, the program's own or another program's. Knows no torch."""

from __future__ import annotations

from pathlib import Path

from vae_explorer.models.model_file import Check, ModelFile, no_check, read_model_file
from vae_explorer.models.own.how import SUFFIXES, How


def open_model_file(path: Path, how: How | None = None, check: Check = no_check) -> ModelFile:
    """Return the model in file `path`. Raises `UserError` with one clear line, and the exceptions of `check`.

    A file of another program is opened as `how` says. Opening one loads torch.
    """
    how = how or How()
    if how.is_plain and path.suffix.lower() not in SUFFIXES:
        return read_model_file(path, check)
    from vae_explorer.models.own.files.opening import open_own

    return open_own(path, how)
