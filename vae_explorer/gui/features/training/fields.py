"""The widgets of the training dialog."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from vae_explorer.gui.kit.widgets import label
from vae_explorer.models.spec import Parameter

_DECIMALS = 4
_TEXT_WIDTH = 360
_NUMBER_PADDING = 8  # pixels of height, so that no digit is cut


@dataclass(frozen=True, slots=True)
class ParameterField:
    parameter: Parameter
    box: QDoubleSpinBox
    row: QWidget  # the box above its help


def wrapped(name: str) -> QLabel:
    words = label("muted", name=name)
    words.setWordWrap(True)
    words.setFixedWidth(_TEXT_WIDTH)
    return words


def text_field(name: str, title: str) -> QLineEdit:
    line = QLineEdit()
    line.setObjectName(name)
    line.setAccessibleName(title)
    return line


def set_wrapped_text(words: QLabel, text: str) -> None:
    """Set text and height, because QFormLayout ignores the height of wrapped text."""
    words.setText(text)
    words.setFixedHeight(words.heightForWidth(_TEXT_WIDTH))


def choice(name: str, items: dict[str, str]) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    fill(combo, items)
    return combo


def fill(combo: QComboBox, items: dict[str, str]) -> None:
    """Offer `items`, and keep the chosen item if possible."""
    chosen = combo.currentData()
    with QSignalBlocker(combo):
        combo.clear()
        for data, text in items.items():
            combo.addItem(text, data)
        combo.setCurrentIndex(max(combo.findData(chosen), 0))


def offer(combo: QComboBox, items: dict[str, str], usual_before: str | None, usual: str) -> None:
    """Offer `items` of another family or data set. A chosen item stays; the usual item gives way to the new usual item."""
    chosen = combo.currentData()
    fill(combo, items)
    if chosen == usual_before:
        combo.setCurrentIndex(combo.findData(usual))


def parameter_field(parameter: Parameter, name: str) -> ParameterField:
    box, row = _number(parameter, name), QWidget()
    words = wrapped(f"{name}.help")
    layout = QVBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    layout.addWidget(box)
    layout.addWidget(words)
    set_wrapped_text(words, parameter.help)
    return ParameterField(parameter, box, row)


def _number(parameter: Parameter, name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setObjectName(name)
    box.setDecimals(0 if parameter.whole else _DECIMALS)
    box.setRange(parameter.minimum, parameter.maximum)
    box.setSingleStep(1 if parameter.whole else 0.1)
    if not parameter.whole:
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
    box.setValue(parameter.default)
    box.setSuffix(f"  {parameter.unit}" if parameter.unit else "")
    box.setAccessibleName(parameter.title)
    box.setMinimumHeight(box.fontMetrics().height() + _NUMBER_PADDING)
    return box


def side_by_side(left: QWidget, right: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(left, 1)
    layout.addWidget(right, 1)
    return row


def whole_number(name: str, low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setObjectName(name)
    box.setRange(low, high)
    box.setMinimumHeight(box.fontMetrics().height() + _NUMBER_PADDING)
    return box
