"""The package of the guide, laid out as pip does."""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path

import pytest

from tests.packages import Install, write_entry_points
from tests.readme import GUIDE, snippets

FAMILY_TITLE, FEATURE_TITLE = "A package with a family", "A package with a feature"
IN_THE_PROGRAM = "A panel or an overlay of your own"
MODULES = ("parts", "panel", "overlay", "presenter")


def install_template(install: Install, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the files of the guide into the folder `site`, with the entry points of its pyproject.toml."""
    row, model = snippets(FAMILY_TITLE)
    groups = entry_points(FAMILY_TITLE) | entry_points(FEATURE_TITLE)
    home = site / "my_toy"
    home.mkdir(parents=True)
    for name, code in {"__init__": row, "model": model}.items():
        (home / f"{name}.py").write_text(code, "utf-8")
    write_feature(home)
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_toy"]:
        monkeypatch.delitem(sys.modules, name)
    write_entry_points(site, "my-toy", groups)
    install("beside", "")  # looks again for packages


def write_feature(home: Path) -> None:
    """Write the row and the modules of the guide's feature into the folder of the package."""
    (row,), modules = snippets(FEATURE_TITLE), snippets(IN_THE_PROGRAM)[: len(MODULES)]
    folder = home / "middle"
    folder.mkdir()
    (home / "window.py").write_text(row, "utf-8")
    for name, code in zip(("__init__", *MODULES), ("", *modules), strict=True):
        (folder / f"{name}.py").write_text(code.replace("vae_explorer.gui.features.middle", "my_toy.middle"), "utf-8")


def entry_points(title: str) -> dict[str, dict[str, str]]:
    """Return the entry points that the guide's section `title` writes in pyproject.toml, by group and name."""
    section = GUIDE["extending"].partition(f"## {title}\n")[2].partition("\n## ")[0]
    parsed = configparser.ConfigParser()
    parsed.read_string(re.sub("^ +", "", re.findall(r"```toml\n(.*?)```", section, re.DOTALL)[0], flags=re.MULTILINE))
    named = [group for group in parsed.sections() if group.startswith("project.entry-points.")]
    return {group.split(".", 2)[2].strip('"'): {k: v.strip('"') for k, v in parsed[group].items()} for group in named}
