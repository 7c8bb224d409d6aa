"""How tests look at a window: by object names and item types, as a script would."""

from __future__ import annotations

import gc
import re
from typing import Any, TypeVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from vae_explorer.codes import Codes
from vae_explorer.gui.core.decode_thread import MANIFOLD
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.path.film_strip import FilmStrip
from vae_explorer.gui.features.path.panel import PathPanel
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import Z_MOSAIC
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.trained import TrainedModel

PATIENCE = 240_000  # milliseconds; below the limit of a test (pyproject.toml), so that the message names what did not come
Found = TypeVar("Found", bound=QObject)


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until no question is open and no file is being read or written, in any model of the window, and every map stands still.

    A map that gets its codes later moves under the mouse, and with it the point that is decoded; one that has moved asks for a mosaic.
    """
    qtbot.waitUntil(lambda: all(map(is_settled, window.explorers)), timeout=PATIENCE)


def next_mosaic(qtbot: QtBot, window: MainWindow) -> SignalBlocker:
    """Waits, as a context, until the decoder has answered for the manifold grid; its first argument is the answer."""
    return qtbot.waitSignal(
        window.session.decoder.answered, timeout=PATIENCE, check_params_cb=lambda answer: answer.key == MANIFOLD
    )


def is_settled(explorer: Explorer) -> bool:
    view = explorer.latent_view
    return explorer.session.settled and view.codes_item.shows_latest and view.rests


def decoded(model: TrainedModel, z: ArrayLike) -> NDArray[np.uint8]:
    """What `model` makes of z, as pixels (n, H, W, C); worked out here and not by the program."""
    return np.round(255 * model.decode(z)).astype(np.uint8).reshape(-1, *model.image_shape)


def find(parent: QObject, kind: type[Found], name: str) -> Found:
    found = parent.findChild(kind, name)
    assert found is not None, f"there is no {kind.__name__} called {name}"
    return found


def image_view(explorer: Explorer) -> ImageView:
    """The large picture of the decoder panel."""
    return explorer.panel(DecoderPanel).image_view


def film_strip(explorer: Explorer) -> FilmStrip:
    return explorer.panel(PathPanel).film_strip


def text_of(parent: QWidget, name: str) -> str:
    return find(parent, QLabel, name).text()


def number(text: str) -> float:
    """The first number of a text."""
    found = re.search(r"[-−]?\d+(\.\d+)?(e[-−+]?\d+)?", text)
    assert found is not None, f"no number in {text!r}"
    return float(found[0].replace("−", "-"))


def go_down_to(parent: QWidget, name: str, text: str) -> None:
    """Choose in a box by its arrow key, from the first choice on."""
    box = find(parent, QComboBox, name)
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.count()):
        if box.currentText() == text:
            return
        QTest.keyClick(box, Qt.Key.Key_Down)
    raise AssertionError(f"{name} has no {text}")


def items(window: MainWindow, kind: type[Any]) -> list[Any]:
    """What of this type lies on the map."""
    return [item for item in window.latent_view.scene().items() if isinstance(item, kind)]


def mosaic_item(window: MainWindow) -> pg.ImageItem:
    """The manifold grid's picture, of the pictures that lie on the map."""
    (item,) = (item for item in items(window, pg.ImageItem) if item.zValue() == Z_MOSAIC)
    return item


def run_action(window: MainWindow, name: str) -> None:
    """Choose a command as a menu would: nothing happens where it is greyed out."""
    action = find(window, QAction, name)
    assert action.isEnabled(), f"{name} is disabled"
    action.trigger()


def type_key(qtbot: QtBot, window: MainWindow, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key for whatever has the focus, shortcuts included."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE)
    QTest.keyClick(window.focusWidget() or window, key, keys)


def nearest(codes: Codes, z: ArrayLike) -> int:
    """The code nearest to z, by looking at every one."""
    return int(np.argmin(np.linalg.norm(codes.mean.astype(np.float64) - np.asarray(z), axis=1)))


def lonely_code(window: MainWindow, codes: Codes) -> int:
    """A code in view, far from all others and from the edges, so that a pixel near it is near no other."""
    rect = window.latent_view.visible_rect()
    mean = codes.mean.astype(np.float64)
    margin = 0.15 * np.array([rect.width(), rect.height()])
    low, high = np.array([rect.left(), rect.top()]) + margin, np.array([rect.right(), rect.bottom()]) - margin
    inside = np.flatnonzero(((mean > low) & (mean < high)).all(axis=1))
    gaps = [np.partition(np.linalg.norm(mean - mean[index], axis=1), 1)[1] for index in inside]
    return int(inside[int(np.argmax(gaps))])


def point(codes: Codes, index: int) -> tuple[float, float]:
    x, y = codes.mean[index].tolist()
    return (x, y)


def engines() -> int:
    """How many decoded planes are held, which are 200 MB each when they are full."""
    return sum(type(each) is EvidenceEngine for each in gc.get_objects())
