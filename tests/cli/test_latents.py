"""The command line on models of other than two latents."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import norm

import vae_explorer as vx
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference import disentanglement
from vae_explorer.inference.evidence.results import Estimate, Estimates
from vae_explorer.kinds import Binarised
from vae_explorer.models.measure import measured_images

from .conftest import Answer


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of four latents, trained by the command line."""
    from vae_explorer.cli import main

    path = tmp_path_factory.mktemp("latents") / "four.safetensors"
    words = ["train", "--dataset", "digits", "--latent-dim", "4", "--epochs", "1", "--hidden", "16", "--out", str(path)]
    assert main(words) == 0
    return path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_that_the_card_names_the_command_with_the_number_of_latents(path: Path) -> None:
    card = vx.load(path).card
    assert card.spec.latent_dim == 4
    assert "--latent-dim 4" in card.command


def test_that_decode_takes_one_number_for_each_latent(path: Path, answer: Answer, refusal: Answer, tmp_path: Path) -> None:
    answer("decode", path, "--z", 1, -0.5, 0, 2, "--out", tmp_path / "z.png")
    wanted = np.round(255 * vx.load(path).decode([1, -0.5, 0, 2])[0]).astype(np.uint8)
    assert np.array_equal(pixels(tmp_path / "z.png"), wanted)
    assert "has 4 latents; give --z 4 numbers, not 2" in refusal("decode", path, "--z", 1, 2, "--out", "z.png")


def test_that_a_path_goes_through_all_latents(path: Path, answer: Answer, tmp_path: Path) -> None:
    ends = ["--start", 0, 0, 0, 0, "--end", 1, 1, -1, 2]
    answer("interpolate", path, *ends, "--frames", 3, "--out", tmp_path / "path.png")
    frames = vx.load(path).decode([[0, 0, 0, 0], [0.5, 0.5, -0.5, 1], [1, 1, -1, 2]])
    assert np.array_equal(pixels(tmp_path / "path.png"), np.round(255 * np.concatenate(list(frames), axis=1)).astype(np.uint8))


def test_that_a_spherical_path_keeps_the_norm(path: Path, answer: Answer, tmp_path: Path) -> None:
    ends = ["--start", 2, 0, 0, 0, "--end", 0, 0, 0, 2, "--spherical"]
    answer("interpolate", path, *ends, "--frames", 3, "--out", tmp_path / "path.png")
    frames = vx.load(path).decode([[2, 0, 0, 0], [math.sqrt(2), 0, 0, math.sqrt(2)], [0, 0, 0, 2]])
    assert np.array_equal(pixels(tmp_path / "path.png"), np.round(255 * np.concatenate(list(frames), axis=1)).astype(np.uint8))


def test_that_the_manifold_is_drawn_along_the_latents_that_are_named(
    path: Path, answer: Answer, refusal: Answer, tmp_path: Path
) -> None:
    answer("manifold", path, "--grid", 2, "--axes", 4, 1, "--out", tmp_path / "grid.png")
    low, high = norm.ppf([0.25, 0.75])
    wanted = vx.load(path).decode([[y, 0, 0, x] for y in (high, low) for x in (low, high)])
    rows = np.concatenate([np.concatenate(list(row), axis=1) for row in (wanted[:2], wanted[2:])])
    assert np.abs(pixels(tmp_path / "grid.png") - 255 * rows).max() <= 0.51
    assert "two different numbers from 1 to 4" in refusal("manifold", path, "--axes", 2, 5, "--out", "grid.png")


def test_that_encode_and_evaluate_tell_of_all_latents(path: Path, answer: Answer, tmp_path: Path) -> None:
    answer("decode", path, "--z", 0, 0, 0, 0, "--out", tmp_path / "z.png")
    found = json.loads(answer("encode", path, tmp_path / "z.png", "--json"))
    assert len(found["mean"]) == len(found["std"]) == 4
    measured = json.loads(answer("evaluate", path, "--json"))
    codes = vx.codes(path)
    kl = 0.5 * (codes.mean.astype(float) ** 2 + codes.std.astype(float) ** 2 - 1 - 2 * np.log(codes.std.astype(float)))
    assert measured["information"] <= math.log(len(codes))
    apart = float(kl.sum(axis=1).mean()) - measured["information"] - measured["marginal_kl"]
    assert abs(apart) <= 5 * measured["marginal_kl_se"]
    assert re.search(r"\d of 4 latents are in use\n.*I\(x; z\) \S+ ± \S+ nats, KL\(q\(z\) ‖ p\(z\)\)", answer("evaluate", path))
    assert measured["kl_by_dimension"] == pytest.approx(kl.mean(axis=0).tolist(), rel=1e-4)


