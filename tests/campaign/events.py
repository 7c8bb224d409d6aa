"""Random mouse, wheel, key and widget events over windows of four families and a comparison, five seeds each."""

from __future__ import annotations

import random
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QTabBar,
    QWidget,
)

from tests.campaign.report import Report
from tests.campaign.window import Gaps, Watch, close_window, memory, open_window, settle
from tests.gui.mouse import click, double_click, drag, leave, move_to, wheel
from vae_explorer.gui.compare.presets import PRESETS
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import LatentView

SEEDS = 5
EVENTS = 10_000  # a seed, shared by the windows
WINDOWS = ("mnist-vae-small", "mnist-cvae", "mnist-iaf-vae", "mnist-gan", "comparison")
LARGEST_GAP = 2.0  # seconds on a quiet machine
LARGEST_DRIFT = 20.0  # MiB
_NEVER = {"file.quit", "data.download", "model.train"}  # ends the window, needs the network, has an attack of its own
_LEAVES = {"trainStart", "pretrainedDownload"}  # begins a training, needs the network
_NAMES = ("Left", "Right", "Up", "Down", "Return", "Space", "Home", "Escape", "Tab", "A", "3", "7", "PageDown")
_KEYS = [getattr(Qt.Key, f"Key_{name}") for name in _NAMES]
_MODIFIERS = [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier]
_LEFT = Qt.MouseButton.LeftButton
_POPUP = 50  # milliseconds until a menu is closed


