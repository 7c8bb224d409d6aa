"""The package that the guide shows, laid out as pip does."""

from __future__ import annotations

import configparser
import shutil
import sys
from pathlib import Path

import pytest

from tests.packages import Install, write_entry_points
from tests.readme import PLUGIN


def install_template(install: Install, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy the package into the folder `site`, with the entry points of its pyproject.toml."""
    shutil.copytree(PLUGIN / "my_toy", site / "my_toy", ignore=shutil.ignore_patterns("__pycache__"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_toy"]:
        monkeypatch.delitem(sys.modules, name)
    write_entry_points(site, "my-toy", entry_points())
    install("beside", "")  # looks again for packages


def entry_points() -> dict[str, dict[str, str]]:
    """Return the entry points of the package's pyproject.toml, by group and name."""
    parsed = configparser.ConfigParser()
    parsed.read(PLUGIN / "pyproject.toml", "utf-8")
    named = [group for group in parsed.sections() if group.startswith("project.entry-points.")]
    return {group.split(".", 2)[2].strip('"'): {k: v.strip('"') for k, v in parsed[group].items()} for group in named}
