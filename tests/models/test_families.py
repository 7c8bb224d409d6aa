"""What the table of families says of each: its formula holds its parameters, and the README says the same."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.readme import GUIDE
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.formula import Formula, FormulaTerm, Words
from vae_explorer.models.likelihoods import LIKELIHOODS

NO_PART_OF_THE_FORMULA = {"warm_up", "steps_from", "regularisation", "mask", "noise"}  # how it is trained, and what x̃ is


@pytest.mark.parametrize("name", list(FAMILIES))
def test_that_a_formula_holds_the_symbols_of_the_parameters(name: str) -> None:
    family = FAMILIES[name]
    for parameter in family.parameters:
        assert (parameter.symbol in family.formula) != (parameter.name in NO_PART_OF_THE_FORMULA), parameter.name


@pytest.mark.parametrize("name", list(FAMILIES))
def test_that_every_parameter_has_words_and_not_a_symbol_alone(name: str) -> None:
    parameters = [*FAMILIES[name].parameters, *(each for kind in LIKELIHOODS for each in LIKELIHOODS[kind].parameters)]
    for parameter in parameters:
        assert re.search(r"[A-Za-z]{3,}", parameter.title), parameter.name
        assert parameter.help.endswith(".")


@pytest.mark.parametrize("name", list(FAMILIES))
def test_that_the_readme_has_the_row_of_the_table(name: str) -> None:
    family = FAMILIES[name]
    formula = family.formula.replace("|", "\\|")
    assert f"\n| `{name}` {family.title} | {formula} | {family.source} |\n" in GUIDE["families"]


@pytest.mark.parametrize("name", list(FAMILIES))
def test_that_a_line_of_the_formula_ends_between_terms_alone(name: str) -> None:
    family = FAMILIES[name]
    lines = re.split(r"[ |‖/](?!\u2060)", family.formula_by_terms)
    for line in lines:
        assert line.count("(") == line.count(")"), line
        assert not line.endswith(("log", "·", "/", "Σ_l", "Σ_k", "Π_t")), line
        assert not line.startswith(("·", "/", "‖", "~")), line
    assert family.formula_by_terms.replace("\u00a0", " ").replace("\u2060", "") == family.formula


@pytest.mark.parametrize("name", list(FAMILIES))
def test_that_the_terms_of_a_formula_are_terms_of_the_family(name: str) -> None:
    family = FAMILIES[name]
    named = {piece.name for piece in family.minimises if isinstance(piece, FormulaTerm) and piece.name}
    assert named <= set(family.terms)
    assert named & set(family.terms) or name == "gan"


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ((), ""),
        ((FormulaTerm("a b"),), "a_b"),
        ((FormulaTerm("a", sign="−"), FormulaTerm("b", sign="−", weight="w"), FormulaTerm("c")), "−a − w_·_b + c"),
        ((Words("at first"), FormulaTerm("a", sign="−"), Words("; then b,"), FormulaTerm("c")), "at first −a; then b, c"),
        ((FormulaTerm("a"), Words("of two"), Words(", more")), "a of two, more"),
    ],
)
def test_that_a_formula_is_written_from_its_terms(formula: Formula, wanted: str) -> None:
    family = replace(FAMILIES["vae"], minimises=formula)
    assert family.formula_by_terms.replace("\u2060", "").replace("\u00a0", "_") == wanted
    assert family.formula == wanted.replace("_", " ")


@pytest.mark.parametrize("name", list(FAMILIES))
def test_that_a_game_is_what_has_a_discriminator(name: str) -> None:
    assert FAMILIES[name].is_game == ("discriminator" in FAMILIES[name].terms)
