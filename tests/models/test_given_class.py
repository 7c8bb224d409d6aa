"""Sentences and symbols have slots that a conditional model fills with the class."""

from __future__ import annotations

import json
import re

import pytest

from vae_explorer import locations
from vae_explorer.models.metrics import IMAGE_METRICS
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.terms import TERMS, given_class

PLAIN = ModelSpec("vae", "mlp", (4, 4, 1), (3,))
TOLD = ModelSpec("cvae", "mlp", (4, 4, 1), (3,), classes=10)
HELP = json.loads((locations.resources() / "help" / "analysis.json").read_text(encoding="utf-8"))
WORDS = [
    *(words for name in IMAGE_METRICS for words in (IMAGE_METRICS[name].title, IMAGE_METRICS[name].help)),
    *(TERMS[name].symbol for name in ("reconstruction", "kl")),
    *(TERMS[name].of_points for name in TERMS if TERMS[name].of_points),
    *(HELP[name].replace("{nats}", "−1.0").replace("{bits}", "") for name in ("drawn", "hidden")),
]


@pytest.mark.parametrize("words", WORDS)
def test_that_every_density_is_given_the_class_of_a_conditional_model(words: str) -> None:
    plain, told = given_class(words, PLAIN), given_class(words, TOLD)
    assert given_class(words, None) == plain
    assert not re.search(r"[{}]", plain + told)
    for density, with_class in (("p(x)", "p(x|c)"), ("p(x|z)", "p(x|z,c)"), ("(z|x)", "(z|x,c)")):
        assert density not in told
        assert plain.count(density) == told.count(with_class)
        assert with_class not in plain


def test_that_other_slots_are_filled_beside_those_of_the_class() -> None:
    assert given_class("log p(x{given}) = {nats}", TOLD, nats="−2") == "log p(x|c) = −2"
