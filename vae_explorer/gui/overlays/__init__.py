"""What can lie on the map: one file an overlay, found by being here."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from vae_explorer.gui.overlays.base import Overlay


def overlay_types() -> list[type[Overlay]]:
    """Every overlay in this folder, in the order in which the panel lists them."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return sorted(Overlay.__subclasses__(), key=lambda kind: kind.order)
