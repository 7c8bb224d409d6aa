"""What Health says of made codes whose verdict is known: by verdict, and by what the family can do about it. No window."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

import vae_explorer as vx
from vae_explorer import locations
from vae_explorer.gui.features.health.presenter import health_sentence
from vae_explorer.latent.health import Health, Verdict, health
from vae_explorer.models.families import FAMILIES

SENTENCES: dict[str, str] = json.loads((locations.resources() / "help" / "health.json").read_text("utf-8"))


def said(verdict: Verdict, family: str) -> str:
    known = Health((True, True), None, (0.0, 0.0), (1.0, 1.0), verdict, distance=0.1234, marginal_kl=4.2)
    return health_sentence(SENTENCES, known, family)


@pytest.mark.parametrize(("verdict", "family"), list(product(Verdict, FAMILIES)))
def test_that_a_sentence_names_no_parameter_that_the_family_has_not(verdict: Verdict, family: str) -> None:
    words = said(verdict, family)
    symbols = {parameter.symbol for parameter in FAMILIES[family].parameters}
    for symbol in ("β", "α", "λ", "ρ", "KL warm-up"):
        assert symbol not in words or symbol in symbols


@pytest.mark.parametrize(
    ("active", "verdict", "words"),
    [
        ((True,), Verdict.WELL, "The latent is in use, and"),
        ((True, True), Verdict.WELL, "Both dimensions are in use, and"),
        ((True,) * 20, Verdict.WELL, "All 20 latents are in use, and"),
        ((True,) * 12 + (False,) * 8, Verdict.HALF_COLLAPSED, "12 of 20 latents are in use. In the others q(z|x) is nearly"),
        ((True, False), Verdict.HALF_COLLAPSED, "One dimension has collapsed"),
        ((True,) * 3 + (False,) * 2, Verdict.IN_PLACE, "3 of 5 latents are in use"),
        ((True, False, False), Verdict.ONE_LINE, "1 of 3 latents are in use"),
    ],
)
def test_that_sentences_fit_the_number_of_latents(active: tuple[bool, ...], verdict: Verdict, words: str) -> None:
    nothing = (0.0,) * len(active)
    known = Health(active, nothing, nothing, nothing, verdict, marginal_kl=0.1)
    sentence = health_sentence(SENTENCES, known, "vae")
    assert sentence.startswith(words)
    assert len(active) == 2 or "imension" not in sentence


def test_that_each_verdict_and_no_other_has_a_sentence() -> None:
    verdicts = {verdict.value for verdict in Verdict}
    assert verdicts <= set(SENTENCES)
    assert all("," in name or name == "longer" for name in set(SENTENCES) - verdicts)


def test_that_a_family_trained_by_a_game_is_told_of_the_game() -> None:
    words = said(Verdict.GAME_OFF, "aae")
    assert "the game has not brought them to the prior (energy distance 0.12" in words
    assert "Raise ρ" in words
    assert "nothing keeps them" not in words


def test_that_a_hole_is_said_with_its_number() -> None:
    assert "KL(q(z) ‖ p(z)) is 4.20 nats" in said(Verdict.HOLES, "vae")


@pytest.mark.parametrize(
    ("name", "verdict"), [("mnist-aae", Verdict.GAME_OFF), ("mnist-ae", Verdict.POINTS_OFF), ("mnist-vae", Verdict.IN_USE)]
)
def test_that_the_stored_codes_have_the_verdict_of_their_family(name: str, verdict: Verdict) -> None:
    family = {"mnist-aae": "aae", "mnist-ae": "ae", "mnist-vae": "vae"}[name]
    codes = vx.codes(name)
    assert health(np.asarray(codes.mean), np.asarray(codes.std), FAMILIES[family].codes_are).verdict is verdict


def test_that_a_number_on_its_way_is_not_said_to_be_unknown() -> None:
    known = Health((True, True), None, (0.0, 0.0), (1.0, 1.0), Verdict.IN_USE)
    assert health_sentence(SENTENCES, known, "vae", pending=True).endswith("is being computed.")
    assert health_sentence(SENTENCES, known, "vae").endswith("is not known.")
