"""The evidence of a model with a pose against sums over a grid of content, shift and angle."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.results import Estimates
from vae_explorer.inference.evidence.sampled import EvidenceSampler
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.posed import Posed
from vae_explorer.poses import Pose

_REACH, _NODES, _ANGLES = 5.0, 17, 48


@pytest.fixture(scope="module")
def posed() -> TrainedModel:
    return small_model("rotation-vae", latents=1, shift=0.4)


def by_grid(model: TrainedModel, images: np.ndarray, seen: np.ndarray | None = None) -> np.ndarray:
    """log p(x) as a trapezoidal sum over z, both shifts and the angle."""
    line, angles = np.linspace(-_REACH, _REACH, _NODES), 2 * np.pi * np.arange(_ANGLES) / _ANGLES
    grid = np.stack(np.meshgrid(line, line, line, angles, indexing="ij"), axis=-1).reshape(-1, 4)
    step = (line[1] - line[0]) ** 3 / _ANGLES
    log_prior = -0.5 * np.square(grid[:, :3]).sum(axis=1) - 1.5 * math.log(2 * math.pi)
    with torch.inference_mode():
        logits = model.network.decode(torch.from_numpy(grid)).numpy()
    counts = np.ones(logits.shape[1]) if seen is None else seen.ravel()
    flat = images.reshape(len(images), -1).astype(np.float64)
    fit = (flat * counts) @ logits.T - (np.logaddexp(0, logits) * counts).sum(axis=1)
    return np.asarray(np.logaddexp.reduce(fit + log_prior, axis=1) + math.log(step))


def test_that_the_estimate_is_the_sum_over_content_and_pose(posed: TrainedModel) -> None:
    images = some_images(posed, 5)
    found, wanted = vx.evidence(posed, images, draws=4000), by_grid(posed, images)
    assert isinstance(found, Estimates)
    assert np.ptp(wanted) > 0.5
    assert (np.abs(found.log_evidence - wanted) <= 4 * found.mixture.se).all()
    assert found.mixture.se.max() < 0.03
    assert (found.elbo < wanted).all()
    assert (found.best_elbo > found.elbo - 3 * found.elbo_se).all()


def test_that_hidden_pixels_count_for_nothing(posed: TrainedModel) -> None:
    images, seen = some_images(posed, 1), np.array([[True, False, True], [False, True, True]])
    found = EvidenceSampler(posed, 4000).estimates(images, seen=seen)
    assert abs(found.log_evidence - by_grid(posed, images, seen))[0] <= 4 * found.mixture.se[0] < 0.1


def test_that_all_equal_angles_of_an_object_are_found() -> None:
    """An object that is alike after a third of a turn has three narrow angles, and the encoder gives one."""
    model = small_model("rotation-vae", latents=1, shift=0.05)
    with torch.no_grad():
        network, third = model.network, 2 * math.pi / 3

        def thrice(z: torch.Tensor) -> torch.Tensor:
            pixel = torch.arange(6, dtype=z.dtype) / 6 * third
            return 4 * torch.cos(3 * (z[:, -1:] - pixel)) + 0.1 * z[:, :1]

        network.decoder.forward = thrice  # type: ignore[method-assign]
    image = (np.arange(6) < 3).astype(np.float32).reshape(1, 2, 3, 1)
    found = EvidenceSampler(model, 4000).estimates(image)
    assert abs(found.log_evidence - by_grid(model, image))[0] <= 4 * found.mixture.se[0] < 0.4  # a single angle misses 1.1


def test_that_the_exact_engine_names_the_way_to_an_estimate(posed: TrainedModel) -> None:
    with pytest.raises(UserError, match=r"the pose has three more; `evaluate --evidence` estimates its log p\(x\)"):
        EvidenceEngine(posed)
    with pytest.raises(UserError, match=r"log p\(x\|z\) of small is an integral over the pose"):
        posed.log_likelihood(some_images(posed, 1), [[0.0]])


def test_that_a_pose_is_decoded_and_read_back(posed: TrainedModel) -> None:
    z, pose = [[0.5], [-1.0]], Pose(0.7, 0.2, -0.1)
    assert isinstance(posed.network, Posed)
    given = torch.tensor([[0.7, 0.2, -0.1]]).expand(2, 3)
    with torch.inference_mode():
        wanted = torch.sigmoid(posed.network.decode(posed.network.with_pose(torch.tensor(z), given).double()))
    posed.network.float()
    assert posed.decode(z, pose=pose).reshape(2, 6) == pytest.approx(wanted.numpy(), abs=1e-5)
    assert np.array_equal(posed.decode(z, pose=Pose()), posed.decode(z))
    assert posed.poses(some_images(posed, 3)).mean.shape == (3, 3)
    posed.network.double()


def test_that_a_family_without_a_pose_refuses_one() -> None:
    model = small_model("vae")
    for ask in (lambda: model.decode([[0.0, 0.0]], pose=Pose()), lambda: model.poses(some_images(model, 1))):
        with pytest.raises(UserError, match="family 'vae' has no pose; leave the pose out"):
            ask()
