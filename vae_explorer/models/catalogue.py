"""Pretrained models and finished runs by name. Knows no torch."""

from __future__ import annotations

import os
from pathlib import Path

from vae_explorer import locations
from vae_explorer.errors import UserError

SUFFIX = ".safetensors"
DEFAULT_MODEL = "mnist-vae"
_RECENT = 10


def pretrained_models() -> dict[str, Path]:
    """Return name -> file of the pretrained models, sorted by name."""
    return _models_in(locations.pretrained())


def finished_runs() -> dict[str, Path]:
    """Return name -> file of the models that were trained in the window, newest first."""
    runs = _models_in(locations.runs())
    return dict(sorted(runs.items(), key=lambda item: _age(item[1])))


def why_no_runs() -> str:
    """Say why the runs cannot be listed and what to do; empty if they can, or no folder exists."""
    folder = locations.runs()
    try:
        os.scandir(folder).close()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return (
            f"the folder of runs {folder} cannot be read: {error.strerror}; "
            "change its permissions, or choose another folder with VAE_EXPLORER_RUNS"
        )
    return ""


def recent_runs() -> list[str]:
    return list(finished_runs())[:_RECENT]


def find_model(name: str) -> Path:
    """Return the file of the pretrained model, run or path `name`.

    Raises `UserError` if there is none.
    """
    for models in (pretrained_models, finished_runs):
        known = models()
        if name in known:
            return known[name]
    path = Path(os.path.expanduser(name))
    if os.path.exists(path):  # Path.exists raises on a name that is too long
        return path
    why = f" ({unread})" if (unread := why_no_runs()) else ""
    raise UserError(f"there is no model or file {name!r}; pretrained: {', '.join(pretrained_models()) or 'none'}{why}")


def _age(file: Path) -> float:
    """Return a sort key, newest first; a file that was just deleted comes last."""
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0


def _models_in(folder: Path) -> dict[str, Path]:
    """Return name -> file of the models in a folder; empty if it cannot be read."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return {}
    found = {name: folder / name for name in names if name.endswith(SUFFIX) and not name.startswith(".")}
    return {name.removesuffix(SUFFIX): file for name, file in found.items() if os.path.isfile(file)}
