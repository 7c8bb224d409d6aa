"""The field of the training dialog that shows an option, made from the option's record. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QCheckBox, QWidget

from vae_explorer.gui.features.training.fields import choice, parameter_field, text_field, whole
from vae_explorer.gui.kit.plain import literal
from vae_explorer.models.spec import Parameter
from vae_explorer.training.options import Option, Tick

_MOST = 2**31 - 1  # of a whole number without limits


@dataclass(frozen=True, slots=True)
class OptionField:
    """An option's widget, and how to read and write its value."""

    record: Option
    row: QWidget
    read: Callable[[], Any]
    write: Callable[[Any], None]
    changed: SignalInstance


def option_field(name: str, record: Option) -> OptionField:
    """The field that suits the option's type, with the option's default."""
    called = f"train{''.join(part.capitalize() for part in name.split('_'))}"
    if record.tick is not None:
        return _tick(called, record, record.tick)
    if record.words or record.offered:
        return _choice(called, record)
    if record.type is float:
        return _number(called, name, record)
    return _whole(called, record) if record.type is int else _text(called, record)


def _tick(called: str, record: Option, tick: Tick) -> OptionField:
    box = QCheckBox(literal(tick.words))
    box.setObjectName(called)
    box.setToolTip(record.tip)
    box.setChecked(record.default != tick.off)
    return OptionField(
        record,
        box,
        lambda: tick.on if box.isChecked() else tick.off,
        lambda value: box.setChecked(value != tick.off),
        box.toggled,
    )


def _choice(called: str, record: Option) -> OptionField:
    box = choice(called, {word: record.lettering(word) for word in record.words or record.offered})
    box.setToolTip(record.tip)
    box.setCurrentIndex(max(box.findData(str(record.default)), 0))
    return OptionField(
        record,
        box,
        box.currentData,
        lambda value: box.setCurrentIndex(box.findData(str(value))),
        box.currentIndexChanged,
    )


def _number(called: str, name: str, record: Option) -> OptionField:
    low, high = record.limits or (-float(_MOST), float(_MOST))
    made = parameter_field(Parameter(name, "", record.default, low, high, record.tip or record.help), called)
    if record.default == low:
        made.box.setSpecialValueText(made.box.tr("off"))
    return OptionField(record, made.row, made.box.value, made.box.setValue, made.box.valueChanged)


def _whole(called: str, record: Option) -> OptionField:
    low, high = record.limits or (-_MOST, _MOST)
    box = whole(called, int(low), int(high))
    box.setToolTip(record.tip)
    box.setValue(record.default)
    return OptionField(record, box, box.value, box.setValue, box.valueChanged)


def _text(called: str, record: Option) -> OptionField:
    line = text_field(called, record.title)
    line.setToolTip(record.tip)
    line.setText(str(record.default))
    return OptionField(record, line, line.text, line.setText, line.textChanged)
