"""What of two models compares, and if not why: plain values, no widgets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vae_explorer.gui.session import OpenModel
from vae_explorer.gui.views.compare_bar import FigureRow
from vae_explorer.models.card import ModelCard, measured_by
from vae_explorer.models.terms import NATS, term


def why_images_differ(first: OpenModel, other: OpenModel) -> str:
    """Why code i of one is not of the image of code i of the other, as half a sentence; empty where it is."""
    if first.card.dataset != other.card.dataset:
        return f"{other.card.name} is of {other.card.dataset}, not {first.card.dataset}"
    for model in (first, other):
        if not len(model.file.codes):
            return f"{model.card.name} has no codes"
    if not np.array_equal(first.file.codes.label, other.file.codes.label):
        return f"{other.card.name} has codes of other images than {first.card.name}"
    return ""


def why_figures_differ(first: ModelCard, other: ModelCard) -> str:
    """Why the figures of `other` say nothing beside those of `first`, as a sentence; empty where they compare."""
    pairs = (
        ("data set", first.dataset, other.dataset),
        ("likelihood", first.spec.likelihood, other.spec.likelihood),
        ("binarisation", first.binarised, other.binarised),
    )
    for what, of_first, of_other in pairs:
        if of_first != of_other:
            return f"Does not compare with {first.name}: its {what} is {of_other}, not {of_first}."
    return ""


def figure_table(cards: Sequence[ModelCard]) -> tuple[tuple[str, ...], list[FigureRow]]:
    """Columns and a row a model: figures that compare with the first model's, with the difference from it."""
    if not cards:
        return (), []
    first, *others = cards
    reasons = [why_figures_differ(first, other) for other in others]
    comparing = [other for other, reason in zip(others, reasons, strict=True) if not reason]
    names = [name for name in first.metrics if any(name in other.metrics for other in comparing)]
    columns = ("likelihood", *(_title(name) for name in names)) if comparing else ()
    rows = [FigureRow(first.name, _figures(first, first, names) if comparing else ())]
    for other, reason in zip(others, reasons, strict=True):
        rows.append(FigureRow(other.name, () if reason else _figures(first, other, names), reason))
    return columns, rows


def _title(name: str) -> str:
    found = term(name)
    return f"{found.title}, nats" if found.unit == NATS else found.title


def _figures(first: ModelCard, card: ModelCard, names: Sequence[str]) -> tuple[str, ...]:
    return (
        measured_by(card),
        *(_figure(card.metrics.get(name), None if card is first else first.metrics[name]) for name in names),
    )


def _figure(value: float | None, beside: float | None) -> str:
    if value is None:
        return "–"
    difference = f"  ({value - beside:+.2f})" if beside is not None else ""
    return f"{value:.2f}{difference}".replace("-", "−")
