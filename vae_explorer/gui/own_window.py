"""Shows the window on a person's own model, in the person's own process."""

from __future__ import annotations

import atexit
import sys
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from vae_explorer.gui.app import create_application, window_of
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.own import OwnModel

_YIELDS, _YIELD_EVERY = "kernelYields", 200  # milliseconds
_SHOWN: set[MainWindow] = set()  # open windows, which the caller may not have assigned


def show(model: OwnModel, block: bool | None = None) -> MainWindow:
    """Show a window on `model`. Wait until the window closes, if `block`; by default only outside IPython and Jupyter."""
    shell = _ipython()
    app = create_application()
    window = window_of(model.file, None, model.dataset)
    if not _SHOWN:
        atexit.register(_close_all)
    _SHOWN.add(window)
    window.closed.connect(lambda: _SHOWN.discard(window))
    window.show()
    if block or (block is None and shell is None):
        app.exec()
    elif shell is not None:
        _join(shell, app)
    return window


def _join(shell: Any, app: QApplication) -> None:
    """Let the shell run Qt's events between cells."""
    shell.enable_gui("qt")
    kernel = getattr(shell, "kernel", None)
    if kernel is None or app.findChild(QTimer, _YIELDS) is not None:
        return
    # ipykernel 7.4 can miss a cell that comes while a window starts, since its look at the socket waits for a change.
    timer = QTimer(app)
    timer.setObjectName(_YIELDS)
    timer.timeout.connect(lambda: kernel.app.qt_event_loop.quit())  # the kernel looks for cells, and starts the loop again
    timer.start(_YIELD_EVERY)


def _ipython() -> Any:
    """Return the shell of IPython or Jupyter; None in a script."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def _close_all() -> None:
    """Close every window, since a running QThread that is destroyed ends the process."""
    while _SHOWN:
        _SHOWN.pop().close()
