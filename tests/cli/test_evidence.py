"""evaluate --evidence and posterior say what the Python API gives."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vae_explorer as vx
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.images import write_picture
from vae_explorer.kinds import Binarised
from vae_explorer.models.measure import measured_images
from vae_explorer.models.model_file import write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished
from vae_explorer.training.loop import train

Answer = Callable[..., str]


def test_that_evaluate_gives_the_means_of_the_api(answer: Answer) -> None:
    figures = json.loads(answer("evaluate", "digits-vae", "--evidence", "--limit", 8, "--json"))
    images = load_dataset("digits", Fetching(Path("unused"))).test.images
    binary = measured_images(images, Binarised.DYNAMIC)[:8].numpy().reshape(-1, 8, 8)
    found = vx.evidence("digits-vae", binary)
    for name in ("log_evidence", "elbo", "posterior_kl"):
        assert figures[name] == pytest.approx(getattr(found, name).mean(), abs=1e-4)
        spread = math.sqrt(sum((each - figures[name]) ** 2 for each in getattr(found, name)) / 7)
        assert figures[f"{name}_se"] == pytest.approx(spread / math.sqrt(8), abs=1e-4)
    assert figures["posterior_kl_median"] == pytest.approx(np.median(found.posterior_kl), abs=1e-4)
    assert figures["is_500_bias"] == pytest.approx(figures["is_500"] - figures["log_evidence"], abs=1e-6)
    assert abs(figures["is_500_bias_median"]) < abs(figures["is_500_bias"]) + figures["is_500_bias_se"]
    assert (figures["n"], figures["not_converged"]) == (8, 0)
    assert figures["identity_residual_max"] <= 1e-3
    assert figures["step_halving_difference"] <= 1e-3
    assert figures["approximation_gap"] + figures["amortisation_gap"] == pytest.approx(figures["posterior_kl"], abs=1e-3)
    assert figures["is_5000"] == pytest.approx(figures["log_evidence"], abs=0.3)
    assert figures["is_500"] == pytest.approx(figures["log_evidence"], abs=1)


def test_that_of_a_conditional_model_it_is_the_evidence_given_the_class(answer: Answer, tmp_path: Path) -> None:
    path = tmp_path / "told.safetensors"
    *_, last = train(TrainConfig(family="cvae", dataset="digits", epochs=1, hidden=(16,), name="told"))
    assert isinstance(last, Finished)
    write_model_file(path, last.model)
    words = answer("evaluate", path, "--evidence", "--limit", 2)
    assert "log p(x|c) −" in words
    assert "KL(q(z|x,c) ‖ p(z|x,c))" in words
    assert "log p(x)" not in words
    assert re.search(r"amortisation gap \S+ ± \S+ nats, median \d", words)
    assert re.search(r"ELBO, by quadrature −\S+ ± \S+ nats\n", words)


def test_that_a_family_without_evidence_is_refused_before_its_data_is_read(refusal: Answer) -> None:
    assert "there is no exact evidence of mnist-ae: it has no q(z|x) with a density" in refusal(
        "evaluate", "mnist-ae", "--evidence"
    )


def test_that_a_limit_goes_with_evidence(refusal: Answer) -> None:
    assert "--limit needs --evidence" in refusal("evaluate", "digits-vae", "--limit", 3)


def test_that_posterior_draws_what_the_window_shows(answer: Answer, tmp_path: Path) -> None:
    image = load_dataset("digits", Fetching(Path("unused"))).test.images[0]
    Image.fromarray(image[..., 0]).save(tmp_path / "x.png")
    said = json.loads(
        answer("posterior", "digits-vae", tmp_path / "x.png", "--out", tmp_path / "f.png", "--size", 120, "--json")
    )
    binary = (image > 127).astype(np.float32)
    wanted = vx.evidence("digits-vae", binary)
    assert said["log_evidence"] == pytest.approx(wanted.log_evidence[0], abs=1e-4)
    assert said["reconstruction"] - said["kl"] == pytest.approx(said["elbo"], abs=1e-9)
    gaps = said["approximation_gap"] + said["amortisation_gap"]
    assert said["log_evidence"] == pytest.approx(said["elbo"] + gaps, abs=1e-9)
    with Image.open(tmp_path / "f.png") as picture:
        assert picture.size == (120, 120)
        pixels = np.asarray(picture).astype(int)
    low, high = np.array([said["x_range"][0], said["y_range"][0]]), np.array([said["x_range"][1], said["y_range"][1]])
    column, row = ((np.array(said["mean"]) - low) / (high - low) * 120).astype(int)
    assert pixels[119 - row, column].max() > 100  # the mean lies in the light
    assert pixels[0, 0].max() < 10
    q = vx.load("digits-vae").encode(binary)
    lines = {(88, 166, 255): (q.mean[0], q.std[0]), (199, 146, 234): (np.array(said["best_mean"]), np.array(said["best_std"]))}
    for colour, (mean, std) in lines.items():
        rows, columns = np.nonzero(np.abs(pixels - colour).max(axis=2) < 24)
        assert len(rows) > 20
        z = low + (np.stack([columns, 119 - rows], axis=1) + 0.5) / 120 * (high - low)
        radius = np.linalg.norm((z - mean) / std, axis=1)
        radii = np.sqrt(-2 * np.log([0.5, 0.2, 0.05]))  # what holds 50, 80 and 95 % of a Gaussian in two dimensions
        pixel = float(((high - low) / 120 / std).max())
        assert np.abs(radius[:, None] - radii).min(axis=1).max() < 1.6 * pixel


def test_that_posterior_draws_a_flow_too(answer: Answer, tmp_path: Path) -> None:
    write_picture(tmp_path / "x.png", vx.load("mnist-iaf-vae").decode_uint8([0.3, 0.2])[0])
    answer("posterior", "mnist-iaf-vae", tmp_path / "x.png", "--out", tmp_path / "f.png", "--size", 100)
    with Image.open(tmp_path / "f.png") as picture:
        pixels = np.asarray(picture).astype(int)
    for colour in ((236, 239, 244), (88, 166, 255), (199, 146, 234)):
        assert (np.abs(pixels - colour).max(axis=2) < 40).sum() > 10


def test_that_figures_of_8_bit_pixels_are_in_bits_a_dimension_too(answer: Answer, tmp_path: Path) -> None:
    path = tmp_path / "bits.safetensors"
    config = TrainConfig(dataset="digits", likelihood="discretised-logistic", epochs=2, hidden=(16,), name="bits")
    *_, last = train(config)
    assert isinstance(last, Finished)
    write_model_file(path, last.model)
    nats_in_a_bit = 64 * math.log(2)
    for words in (("evaluate", path), ("evaluate", path, "--evidence", "--limit", 3)):
        figures = json.loads(answer(*words, "--json"))
        assert figures["elbo_bits_per_dim"] == pytest.approx(-figures["elbo"] / nats_in_a_bit)
        assert figures["elbo_bits_per_dim_se"] == pytest.approx(figures["elbo_se"] / nats_in_a_bit)
        assert "kl_bits_per_dim" not in figures
        said = answer(*words)
        assert re.search(r"ELBO.* nats.* \(\d\.\d+ ± \d\.\d+ bits/dim\)\n", said)
        assert "a probability of 8-bit pixels" in said
    images = load_dataset("digits", Fetching(Path("unused"))).test.images[:3] / np.float32(255)
    found = vx.evidence(path, images)
    assert figures["log_evidence"] == pytest.approx(found.log_evidence.mean(), abs=1e-3)
    assert found.converged.all()
    with pytest.raises(vx.UserError, match="8-bit"):
        vx.evidence(path, images + np.float32(0.001) * (images < 0.5))
