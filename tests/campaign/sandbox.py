"""Folders of its own for an attack, so that no attack touches a person's settings, runs or data."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from vae_explorer.locations import PACKAGE


def environment(folder: Path) -> dict[str, str]:
    """The variables of a process whose settings, runs, data and logs all lie in `folder`."""
    own = {
        name: str(folder / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    }
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return (
        os.environ
        | own
        | {
            "VAE_EXPLORER_RUNS": str(folder / "runs"),
            "VAE_EXPLORER_DATA": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(runtime),
            "HOME": str(folder),
            "QT_QPA_PLATFORM": "offscreen",
            "CAMPAIGN_FOLDER": str(folder),
            "PYTHONPATH": str(PACKAGE.parent),
        }
    )


def deep(folder: Path) -> Path:
    """A working folder far below `folder`: file dialogs start there, and random clicks climb."""
    place = folder.joinpath(*"abcdefgh")
    place.mkdir(parents=True)
    return place


def folder() -> Path:
    """The folder of the running attack."""
    return Path(os.environ["CAMPAIGN_FOLDER"])


def is_alive(process: int) -> bool:
    """Whether a process of this id runs and is no zombie. Linux."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def descendants(process: int) -> set[int]:
    """The ids of all children of a process and their children. Linux."""
    found: set[int] = set()
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = {int(child) for child in file.read_text().split()}
        except OSError:
            continue
        found |= children.union(*(descendants(child) for child in children))
    return found


def kill(process: int) -> None:
    """SIGKILL, where the process is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
