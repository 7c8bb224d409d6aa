"""evaluate --evidence and posterior say what the Python API gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vae_explorer as vx
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.models.measure import measured_images

Answer = Callable[..., str]


def test_that_evaluate_gives_the_means_of_the_api(answer: Answer) -> None:
    figures = json.loads(answer("evaluate", "digits-vae", "--evidence", "--limit", 8, "--json"))
    images = load_dataset("digits", Fetching(Path("unused"))).test.images
    binary = measured_images(images, "dynamic")[:8].numpy().reshape(-1, 8, 8)
    found = vx.evidence("digits-vae", binary)
    for name in ("log_evidence", "elbo", "posterior_kl"):
        assert figures[name] == pytest.approx(getattr(found, name).mean(), abs=1e-4)
    assert (figures["n"], figures["not_converged"]) == (8, 0)
    assert figures["identity_residual_max"] <= 1e-3
    assert figures["step_halving_difference"] <= 1e-3
    assert figures["approximation_gap"] + figures["amortisation_gap"] == pytest.approx(figures["posterior_kl"], abs=1e-3)
    assert figures["is_5000"] == pytest.approx(figures["log_evidence"], abs=0.3)
    assert figures["is_500"] == pytest.approx(figures["log_evidence"], abs=1)


def test_that_a_family_without_evidence_is_refused_before_its_data_is_read(refusal: Answer) -> None:
    assert "there is no exact evidence of mnist-ae: it has no q(z|x) with a density" in refusal(
        "evaluate", "mnist-ae", "--evidence"
    )


def test_that_a_limit_goes_with_evidence(refusal: Answer) -> None:
    assert "--limit goes with --evidence" in refusal("evaluate", "digits-vae", "--limit", 3)


def test_that_posterior_draws_both_densities(answer: Answer, tmp_path: Path) -> None:
    image = load_dataset("digits", Fetching(Path("unused"))).test.images[0]
    Image.fromarray(image).save(tmp_path / "x.png")
    said = json.loads(
        answer("posterior", "digits-vae", tmp_path / "x.png", "--out", tmp_path / "f.png", "--size", 120, "--json")
    )
    binary = (image > 127).astype(np.float32)
    assert said["log_evidence"] == pytest.approx(vx.evidence("digits-vae", binary).log_evidence[0], abs=1e-4)
    with Image.open(tmp_path / "f.png") as picture:
        assert picture.size == (120, 120)
        pixels = np.asarray(picture).astype(int)
    low, high = np.array([said["x_range"][0], said["y_range"][0]]), np.array([said["x_range"][1], said["y_range"][1]])
    column, row = ((np.array(said["mean"]) - low) / (high - low) * 120).astype(int)
    assert pixels[119 - row, column].max() > 100  # the mean lies in the light
    assert pixels[0, 0].max() < 10
    orange = (pixels[..., 0] - pixels[..., 2]) > 150
    assert orange.sum() > 20
