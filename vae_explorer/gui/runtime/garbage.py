"""Collects Python's cyclic garbage on the GUI thread alone.

Symptom: Python collects on the thread that makes the next object. Widgets, items and timers of a closed window lie in cycles. Qt's
objects must be deleted on their own thread: elsewhere, their timers and events outlive them, and the program crashes.
An import on a thread exempts all objects of that moment from collection (`importing.py`), windows too. Each closed map then
kept 20 to 300 MiB.
Cost: one look each 200 ms, a few microseconds. A collection of everything stops the window for 0.2 s, once a map has closed.
Version: PySide6 6.11, Python 3.11.
Remove when: PySide6 hands objects of other threads to `deleteLater`.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from vae_explorer.runtime.importing import may_collect

_LOOK = 200  # milliseconds between looks


class GarbageCollector(QObject):
    """Collects while it lives. Then Python's own collector runs again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._is_all_due = False
        self.destroyed.connect(lambda: gc.enable())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK)

    def collect_all_soon(self) -> None:
        self._is_all_due = True

    def look(self) -> None:
        """Collect everything where that is due, else the oldest generation that is due by Python's thresholds.

        Collects nothing while a thread imports.
        """
        if not may_collect():
            return
        if self._is_all_due:
            self._is_all_due = False
            self._collect_all()
            return
        due = [count > threshold > 0 for count, threshold in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if any(due):
            gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))

    def _collect_all(self) -> None:
        """Collect exempt objects too, and exempt again what is left."""
        had_exempt = gc.get_freeze_count() > 0
        gc.unfreeze()
        gc.collect()
        if had_exempt:
            gc.freeze()


def collect_after(owner: QObject) -> None:
    """Let the application's collector collect everything once `owner` is deleted."""
    application = QCoreApplication.instance()
    collector = application.findChild(GarbageCollector) if application is not None else None
    if collector is not None:
        owner.destroyed.connect(collector.collect_all_soon)