def attack(seed: int, share: float) -> Report:
    report, watch = Report("events", seed), Watch()
    gaps, kept = Gaps(), list[float]()
    for number in range(seed, seed + max(round(SEEDS * min(share * SEEDS, 1)), 1)):
        chosen = random.Random(number)
        for name in WINDOWS:
            count = max(round(EVENTS * share) // len(WINDOWS), 10)
            _one_window(report, watch, gaps, name, Monkey(chosen), count, number)
        kept.append(memory())
    report.note(f"largest gap {gaps.largest:.2f} s ({gaps.at})")
    if len(kept) > 2:
        drift = (kept[-1] - kept[1]) / (len(kept) - 2)  # the first two seeds fill caches
        report.note(f"memory {drift:+.1f} MiB a seed")
        with report.attempt("memory of closed windows"):
            if drift > LARGEST_DRIFT:
                raise MemoryError(f"memory grew by {drift:.0f} MiB a seed")
    return report


def _one_window(report: Report, watch: Watch, gaps: Gaps, name: str, monkey: Monkey, count: int, number: int) -> None:
    window = open_window("mnist-vae-small" if name == "comparison" else name)
    if name == "comparison":
        window.comparison.show_preset(PRESETS[0])
        settle(window)
    for place in range(count):
        event = monkey.event(window)
        what = f"seed {number}, {name}, event {place}, {event[0]}"
        before = gaps.largest
        with report.attempt(what, watch.take), gaps.around(what):
            _send(event[1])
        if before < LARGEST_GAP < gaps.largest:
            report.failures.append(f"{what}: the event loop stood still for {gaps.largest:.2f} s")
    with report.attempt(f"seed {number}, {name}, rest", watch.take):
        _close_dialogs(window)
        settle(window)
    with report.attempt(f"seed {number}, {name}, close", lambda: close_window(window) + watch.take()):
        pass


class Monkey:
    """Chooses what a person who tries everything might do next."""

    def __init__(self, chosen: random.Random) -> None:
        self.chosen = chosen

    def event(self, window: MainWindow) -> tuple[str, Callable[[], object]]:
        """A random event, by name, and the call that sends it."""
        dialogs = [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]
        if dialogs and self.chosen.random() < 0.2:
            return "close a dialog", dialogs[0].reject
        kinds = (self._on_map, self._on_map, self._on_map, self._on_map, self._key, self._widget, self._widget, self._action)
        return self.chosen.choice(kinds)(window)

    def _on_map(self, window: MainWindow) -> tuple[str, Callable[[], object]]:
        view: LatentView = self.chosen.choice(window.explorers).latent_view
        rect = view.visible_rect()
        shares = [self.chosen.uniform(-0.1, 1.1) for _ in range(4)]
        start = view.z_of(QPointF(rect.left() + shares[0] * rect.width(), rect.top() + shares[1] * rect.height()))
        end = view.z_of(QPointF(rect.left() + shares[2] * rect.width(), rect.top() + shares[3] * rect.height()))
        keys, notches = self.chosen.choice(_MODIFIERS), self.chosen.randint(-8, 8)
        return self.chosen.choice(
            [
                ("move", lambda: move_to(view, start)),
                ("move", lambda: move_to(view, end)),
                ("move", lambda: move_to(view, start)),
                ("click", lambda: click(view, start, keys)),
                ("double click", lambda: double_click(view, start)),
                ("drag", lambda: drag(view, start, end, keys=keys)),
                ("wheel", lambda: wheel(view, start, notches)),
                ("leave", lambda: leave(view)),
            ]
        )

    def _key(self, window: MainWindow) -> tuple[str, Callable[[], object]]:
        key, keys = self.chosen.choice(_KEYS), self.chosen.choice(_MODIFIERS[:2])
        target = window.focusWidget() or self.chosen.choice(window.explorers).latent_view
        return f"key {key.name}", lambda: QTest.keyClick(target, key, keys)

    def _action(self, window: MainWindow) -> tuple[str, Callable[[], object]]:
        actions = [each for each in window.findChildren(QAction) if self._may_run(each)]
        action = self.chosen.choice(actions)
        return f"action {action.objectName()}", action.trigger

    def _may_run(self, action: QAction) -> bool:
        name = action.objectName()
        return action.isEnabled() and "." in name and name not in _NEVER and not name.startswith("view.compare.")

    def _widget(self, window: MainWindow) -> tuple[str, Callable[[], object]]:
        """A click, a choice or a turn of the wheel on a widget that can be seen."""
        kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QAbstractSlider, QTabBar)
        shown = [each for kind in kinds for each in _all_children(window, kind) if self._may_touch(each)]
        widget = self.chosen.choice(shown)
        name = f"{type(widget).__name__} {widget.objectName()}"
        if isinstance(widget, QComboBox) and widget.count():
            index = self.chosen.randrange(widget.count())
            return f"choose {name}", lambda: (widget.setCurrentIndex(index), widget.activated.emit(index))
        if isinstance(widget, QAbstractSlider):
            value = self.chosen.randint(widget.minimum(), widget.maximum())
            return f"slide {name}", lambda: widget.setValue(value)
        if isinstance(widget, QAbstractSpinBox):
            steps = self.chosen.randint(-3, 3)
            return f"step {name}", lambda: widget.stepBy(steps)
        if self.chosen.random() < 0.2:
            return f"wheel {name}", lambda: _turn_wheel(widget)
        place = QPoint(self.chosen.randrange(max(widget.width(), 1)), self.chosen.randrange(max(widget.height(), 1)))
        return f"click {name}", lambda: QTest.mouseClick(widget, _LEFT, pos=place)

    def _may_touch(self, widget: QWidget) -> bool:
        return widget.isVisible() and widget.isEnabled() and widget.objectName() not in _LEAVES


def _all_children(window: MainWindow, kind: type[QWidget]) -> list[QWidget]:
    tops = [window, *(each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible())]
    return [each for top in tops for each in top.findChildren(kind)]


def _send(event: Callable[[], object]) -> None:
    """Send an event. A menu that opens keeps the event from returning, until it is closed as by Escape."""
    closing = QTimer()
    closing.timeout.connect(_close_popup)
    closing.start(_POPUP)
    event()
    closing.stop()


def _close_popup() -> None:
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def _turn_wheel(widget: QWidget) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(widget.mapToGlobal(widget.rect().center())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def _close_dialogs(window: MainWindow) -> None:
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog) and dialog.isVisible():
            dialog.reject()
