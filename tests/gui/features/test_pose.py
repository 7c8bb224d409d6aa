"""The dial, the numbers and the handle of a pose, below the window."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeDecoder
from tests.gui.looking import text_of
from tests.gui.made import SAVED, of_family
from vae_explorer.gui.core.decode_thread import CURSOR, INSPECT, DecodeRequest
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.pose.handle import PoseHandle
from vae_explorer.gui.features.pose.panel import PosePanel
from vae_explorer.gui.features.pose.presenter import PosePresenter
from vae_explorer.models.model_file import ModelFile
from vae_explorer.poses import UPRIGHT, Pose

SIDE = 200


class NotedDocks:
    def __init__(self) -> None:
        self.offered: dict[str, bool] = {}

    def offer(self, name: str, offered: bool) -> None:
        self.offered[name] = offered


@pytest.fixture
def panel(qtbot: QtBot) -> PosePanel:
    panel = PosePanel()
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def docks() -> NotedDocks:
    return NotedDocks()


@pytest.fixture
def decoded(qtbot: QtBot) -> DecoderPanel:
    decoded = DecoderPanel()
    qtbot.addWidget(decoded)
    return decoded


@pytest.fixture
def handle(session: Session, panel: PosePanel, docks: NotedDocks, decoded: DecoderPanel) -> PoseHandle:
    handle = PoseHandle(decoded.image_view)
    PosePresenter(panel, handle, session, docks)  # type: ignore[arg-type]
    decoded.image_view.resize(SIDE, SIDE)
    handle.setGeometry(0, 0, SIDE, SIDE)
    return handle


def press(widget: QWidget, kind: QEvent.Type, place: QPointF) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(kind, place, widget.mapToGlobal(place), left, left, none))


def drag(handle: PoseHandle, start: QPointF, end: QPointF) -> None:
    press(handle, QEvent.Type.MouseButtonPress, start)
    press(handle, QEvent.Type.MouseMove, end)


def release(handle: PoseHandle, place: QPointF) -> None:
    press(handle, QEvent.Type.MouseButtonRelease, place)


def poses(decoder: FakeDecoder, key: str) -> list[Pose | None]:
    return [each.pose for each in decoder.requests if isinstance(each, DecodeRequest) and each.key == key]


def test_that_panel_and_handle_are_for_families_with_a_pose_alone(
    session: Session, handle: PoseHandle, docks: NotedDocks, file: ModelFile
) -> None:
    for model, there in ((file, False), (of_family(file, "rotation-vae"), True), (file, False)):
        session.show_model(model, SAVED)
        assert handle.isHidden() is not there
        assert docks.offered["poseDock"] is there


def test_that_the_knob_turns_the_object_where_the_cursor_is_and_at_last_everywhere(
    session: Session, handle: PoseHandle, panel: PosePanel, decoder: FakeDecoder, file: ModelFile
) -> None:
    session.show_model(of_family(file, "rotation-vae"), SAVED)
    changes: list[bool] = []
    session.options.changed.connect(lambda: changes.append(True))
    assert handle.knob() == QPointF(100, 40)  # up
    drag(handle, handle.knob(), QPointF(20, 100))  # to the left
    assert session.options.pose.angle == pytest.approx(math.pi / 2)
    assert poses(decoder, CURSOR)[-1] == session.options.pose
    assert not changes
    release(handle, QPointF(20, 100))
    assert changes == [True]
    assert handle.knob().toPoint() == QPointF(40, 100).toPoint()
    assert text_of(panel, "pose.angleText") == "+90°"
    assert panel.dial.value() == 90


def test_that_the_middle_shifts_the_object_and_a_double_click_puts_it_back(
    session: Session, handle: PoseHandle, panel: PosePanel, file: ModelFile
) -> None:
    session.show_model(of_family(file, "rotation-vae"), SAVED)
    drag(handle, QPointF(103, 100), QPointF(153, 80))
    release(handle, QPointF(153, 80))
    assert session.options.pose == Pose(0.0, 0.5, -0.2)
    assert handle.middle() == QPointF(150, 80)
    assert (panel.right.value(), panel.down.value()) == (0.5, -0.2)
    drag(handle, QPointF(10, 10), QPointF(90, 90))  # neither the middle nor the knob
    assert session.options.pose == Pose(0.0, 0.5, -0.2)
    press(handle, QEvent.Type.MouseButtonDblClick, QPointF(10, 10))
    assert session.options.pose == UPRIGHT


def test_that_dial_and_numbers_choose_the_pose(session: Session, handle: PoseHandle, panel: PosePanel, file: ModelFile) -> None:
    session.show_model(of_family(file, "rotation-vae"), SAVED)
    panel.dial.setValue(135)
    assert session.options.pose.angle == pytest.approx(math.pi / 4)
    panel.right.setValue(0.3)
    panel.down.setValue(-0.1)
    assert (session.options.pose.right, session.options.pose.down) == (0.3, -0.1)
    QTest.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert session.options.pose == UPRIGHT
    assert (panel.dial.value(), panel.reset.isEnabled()) == (180, False)


def test_that_a_pose_is_kept_and_goes_with_its_family(session: Session, file: ModelFile) -> None:
    session.show_model(of_family(file, "rotation-vae"), SAVED)
    options, pose = session.options, Pose(0.5, 0.1, -0.2)
    options.set_pose(pose)
    kept = options.kept()
    options.set_pose(UPRIGHT)
    options.take_back(kept)
    assert options.pose == pose
    session.show_model(file, SAVED)
    options.set_pose(pose)
    assert options.pose == UPRIGHT
    assert options.request(INSPECT, np.zeros((1, 2), np.float32)).pose is None
