"""Takes a picture of the window once every request has its answer."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QBuffer, QCoreApplication, QEvent, QEventLoop, QIODevice, QTimer

from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file
from vae_explorer.gui.app import create_window
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.features.evidence.subject import look_at_posteriors
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.images import check_picture_place
from vae_explorer.latent.plane import PLANES

_REST = 300  # milliseconds without an open request before the picture
_PATIENCE = 60_000

_MODELS_WITH = {"channels": "a model of 2 or of 4 to 16 channels", "pose": "a model of rotation-vae"}


def take_screenshot(
    model: str,
    out: str | os.PathLike[str],
    *,
    size: tuple[int, int],
    theme: str,
    plane: str = "latent",
    cursor: Sequence[float] | None = None,
    path: Sequence[float] | None = None,
    panel: str | None = None,
    hidden: str | None = None,
    zoom: bool = False,
    data_dir: str | None = None,
) -> None:
    """Save the window with `model` as PNG. Raises `UserError` for a bad model or file, or a panel that the model has not.

    `panel`, such as 'evidence', is in front. `hidden` puts the inspected image on the pad without its 'upper', 'lower', 'left' or
    'right' half. With `zoom` the map shows the posteriors of the analysed image.
    """
    check_picture_place(out)
    window = create_window(model, data_dir=data_dir, theme=theme, remember=False)
    problems: list[str] = []
    window.session.problem_raised.connect(lambda message, details: problems.append(message))
    try:
        window.map_area.hint.hide()
        window.resize(*size)
        window.show()
        window.reset_layout()
        window.latent_view.set_plane(PLANES[plane])
        if panel is not None:
            window.explorer.docks.show(f"{panel}Dock", True)
        if path is not None:
            window.session.frames.click((path[0], path[1]))
            window.session.frames.click((path[2], path[3]))
        if (window.width(), window.height()) != size:
            least = f"{window.width()}x{window.height()}"
            raise UserError(f"the window cannot be as small as {size[0]}x{size[1]}; choose a size of {least} or more")
        _wait_until_settled(window)
        if panel is not None and not problems:
            _check_shown(window, panel)
        if cursor is not None:
            window.session.cursor.move((cursor[0], cursor[1]), window.latent_view.hover_reach())
            _wait_until_settled(window)
        if hidden is not None:
            _hide(window, hidden)
            _wait_until_settled(window)
        if zoom:
            look_at_posteriors(window.session, window.latent_view)
            _wait_until_settled(window)
        if problems:
            raise UserError(problems[0])
        _save(window, out)
    finally:
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)


def _check_shown(window: MainWindow, panel: str) -> None:
    """Bring a panel to the front that the model offers only now. Raises `UserError` if the model does not offer the panel."""
    docks, name = window.explorer.docks, f"{panel}Dock"
    if not docks.is_offered(name):
        raise UserError(f"the model has no panel {panel}; choose {_MODELS_WITH[panel]}, or leave the panel out")
    docks.show(name, True)
    _wait_until_settled(window)


def _hide(window: MainWindow, half: str) -> None:
    code = window.session.inspection.current
    if code is None or code.original is None:
        raise UserError("there is no inspected image to hide a half of; let the cursor be on a code whose image is at hand")
    height, width, _ = code.original.shape
    row, column = np.indices((height, width))
    halves = {
        "upper": row < height // 2,
        "lower": row >= height // 2,
        "left": column < width // 2,
        "right": column >= width // 2,
    }
    pad = window.explorer.panel(DrawPanel).pad
    pad.set_image(code.original)
    pad.set_hidden(halves[half])


def _wait_until_settled(window: MainWindow) -> None:
    loop = QEventLoop()
    look, rest, patience = QTimer(), QTimer(), QTimer()
    rest.setSingleShot(True)
    look.timeout.connect(lambda: rest.stop() if not window.session.settled else None if rest.isActive() else rest.start(_REST))
    rest.timeout.connect(loop.quit)
    patience.timeout.connect(lambda: loop.exit(1))
    look.start(20)
    patience.start(_PATIENCE)
    if loop.exec():
        raise UserError("the window did not come to rest within a minute; try 'vae-explorer doctor'")


def _save(window: MainWindow, out: str | os.PathLike[str]) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    with atomic_file(out) as file:
        file.write(bytes(buffer.data().data()))
