"""Says which metrics of two models compare, and why others do not: plain values, no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vae_explorer.foreign import short
from vae_explorer.gui.core.session import OpenModel
from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.card import ModelCard, measured_by
from vae_explorer.models.terms import NATS, decimals, in_bits, number, term

_UNITS = {NATS: " nats"}


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A model's row: one text a column, or the model's `own` metrics where none compares, and `reason` as a sentence."""

    model: str
    cells: tuple[str, ...] = ()
    own: str = ""
    reason: str = ""


def why_images_differ(first: OpenModel, other: OpenModel) -> str:
    """Return why codes of one index are not of one image in both models, as half a sentence; empty where they are."""
    first_name, other_name = short(first.name), short(other.name)
    if first.card.dataset != other.card.dataset:
        return f"{other_name} is of {short(other.card.dataset)}, not {short(first.card.dataset)}"
    for model in (first, other):
        if not len(model.file.codes):
            return f"{short(model.name)} has no codes"
    codes, others = first.file.codes, other.file.codes
    if not (np.array_equal(codes.label, others.label) and np.array_equal(codes.split, others.split)):
        return f"{other_name} has codes of other images than {first_name}"
    return ""


def why_metrics_differ(first: ModelCard, other: ModelCard) -> str:
    """Return why no metric of `other` compares with a metric of `first`, as a sentence; empty where some may."""
    pairs = (
        ("data set", first.dataset, other.dataset),
        ("likelihood", first.spec.likelihood, other.spec.likelihood),
        ("binarisation", first.binarised, other.binarised),
        ("decoder's input", _input(first), _input(other)),
        ("code of an image", _code(first), _code(other)),
    )
    for what, of_first, of_other in pairs:
        if of_first != of_other:
            return f"Does not compare: its {what} is {of_other}, not {of_first}."
    return ""


def metric_compares(name: str, first: ModelCard, other: ModelCard) -> bool:
    """Return whether a metric means the same in both models, for which `why_metrics_differ` is empty."""
    if name not in first.metrics or name not in other.metrics or not term(name).compares:
        return False
    of_one_model = first.metrics.keys() ^ other.metrics.keys()
    if any(name in term(each).unsettles for each in of_one_model):
        return False
    parameters = (first.spec.parameters, other.spec.parameters)
    return all(parameters[0].get(each) == parameters[1].get(each) for each in term(name).parameters)


def metric_table(cards: Sequence[ModelCard]) -> tuple[tuple[str, ...], list[MetricRow]]:
    """Return titles of columns, and a row a model. Rows after the first add the difference from the first model."""
    if not cards:
        return (), []
    first, *others = cards
    reasons = [why_metrics_differ(first, other) or _why_no_metric(first, other) for other in others]
    comparing = [other for other, reason in zip(others, reasons, strict=True) if not reason]
    names = [name for name in first.metrics if any(metric_compares(name, first, other) for other in comparing)]
    columns = ("likelihood", *(_title(name) for name in names)) if comparing else ()
    cells = (measured_by(first), *(_number(name, first) for name in names))
    rows = [MetricRow(first.name, cells) if comparing else MetricRow(first.name, own=_own_metrics(first))]
    for other, reason in zip(others, reasons, strict=True):
        cells = (measured_by(other), *(_cell(name, first, other) for name in names))
        rows.append(MetricRow(other.name, own=_own_metrics(other), reason=reason) if reason else MetricRow(other.name, cells))
    return columns, rows


def _why_no_metric(first: ModelCard, other: ModelCard) -> str:
    """Return that no metric of the two models compares, as a sentence; empty where one does."""
    if any(metric_compares(name, first, other) for name in first.metrics):
        return ""
    return f"Does not compare: it shares no metric with {short(first.name)}."


def _own_metrics(card: ModelCard) -> str:
    names = [name for name in card.metrics if term(name).compares]
    metrics = (f"{term(name).title} {_number(name, card, _UNITS.get(term(name).unit, ''))}" for name in names)
    return f"{', '.join(metrics)} ({measured_by(card)})"


def _input(card: ModelCard) -> str:
    return "z and the class" if card.family.conditional else "z alone"


def _code(card: ModelCard) -> str:
    """A reconstruction term of a posterior is a mean over q(z|x), of a point it is a value at z."""
    kinds = {PosteriorKind.POINT: "a point", PosteriorKind.NONE: "searched for"}
    return kinds.get(card.family.posterior, "a distribution")


def _title(name: str) -> str:
    found = term(name)
    return f"{found.title}, nats" if found.unit == NATS else found.title


def _cell(name: str, first: ModelCard, other: ModelCard) -> str:
    if name not in other.metrics:
        return "–"
    if not metric_compares(name, first, other):
        return "does not compare"
    difference = number(other.metrics[name] - first.metrics[name], decimals(name), sign="+")
    return f"{_number(name, other)}  ({difference})"


def _number(name: str, card: ModelCard, unit: str = "") -> str:
    value, error = card.metrics[name], card.errors.get(name)
    return number(value, decimals(name), error) + unit + in_bits(name, value, error, card.spec)
