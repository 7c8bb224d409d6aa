"""The table of kinds of sources, one line each, and the search for the kind of a path."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from vae_explorer.data.own.found import Found
from vae_explorer.data.own.reading import Reading
from vae_explorer.errors import UserError
from vae_explorer.registry import Registry


class Kind(Protocol):
    """A module of `sources`."""

    def matches(self, path: Path) -> bool:
        """Tell whether `path` is such a source."""

    def find(self, path: Path, reading: Reading) -> Found:
        """Find its images. Raises `UserError`."""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One line of the table. `module` has the functions of `Kind`."""

    title: str
    module: str
    runs: bool = False  # whether a person's own program is run in this process

    def load(self) -> Kind:
        return import_module(self.module)


_HOME = "vae_explorer.data.own.sources."
SOURCES: Registry[SourceSpec] = Registry("kind of source")  # the first that matches is taken
SOURCES.register("pattern", SourceSpec("a pattern such as {name}_ch{c}.tif", _HOME + "pattern"))
SOURCES.register("arrays", SourceSpec("a .npy or .npz file", _HOME + "arrays"))
SOURCES.register("idx", SourceSpec("an IDX file", _HOME + "idx"))
SOURCES.register("picture", SourceSpec("a TIFF of several pages", _HOME + "picture"))
SOURCES.register("program", SourceSpec("a Python file", _HOME + "program", runs=True))
SOURCES.register("celeba", SourceSpec("the folder of CelebA", _HOME + "celeba"))
SOURCES.register("table", SourceSpec("a CSV or TSV table", _HOME + "table"))
SOURCES.register("folder", SourceSpec("a folder of pictures", _HOME + "folder"))


def find(path: str | os.PathLike[str], reading: Reading, apart: bool = False) -> Found:
    """Find the images of the source `path`, reading none.

    Raises `UserError` if `path` is no source, or with `apart`, if `path` is a program, which would run in this process.
    """
    source = Path(path)
    for name in SOURCES:
        kind = SOURCES[name].load()
        if kind.matches(source):
            if SOURCES[name].runs and apart:
                command = shlex.join(["vae-explorer", "data", "add", str(path)])
                raise UserError(f"{path} is a program, which the window does not run; type: {command}")
            return kind.find(source, reading)
    if not os.path.lexists(source):
        raise UserError(f"there is no {path}; give {_known()}")
    raise UserError(f"{path} is no source of images; give {_known()}")


def _known() -> str:
    *most, last = [SOURCES[name].title for name in SOURCES]
    return f"{', '.join(most)} or {last}" if most else last
