"""What the model panel and the class wheel show of a model, below the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.looking import find, text_of
from tests.gui.made import SAVED, of_family, without_classes
from vae_explorer.codes import Codes
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.model.presenter import ClassWheelPresenter, ModelPresenter
from vae_explorer.gui.kit.class_wheel import ClassWheel
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> ModelPanel:
    panel = ModelPanel()
    qtbot.addWidget(panel)
    ModelPresenter(panel, session)
    return panel


@pytest.fixture
def wheel(session: Session) -> Iterator[ClassWheel]:
    """The wheel, in a window that is not shown."""
    window = QWidget()
    wheel = ClassWheel("classWheel", window)
    ClassWheelPresenter(wheel, session)
    yield wheel
    window.deleteLater()


def test_that_the_wheel_is_there_for_conditional_models_alone(session: Session, wheel: ClassWheel, file: ModelFile) -> None:
    for model, there in ((file, False), (of_family(file, "cvae"), True), (file, False)):
        session.show_model(model, SAVED)
        assert wheel.isHidden() is not there


def test_that_the_wheel_chooses_the_class_and_shows_it(session: Session, wheel: ClassWheel, file: ModelFile) -> None:
    session.show_model(of_family(file, "cvae"), SAVED)
    QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.point_of(7).toPoint())
    assert session.options.label == 7
    assert wheel.accessibleName() == "Decoded as class 7"
    session.options.set_label(2)
    assert wheel.accessibleName() == "Decoded as class 2"
    QTest.keyClick(wheel, Qt.Key.Key_Right)
    assert session.options.label == 3


def test_that_switches_are_those_of_the_family(session: Session, panel: ModelPanel, file: ModelFile) -> None:
    session.show_model(of_family(file, "hierarchical-vae"), SAVED)
    box = find(panel, QCheckBox, "switch.lower_sampled")
    box.click()
    assert session.options.switches == {"lower_sampled"}
    session.options.set_switch("lower_sampled", False)
    assert not box.isChecked()
    session.show_model(file, SAVED)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert panel.findChild(QCheckBox, "switch.lower_sampled") is None


def test_that_a_model_has_the_name_of_its_file_and_says_that_of_its_training(
    session: Session, panel: ModelPanel, file: ModelFile
) -> None:
    session.show_model(of_family(file, "beta-vae"), Path("other.safetensors"))
    assert text_of(panel, "modelTitle") == "other"
    facts = text_of(panel, "modelFacts")
    assert facts.startswith("trained as beta-vae\nbeta-vae on digits\nmlp 6–6, β = 4")
    session.show_model(file)
    assert text_of(panel, "modelTitle") == "digits-vae"
    assert "trained as" not in text_of(panel, "modelFacts")


def test_that_the_legend_counts_the_codes_of_each_class(
    session: Session, panel: ModelPanel, file: ModelFile, codes: Codes
) -> None:
    session.show_model(file, SAVED)
    assert panel.legend.classes == file.card.classes
    for number, count in enumerate(np.bincount(codes.label)):
        box = find(panel, QCheckBox, f"class{number}")
        assert box.text() == str(number)
        assert [label.text() for label in box.parentWidget().findChildren(QLabel)] == [str(count)]


def test_that_images_without_classes_have_no_legend(session: Session, panel: ModelPanel, file: ModelFile) -> None:
    session.show_model(file, SAVED)
    assert not panel.legend.isHidden()
    assert panel.colour.itemText(0) == "By class"
    session.show_model(without_classes(file), SAVED)
    assert panel.legend.isHidden()
    assert panel.colour.itemText(0) == "One colour"
