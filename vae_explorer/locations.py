"""The folders of resources, pretrained models, data, runs and logs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parent
_APP = "vae-explorer"


def _bundled(name: str) -> Path:
    """Return a folder inside the wheel, or at the top level of a checkout."""
    inside = PACKAGE / "_bundled" / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def resources() -> Path:
    return _bundled("resources")


def pretrained() -> Path:
    return _bundled("pretrained")


def data(chosen: str | os.PathLike[str] | None = None) -> Path:
    """Return the data root: `chosen` (--data-dir), VAE_EXPLORER_DATA or the system's folder."""
    root = chosen or os.environ.get("VAE_EXPLORER_DATA")
    return Path(os.path.expanduser(root)) if root else Path(platformdirs.user_data_dir(_APP, appauthor=False)) / "data"


def runs() -> Path:
    chosen = os.environ.get("VAE_EXPLORER_RUNS")
    return Path(os.path.expanduser(chosen)) if chosen else Path(platformdirs.user_data_dir(_APP, appauthor=False)) / "runs"


def logs() -> Path:
    return Path(platformdirs.user_log_dir(_APP, appauthor=False))
