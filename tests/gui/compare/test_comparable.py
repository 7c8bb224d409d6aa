"""Which metrics of two models stand side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vae_explorer.gui.compare.comparable import metric_table
from vae_explorer.models.card import ModelCard, measured_by
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.model_file import read_card


def card(family: str, **parameters: float) -> ModelCard:
    """A card of a family with a metric of each of its terms: −1, −2, … in their order."""
    base = read_card(pretrained_models()["mnist-vae"])
    metrics = {name: -1.0 - place for place, name in enumerate(FAMILIES[family].terms)}
    classes = 10 if FAMILIES[family].conditional else 0
    spec = replace(base.spec, family=family, parameters=parameters, classes=classes)
    return replace(base, name=family, spec=spec, metrics=metrics)


def titles(*cards: ModelCard) -> tuple[str, ...]:
    columns, _ = metric_table(cards)
    return columns[1:]


def test_that_what_two_networks_of_different_models_say_is_not_compared() -> None:
    assert titles(card("dfc-vae"), card("vae-gan")) == ("reconstruction term, nats", "KL term, nats", "ELBO, nats")
    shown = titles(card("aae"), card("aae"))
    assert "discriminator, nats" not in shown
    assert "adversarial term, nats" not in shown
    assert "mismatch with the prior" in shown


@pytest.mark.parametrize(
    ("first", "other", "reason"),
    [
        ("vae", "cvae", "its decoder's input is z and the class, not z alone"),
        ("vae", "ae", "its code of an image is a point, not a distribution"),
        ("ae", "gan", "its code of an image is searched for, not a point"),
    ],
)
def test_that_terms_of_one_name_and_another_meaning_do_not_compare(first: str, other: str, reason: str) -> None:
    columns, rows = metric_table([card(first), card(other)])
    assert not columns
    assert [row.cells for row in rows] == [(), ()]
    assert rows[1].reason == f"Does not compare: {reason}."


def test_that_metrics_that_stand_alone_are_said_to_be_given_the_class() -> None:
    _, (_, row) = metric_table([card("vae"), card("cvae")])
    assert "ELBO given the class −" in row.own
    assert row.own.endswith(f"({measured_by(card('cvae'))})")


def test_that_a_flow_compares_with_an_ellipse() -> None:
    assert titles(card("vae"), card("iaf-vae")) == ("ELBO, nats", "reconstruction term, nats", "KL term, nats")


def test_that_the_kl_term_of_one_layer_is_not_compared_with_that_of_all() -> None:
    assert titles(card("vae"), card("hierarchical-vae")) == ("ELBO, nats",)
    assert len(titles(card("hierarchical-vae"), card("hierarchical-vae"))) == 4


def test_that_bounds_of_different_numbers_of_draws_are_not_compared() -> None:
    bound = "importance weighted bound, nats"
    assert bound in titles(card("iwae", draws=5.0), card("iwae", draws=5.0))
    assert bound not in titles(card("iwae", draws=5.0), card("iwae", draws=50.0))
    columns, rows = metric_table([card("iwae", draws=5.0), card("iwae", draws=50.0), card("iwae", draws=5.0)])
    place = columns.index(bound)
    assert [row.cells[place] for row in rows] == ["−1.00", "does not compare", "−1.00  (+0.00)"]


def test_that_denoising_terms_compare_where_the_noise_is_the_same() -> None:
    noise = {"mask": 0.3, "noise": 0.0}
    assert "denoising term, nats" in titles(card("denoising-ae", **noise), card("denoising-ae", **noise))
    assert "denoising term, nats" not in titles(card("denoising-ae", **noise), card("denoising-ae", mask=0.5, noise=0.0))


def test_that_metrics_without_nats_have_four_decimals() -> None:
    first, other = card("info-vae"), card("info-vae")
    first, other = replace(first, metrics={"mmd": 0.0056}), replace(other, metrics={"mmd": 0.0051})
    columns, rows = metric_table([first, other])
    assert columns[1:] == ("MMD²",)
    assert [row.cells[1] for row in rows] == ["0.0056", "0.0051  (−0.0005)"]


def test_that_the_reconstruction_of_two_layers_stands_beside_none_of_one() -> None:
    """Its price lies in the KL term of the lower layer."""
    first, other = (replace(card("vae"), metrics={"elbo": -100.0, "reconstruction": -95.0, "kl": 5.0}) for _ in range(2))
    other = replace(other, metrics=other.metrics | {"kl_lower": 12.0})
    assert metric_table([first, other])[0][1:] == ("ELBO, nats",)


def test_that_the_elbo_and_its_terms_of_a_model_trained_for_another_bound_are_not_ranked() -> None:
    plain = replace(card("vae"), metrics={"elbo": -100.0, "reconstruction": -95.0, "kl": 5.0})
    weighted = replace(card("iwae", draws=5.0), metrics={"iwae": -98.0, "elbo": -105.0, "reconstruction": -99.0, "kl": 6.0})
    columns, rows = metric_table([plain, weighted])
    assert not columns
    assert rows[1].reason == "Does not compare: it shares no metric with vae."
    assert rows[1].own.startswith("importance weighted bound −98.00 nats")
    assert len(metric_table([weighted, weighted])[0]) == 5
