"""Checks the families of other packages. Knows no torch."""

from __future__ import annotations

from vae_explorer.models.bodies import BODIES
from vae_explorer.models.formula import FormulaTerm, Words
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.spec import Family, Parameter, Switch


def family_of(value: object) -> Family:
    """Return the `Family` that an entry point of the group `vae_explorer.families` names, or that its function returns.

    Raises `TypeError` or `ValueError` on a family that the program cannot offer, and whatever the function raises.
    """
    family = value() if callable(value) else value
    if not isinstance(family, Family):
        raise TypeError(f"{type(family).__name__} is no Family")
    _check_types(family)
    module, _, name = family.target.partition(":")
    if not module or not name.isidentifier():
        raise ValueError(f"its target {family.target!r} is not written 'module:Class'")
    for what, names, table in (("body", family.bodies, BODIES), ("likelihood", family.likelihoods, LIKELIHOODS)):
        if not names:
            raise ValueError(f"it names no {what}")
        for each in names:
            table[each]
    _check_numbers(family)
    return family


def _check_types(family: Family) -> None:
    """Raise `TypeError` if a field has another type."""
    words = (family.title, family.target, family.source, family.note, *family.terms, *family.bodies, *family.likelihoods)
    rows = ((family.minimises, FormulaTerm | Words), (family.parameters, Parameter), (family.switches, Switch))
    good = all(isinstance(each, str) for each in words) and isinstance(family.learning_rate, float)
    if not good or not all(isinstance(each, kind) for row, kind in rows for each in row) or not family.formula_by_terms:
        raise TypeError("a field of its Family has another type")
    if not family.terms:
        raise ValueError("it has no terms; name the term that judges its models")


def _check_numbers(family: Family) -> None:
    if not 0 < family.learning_rate < 1:
        raise ValueError(f"its learning rate {family.learning_rate} is not between 0 and 1")
    for parameter in family.parameters:
        if not parameter.name.isidentifier() or parameter.refusal(parameter.default):
            raise ValueError(f"its parameter {parameter.name!r} has no name of letters, or a default out of its range")