def test_that_evaluate_estimates_log_p_and_says_so(path: Path, answer: Answer) -> None:
    words = answer("evaluate", path, "--evidence", "--limit", 12, "--draws", 100)
    line = r"log p\(x\), estimate by draws from .* −\d.* ± .* nats.*; effective samples of 100, median: \d"
    assert len(re.findall(line, words)) == 3
    assert "KL(q(z|x) ‖ p(z|x)), estimate" in words
    found = json.loads(answer("evaluate", path, "--evidence", "--limit", 12, "--json"))
    images = load_dataset("digits", Fetching(Path("unused"))).test.images
    binary = measured_images(images, Binarised.DYNAMIC)[:12].numpy().reshape(-1, 8, 8)
    api = vx.evidence(path, binary)
    assert isinstance(api, Estimates)
    for name in ("encoder", "best", "mixture"):
        each: Estimate = getattr(api, name)
        assert found[f"log_evidence_{name}"] == pytest.approx(each.log_evidence.mean(), abs=1e-4)
        assert found[f"log_evidence_{name}_se"] == pytest.approx(each.log_evidence.std(ddof=1) / math.sqrt(12), rel=1e-3)
        assert found[f"log_evidence_{name}_draws_se"] == pytest.approx(math.sqrt((each.se**2).sum()) / 12, rel=1e-3)
        assert found[f"effective_samples_{name}"] == pytest.approx(np.median(each.effective_samples), rel=1e-3)
        assert found[f"few_{name}"] == each.few.sum()
    assert found["draws"] == 500
    assert found["elbo"] < found["best_elbo"] < found["log_evidence_mixture"]


def test_that_few_effective_samples_are_said(path: Path, answer: Answer) -> None:
    words = answer("evaluate", path, "--evidence", "--limit", 3, "--draws", 14)
    assert "3 images have fewer than 20 effective samples, so this estimate is too low" in words


def test_that_what_needs_a_quadrature_or_draws_is_refused(path: Path, refusal: Answer) -> None:
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(path.with_suffix(".png"))
    line = refusal("posterior", path, path.with_suffix(".png"), "--out", path.with_name("p.png"))
    assert "posterior draws the plane of two latents, and four has 4; `evaluate --evidence` gives its log p(x)" in line
    assert "is exact and takes no draws" in refusal("evaluate", "digits-vae", "--evidence", "--draws", 50)
    assert "--draws needs --evidence" in refusal("evaluate", path, "--draws", 50)


def test_that_families_of_the_plane_alone_say_so(refusal: Answer) -> None:
    for family in ("gan", "iaf-vae", "laplace-vae"):
        line = refusal("train", "--family", family, "--latent-dim", 3)
        assert f"family '{family}' has models of 2 latents alone" in line
    assert "513 is out of range" in refusal("train", "--latent-dim", 513)


def test_that_a_traversal_moves_one_latent_a_row(path: Path, answer: Answer, refusal: Answer, tmp_path: Path) -> None:
    centre = [0.5, -1.0, 0.0, 2.0]
    answer("traverse", path, "--z", *centre, "--steps", 3, "--rows", 2, "--out", tmp_path / "t.png")
    codes, model = vx.codes(path), vx.load(path)
    std = codes.std.astype(float)
    kl = 0.5 * (codes.mean.astype(float) ** 2 + std**2 - 1 - 2 * np.log(std)).mean(axis=0)
    drawn = pixels(tmp_path / "t.png")
    for row, latent in enumerate(np.argsort(-kl)[:2]):
        for column, value in enumerate((-3, 0, 3)):
            z = np.array(centre)
            z[latent] = value
            cell = drawn[9 * row : 9 * row + 8, 9 * column : 9 * column + 8]
            assert np.array_equal(cell, np.round(255 * model.decode(z)[0]).astype(np.uint8))
    answer("traverse", path, "--steps", 5, "--out", tmp_path / "t.gif")
    with Image.open(tmp_path / "t.gif") as animation:
        assert animation.n_frames == 5  # type: ignore[attr-defined]
    assert "give --z 4 numbers" in refusal("traverse", path, "--z", 1, "--out", "t.png")


def test_that_factors_tell_how_the_latents_know_the_labels(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disentanglement, "MOST", 2_000)  # images; forests of all take 10 seconds
    found = json.loads(answer("factors", "sprites-vae", "--out", tmp_path / "f.png", "--json"))
    assert list(found["factors"]) == ["shape", "hue", "size", "angle", "x", "y"]
    for each in found["factors"].values():
        assert sum(each["importance"]) == pytest.approx(1)
    assert found["factors"]["x"]["informativeness"] > 0.7  # two latents hold places and colours
    assert found["mutual_information_gap"] < 0.2
    assert pixels(tmp_path / "f.png").ndim == 3


def test_that_factors_of_images_without_labels_are_refused(path: Path, refusal: Answer) -> None:
    assert "the images have no factors" in refusal("factors", path) or "digit" in refusal("factors", path)
