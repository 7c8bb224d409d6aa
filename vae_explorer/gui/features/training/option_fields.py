"""The fields of the training dialog that are made from records of options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QCheckBox, QWidget

from vae_explorer.gui.features.training.fields import choice, parameter_field, text_field, whole_number
from vae_explorer.gui.kit.plain import literal
from vae_explorer.models.spec import Parameter
from vae_explorer.training.options import Option, Tick

_MAX = 2**31 - 1  # for whole numbers without limits


@dataclass(frozen=True, slots=True)
class OptionField:
    record: Option
    row: QWidget
    read: Callable[[], Any]
    write: Callable[[Any], None]
    changed: SignalInstance


def option_field(name: str, record: Option) -> OptionField:
    """Make the field for the option's type, with its default."""
    object_name = f"train{''.join(word.capitalize() for word in name.split('_'))}"
    if record.tick is not None:
        return _tick(object_name, record, record.tick)
    if record.words or record.offered:
        return _choice(object_name, record)
    if record.type is float:
        return _number(object_name, name, record)
    return _whole(object_name, record) if record.type is int else _text(object_name, record)


def _tick(object_name: str, record: Option, tick: Tick) -> OptionField:
    box = QCheckBox(literal(tick.words))
    box.setObjectName(object_name)
    box.setToolTip(record.tip)
    box.setChecked(record.default != tick.off)
    return OptionField(
        record,
        box,
        lambda: tick.on if box.isChecked() else tick.off,
        lambda value: box.setChecked(value != tick.off),
        box.toggled,
    )


def _choice(object_name: str, record: Option) -> OptionField:
    box = choice(object_name, {word: record.lettering(word) for word in record.words or record.offered})
    box.setToolTip(record.tip)
    box.setCurrentIndex(max(box.findData(str(record.default)), 0))
    return OptionField(
        record,
        box,
        box.currentData,
        lambda value: box.setCurrentIndex(box.findData(str(value))),
        box.currentIndexChanged,
    )


def _number(object_name: str, name: str, record: Option) -> OptionField:
    low, high = record.limits or (-float(_MAX), float(_MAX))
    field = parameter_field(Parameter(name, "", record.default, low, high, record.tip or record.help), object_name)
    if record.default == low:
        field.box.setSpecialValueText(field.box.tr("off"))
    return OptionField(record, field.row, field.box.value, field.box.setValue, field.box.valueChanged)


def _whole(object_name: str, record: Option) -> OptionField:
    low, high = record.limits or (-_MAX, _MAX)
    box = whole_number(object_name, int(low), int(high))
    box.setToolTip(record.tip)
    box.setValue(record.default)
    return OptionField(record, box, box.value, box.setValue, box.valueChanged)


def _text(object_name: str, record: Option) -> OptionField:
    line = text_field(object_name, record.title)
    line.setToolTip(record.tip)
    line.setText(str(record.default))
    return OptionField(record, line, line.text, line.setText, line.textChanged)
