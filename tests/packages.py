"""Packages with data sets, laid out as pip does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

GROUP = "vae_explorer.datasets"
SPEC = "from vae_explorer.data.base import DatasetSpec\nSPEC = DatasetSpec('L', 'letters_x:load', (8, 8), ('A',), (6, 2), 'mine')\n"
Install = Callable[..., None]  # package, code of its one module, its entry points by name


def write_package(site: Path, package: str, code: str, **points: str) -> str:
    """Lay a package of one module with these entry points out in the folder `site`, and return the name of the module."""
    module = package.replace("-", "_")
    folder = site / f"{module}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[{GROUP}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items()))
    (site / f"{module}.py").write_text(code, "utf-8")
    return module
