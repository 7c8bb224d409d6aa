"""Packages with data sets, families or features, laid out as pip does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

GROUP = "vae_explorer.datasets"
FAMILY_GROUP, FEATURE_GROUP = "vae_explorer.families", "vae_explorer.features"
SPEC = "from vae_explorer.data.base import DatasetSpec\nSPEC = DatasetSpec('L', 'letters_x:load', (8, 8), ('A',), (6, 2), 'mine')\n"
Install = Callable[..., None]  # package, code of its one module, the group of its entry points, its entry points by name


def write_package(site: Path, package: str, code: str, group: str = GROUP, **points: str) -> str:
    """Lay a package of one module with these entry points out in the folder `site`, and return the name of the module."""
    module = package.replace("-", "_")
    write_entry_points(site, package, {group: points})
    (site / f"{module}.py").write_text(code, "utf-8")
    return module


def write_entry_points(site: Path, package: str, groups: Mapping[str, Mapping[str, str]]) -> None:
    """Write what pip notes of a package: its name, and its entry points by group and name."""
    folder = site / f"{package.replace('-', '_')}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = (line for group, points in groups.items() for line in (f"[{group}]", *(f"{k} = {v}" for k, v in points.items())))
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")
