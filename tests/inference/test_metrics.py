"""Figures of many images, against the engine asked for one and against other ways to the same number."""

from __future__ import annotations

import numpy as np
import pytest

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from tests.inference.linear_model import LinearModel
from vae_explorer import locations
from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.line_engine import LineEngine
from vae_explorer.inference.metrics import MetricCalculator, MetricChunk
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import Binarised
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.measure import measured_images
from vae_explorer.models.metrics import IMAGE_METRICS, help_for, metrics_of, title_for, why_no_more

FEW = slice(0, 6)


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return vx.load("digits-vae")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    test = load_dataset("digits", Fetching(locations.data(None), False)).test.images
    return measured_images(test, Binarised.DYNAMIC).numpy().reshape(test.shape)[FEW]


def in_order(parts: list[MetricChunk], name: str) -> np.ndarray:
    rows = np.concatenate([part.rows for part in parts])
    return np.concatenate([part.values[name] for part in parts])[np.argsort(rows)]


@pytest.mark.parametrize("figure", IMAGE_METRICS.names())
def test_that_each_figure_is_that_of_the_image_alone(model: TrainedModel, images: np.ndarray, figure: str) -> None:
    label = np.zeros(len(images), np.uint8)
    codes = model.encode(images).mean
    found = in_order(list(MetricCalculator(model).stream(figure, images, label, codes)), figure)
    engine = EvidenceEngine(model)
    alone = [engine.gaps(image) for image in images]
    wanted = {
        "log_evidence": [float(evidence.log_evidence[0]) for evidence, _ in alone],
        "elbo": [float(evidence.elbo[0]) for evidence, _ in alone],
        "reconstruction_error": [-float(evidence.reconstruction[0]) for evidence, _ in alone],
        "amortisation_gap": [float(gaps.amortisation[0]) for _, gaps in alone],
        "approximation_gap": [float(gaps.approximation[0]) for _, gaps in alone],
        "posterior_area": [engine.posterior(image).area for image in images],
    }[figure]
    assert found == pytest.approx(wanted, rel=0.03 if figure == "posterior_area" else 0, abs=2e-3)


@pytest.mark.parametrize("figure", metrics_of(FAMILIES["vae"], 1))
def test_that_one_latent_has_exact_figures(figure: str) -> None:
    model = small_model(latents=1)
    images, label = some_images(model, 70), np.zeros(70, np.uint8)
    evidence, gaps = LineEngine(model).gaps(images)
    wanted = {
        "log_evidence": evidence.log_evidence,
        "elbo": evidence.elbo,
        "reconstruction_error": -evidence.reconstruction,
        "amortisation_gap": gaps.amortisation,
        "approximation_gap": gaps.approximation,
    }[figure]
    found = in_order(list(MetricCalculator(model).stream(figure, images, label, np.zeros((70, 1), np.float32))), figure)
    assert found == pytest.approx(wanted, abs=1e-5)


def test_that_twenty_latents_have_estimates() -> None:
    linear = LinearModel(20)
    images, label = linear.images(40), np.zeros(40, np.uint8)
    calculator = MetricCalculator(linear.model)
    found = {}
    for figure in metrics_of(FAMILIES["vae"], 20):
        found[figure] = in_order(list(calculator.stream(figure, images, label, np.zeros((40, 20), np.float32))), figure)
    assert found["log_evidence"] == pytest.approx(linear.log_evidence(images), abs=0.8)
    assert found["log_evidence"].mean() == pytest.approx(linear.log_evidence(images).mean(), abs=0.1)
    gaps = found["amortisation_gap"] + found["approximation_gap"]
    assert (found["elbo"] + gaps).mean() == pytest.approx(linear.log_evidence(images).mean(), abs=0.5)
    assert "posterior_area" not in found


@pytest.mark.parametrize(("latents", "title"), [(1, "log p(x)"), (2, "log p(x)"), (3, "log p(x), estimate")])
def test_that_estimates_are_called_so(latents: int, title: str) -> None:
    spec = small_model(latents=latents).card.spec
    assert title_for("log_evidence", spec) == title
    assert ("estimated by draws" in help_for("log_evidence", spec)) == (latents > 2)
    assert bool(why_no_more(FAMILIES["vae"], latents)) == (latents != 2)


@pytest.mark.parametrize("figure", ["elbo", "reconstruction_error"])
def test_that_a_metric_of_the_encoder_waits_for_no_quadrature_over_the_plane(
    model: TrainedModel, images: np.ndarray, figure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the plane is decoded")

    for name in ("warm", "log_joint", "highest"):
        monkeypatch.setattr(DecodedLattice, name, refuse)
    label, codes = np.zeros(len(images), np.uint8), model.encode(images).mean
    found = list(MetricCalculator(model).stream(figure, images, label, codes))
    assert np.isfinite(in_order(found, figure)).all()
    assert all(part.exact.all() for part in found)


def test_that_a_code_that_is_a_point_is_decoded_where_it_lies(images: np.ndarray) -> None:
    model = vx.load("mnist-ae")
    shown = np.zeros((4, 28, 28, 1), np.float32)
    shown[:, 4:12, 4:12] = images[:4]
    parts = list(
        MetricCalculator(model).stream("reconstruction_error", shown, np.zeros(4, np.uint8), np.zeros((4, 2), np.float32))
    )
    mean = np.clip(model.decode(model.encode(shown).mean)[..., None].astype(np.float64), 1e-300, 1)
    wanted = -(shown * np.log(mean) + (1 - shown) * np.log1p(-mean)).sum(axis=(1, 2, 3))
    assert in_order(parts, "reconstruction_error") == pytest.approx(wanted, rel=1e-3)


def test_that_a_stop_is_heard(model: TrainedModel, images: np.ndarray) -> None:
    with pytest.raises(Cancelled):
        list(MetricCalculator(model).stream("elbo", images, np.zeros(6, np.uint8), np.zeros((6, 2), np.float32), lambda: True))


def test_that_every_family_has_figures_or_says_why_it_has_fewer() -> None:
    for name in FAMILIES:
        family = FAMILIES[name]
        assert "reconstruction_error" in metrics_of(family)
        assert bool(why_no_more(family)) == (len(metrics_of(family)) < len(IMAGE_METRICS.names())), name
