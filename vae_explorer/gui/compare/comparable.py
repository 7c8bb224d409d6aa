"""What of two models compares, and if not why: plain values, no widgets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vae_explorer.foreign import short
from vae_explorer.gui.compare.bar import FigureRow
from vae_explorer.gui.core.session import OpenModel
from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.card import ModelCard, measured_by
from vae_explorer.models.terms import NATS, decimals, number, term

_UNITS = {NATS: " nats"}


def why_images_differ(first: OpenModel, other: OpenModel) -> str:
    """Why code i of one is not of the image of code i of the other, as half a sentence; empty where it is."""
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


def why_figures_differ(first: ModelCard, other: ModelCard) -> str:
    """Why no figure of `other` says anything beside those of `first`, as a sentence; empty where some compare."""
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


def figure_compares(name: str, first: ModelCard, other: ModelCard) -> bool:
    """Whether figure `name` of the two says the same of both. `why_figures_differ` comes first."""
    if name not in first.metrics or name not in other.metrics or not term(name).compares:
        return False
    of_one = first.metrics.keys() ^ other.metrics.keys()
    said = (first.spec.parameters, other.spec.parameters)
    if any(name in term(each).unsettles for each in of_one):
        return False
    return all(said[0].get(each) == said[1].get(each) for each in term(name).parameters)


def figure_table(cards: Sequence[ModelCard]) -> tuple[tuple[str, ...], list[FigureRow]]:
    """Columns and a row a model: figures that compare with the first model's, with the difference from it."""
    if not cards:
        return (), []
    first, *others = cards
    reasons = [why_figures_differ(first, other) or _why_no_figure(first, other) for other in others]
    comparing = [other for other, reason in zip(others, reasons, strict=True) if not reason]
    names = [name for name in first.metrics if any(figure_compares(name, first, other) for other in comparing)]
    columns = ("likelihood", *(_title(name) for name in names)) if comparing else ()
    own = [_number(name, first) for name in names]
    rows = [FigureRow(first.name, (measured_by(first), *own)) if comparing else FigureRow(first.name, own=_own_figures(first))]
    for other, reason in zip(others, reasons, strict=True):
        shown = (measured_by(other), *(_figure(name, first, other) for name in names))
        rows.append(FigureRow(other.name, own=_own_figures(other), sentence=reason) if reason else FigureRow(other.name, shown))
    return columns, rows


def _why_no_figure(first: ModelCard, other: ModelCard) -> str:
    """Say that no figure of `other` stands beside one of `first`, as a sentence; empty where one does."""
    if any(figure_compares(name, first, other) for name in first.metrics):
        return ""
    return f"Does not compare: it has no figure that means the same as one of {short(first.name)}."


def _own_figures(card: ModelCard) -> str:
    """What was measured of a model, where there is nothing beside which it could stand in a column."""
    names = [name for name in card.metrics if term(name).compares]
    figures = (f"{term(name).title} {_number(name, card)}{_UNITS.get(term(name).unit, '')}" for name in names)
    return f"{', '.join(figures)} ({measured_by(card)})"


def _input(card: ModelCard) -> str:
    return "z and the class" if card.family.conditional else "z alone"


def _code(card: ModelCard) -> str:
    """A reconstruction term is a mean over q(z|x), or of one z, which is another thing."""
    kinds = {PosteriorKind.POINT: "a point", PosteriorKind.NONE: "searched for"}
    return kinds.get(card.family.posterior, "a distribution")


def _title(name: str) -> str:
    found = term(name)
    return f"{found.title}, nats" if found.unit == NATS else found.title


def _figure(name: str, first: ModelCard, other: ModelCard) -> str:
    if name not in other.metrics:
        return "–"
    if not figure_compares(name, first, other):
        return "does not compare"
    difference = number(other.metrics[name] - first.metrics[name], decimals(name), sign="+")
    return f"{_number(name, other)}  ({difference})"


def _number(name: str, card: ModelCard) -> str:
    return number(card.metrics[name], decimals(name), card.errors.get(name))
