"""Keeps PySide6 from reading the source of each module that is imported, through a private function of PySide6.

Symptom: once Qt is imported, every import takes longer. PySide6 reads the module's source and looks for the word "PySide6" in it. Only
modules with the word follow the switches of `__feature__`, such as `snake_case`. Python keeps the sources in memory.
Cost: 30 ms until the window paints its first map, 0.15 s of the import of torch, and 40 MiB.
Version: PySide6 6.11. Versions without the function are left alone. Modules with switches of their own work as before.
Remove when: PySide6 finds these modules without their sources.
"""

from __future__ import annotations

import contextlib


def leave_sources_unread() -> None:
    """Let each module that is imported later pass for one with the word. Qt must be imported before."""
    with contextlib.suppress(ImportError):
        from shibokensupport import feature  # type: ignore[import-not-found]

        if hasattr(feature, "_mod_uses_pyside"):
            feature._mod_uses_pyside = lambda module: True
