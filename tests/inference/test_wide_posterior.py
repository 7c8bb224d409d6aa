"""A q(z|x) as wide as the plane, as encoders give for images unlike any other: its figures by other sums, and what they cost."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from vae_explorer.inference.evidence.bound import bound, divergence, even
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, GaussianPosterior


def test_that_the_terms_of_a_wide_q_are_those_of_gauss_legendre() -> None:
    """250 nodes a side over 8 std, in float64; the divergence is log p(x) − ELBO, whatever log p(x) is taken for."""
    model = small_model()
    image = some_images(model, 1).reshape(1, -1)
    mean, std = np.array([8.5, 3.0]), np.exp(0.5 * MAX_LOG_VARIANCE)
    node, weight = np.polynomial.legendre.leggauss(250)
    noise = np.stack(np.meshgrid(8 * node, 8 * node), axis=-1).reshape(-1, 2)
    share = np.outer(weight, weight).ravel() * np.exp(-0.5 * np.square(noise).sum(axis=1))
    flat = torch.from_numpy(image).double()
    with torch.inference_mode():
        decoded = model.network.decode(torch.from_numpy(mean + std * noise))
        fit = model.network.likelihood.log_prob(flat.expand(len(noise), -1), decoded).numpy()
    kl = 0.5 * (mean @ mean + 2 * std**2 - 2 - 2 * MAX_LOG_VARIANCE)
    wanted = float(share @ fit / share.sum() - kl)

    lattice, observed = DecodedLattice(model.network), Observed(flat)
    q = GaussianPosterior(torch.from_numpy(mean)[None], torch.full((1, 2), MAX_LOG_VARIANCE).double())
    found = bound(lattice, q, observed)
    assert found.elbo == pytest.approx([wanted], abs=1e-3)
    assert found.difference <= 1e-3
    apart, difference = divergence(lattice, q, observed, np.array([-3.0]), found)
    assert apart == pytest.approx([-3.0 - wanted], abs=1e-3)
    assert difference <= 1e-3


@pytest.mark.parametrize("question", ["evidence", "gaps"])
def test_that_an_image_unlike_any_other_takes_no_more_points_than_a_second(
    question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An all-black image, whose q is at the bounds of its std, took 290,000 points of the plane for evidence, 475,000 for gaps."""
    engine = EvidenceEngine(vx.load("mnist-vae"))
    points, decode = [], engine.lattice.decode
    monkeypatch.setattr(engine.lattice, "decode", lambda z, label=0: points.append(len(z)) or decode(z, label))
    found = getattr(engine, question)(np.zeros((1, 28, 28), np.float32))
    evidence = found[0] if question == "gaps" else found
    assert evidence.converged.all()
    assert evidence.log_evidence == pytest.approx([-20.7615], abs=1e-3)
    assert evidence.elbo == pytest.approx([-2271.9879], abs=2e-3)
    assert sum(points) < 150_000


def test_that_the_parts_of_an_even_lattice_are_an_even_lattice() -> None:
    parts = list(even(0.5, 0.125))
    nodes, weights = (np.concatenate(each) for each in zip(*parts, strict=True))
    axis = np.arange(-48, 49) * 0.125
    wanted = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    wanted = wanted[np.square(wanted).sum(axis=1) <= 36]
    assert sorted(map(tuple, nodes.tolist())) == sorted(map(tuple, wanted.tolist()))
    assert weights @ nodes**2 / weights.sum() == pytest.approx([1, 1], abs=1e-6)
