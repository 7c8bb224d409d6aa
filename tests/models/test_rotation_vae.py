"""The VAE with a pose against the rotated coordinates of the paper, sums on the circle, and draws from the prior."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.models.slopes import check_gradients, generator
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.posed import MAX_ANGLE_LOG_VARIANCE, PosedPosterior, kl_to_uniform, log_wrapped
from vae_explorer.models.rotation_vae import RotationVae
from vae_explorer.models.spec import ModelSpec

WIDE = torch.linspace(-6, MAX_ANGLE_LOG_VARIANCE, 9, dtype=torch.float64)
CIRCLE = torch.linspace(-math.pi, math.pi, 20_001, dtype=torch.float64)[:-1]


def a_model(shape: tuple[int, int, int] = (3, 2, 1), latents: int = 2, **parameters: float) -> RotationVae:
    torch.manual_seed(3)
    model = build_model(ModelSpec("rotation-vae", "spatial", shape, (5, 4), latent_dim=latents, parameters=parameters))
    assert isinstance(model, RotationVae)
    return model.double().eval()


def a_batch(n: int = 6) -> Batch:
    images = torch.rand(n, 6, generator=generator(), dtype=torch.float64).round()
    return Batch(images, torch.zeros(n, dtype=torch.int64))


def by_integration(log_variance: float) -> np.ndarray:
    """The density of a wrapped normal around 0 on CIRCLE, by its Fourier series."""
    powers = np.arange(1, 200)
    waves = np.exp(-0.5 * np.exp(log_variance) * powers**2)
    return np.asarray((1 + 2 * (waves * np.cos(np.outer(CIRCLE.numpy(), powers))).sum(axis=1)) / (2 * np.pi))


def test_that_the_density_of_the_angle_is_that_of_its_fourier_series() -> None:
    for log_variance in WIDE[1:]:
        found = log_wrapped(CIRCLE + 4 * math.pi, log_variance).exp()
        assert found.numpy() == pytest.approx(by_integration(log_variance.item()), abs=1e-9)


def test_that_the_kl_term_of_the_angle_is_its_integral_over_the_circle() -> None:
    found = kl_to_uniform(WIDE)
    for value, log_variance in zip(found[1:], WIDE[1:], strict=True):
        density = np.maximum(by_integration(log_variance.item()), 1e-300)
        wanted = (density * np.log(2 * np.pi * density)).mean() * 2 * np.pi
        assert value.item() == pytest.approx(wanted, abs=1e-5)
    assert found[-1].item() < 1e-4


def test_that_a_narrow_angle_costs_as_much_as_on_the_line() -> None:
    narrow = torch.tensor([-12.0, -9.0], dtype=torch.float64)
    wanted = math.log(2 * math.pi) - 0.5 * (math.log(2 * math.pi * math.e) + narrow)
    assert torch.allclose(kl_to_uniform(narrow), wanted, rtol=1e-9)


def test_that_densities_of_a_posterior_repeat_after_a_turn_and_sum_to_one() -> None:
    posterior = PosedPosterior(torch.tensor([[0.3, 3.0]]).double(), torch.tensor([[-1.0, 1.0]]).double())
    noise = torch.randn(7, 1, 2, generator=generator(), dtype=torch.float64)
    places, log_q = posterior.place(noise)
    flat = places[:, 0]
    assert torch.allclose(log_q[:, 0], posterior.log_density(0, flat))
    assert torch.allclose(log_q[:, 0], posterior.log_density(0, flat + torch.tensor([0.0, 6 * math.pi])))
    line = torch.linspace(-6, 6, 401, dtype=torch.float64)
    grid = torch.cartesian_prod(line, torch.linspace(0, 2 * math.pi, 101, dtype=torch.float64)[:-1])
    total = posterior.log_density(0, grid).exp().sum() * (12 / 400) * (2 * math.pi / 100)
    assert total.item() == pytest.approx(1, abs=1e-6)


def test_that_a_pose_turns_and_shifts_the_coordinates() -> None:
    """Each pixel is decoded alone, at R(−θ) (x − Δ), as the paper writes it."""
    model = a_model((5, 4, 2), shift=0.3)
    z, pose = torch.tensor([[0.4, -1.0]]).double(), torch.tensor([[0.7, 0.2, -0.4]]).double()
    found = model.decode(model.with_pose(z, pose)).view(5, 4, 2)
    decoder, (angle, right, down) = model.decoder, pose[0].tolist()
    for row in range(5):
        for column in range(4):
            across, below = (column + 0.5 - 2) / 2.5 - right, (row + 0.5 - 2.5) / 2.5 - down
            u = math.cos(angle) * across - math.sin(angle) * below
            v = math.sin(angle) * across + math.cos(angle) * below
            hidden = torch.tensor([u, v]).double() @ decoder.of_place + decoder.of_z(z)
            assert torch.allclose(found[row, column], decoder.layers(hidden)[0]), (row, column)


def test_that_a_quarter_turn_of_the_pose_is_a_quarter_turn_of_the_image() -> None:
    model = a_model((6, 6, 1))
    z = torch.randn(3, 2, generator=generator(), dtype=torch.float64)
    upright, quarter = model.decode(z), torch.tensor([[math.pi / 2, 0.0, 0.0]]).double().expand(3, 3)
    turned = model.decode(model.with_pose(z, quarter)).view(3, 6, 6)
    assert torch.allclose(turned, torch.rot90(upright.view(3, 6, 6), dims=(1, 2)))  # counterclockwise
    shifted = model.decode(model.with_pose(z, torch.tensor([[0.0, 1 / 3, -2 / 3]]).double().expand(3, 3))).view(3, 6, 6)
    assert torch.allclose(shifted[:, :4, 1:], upright.view(3, 6, 6)[:, 2:, :5])  # a pixel to the right, two up


def test_that_the_terms_are_those_of_the_separate_densities() -> None:
    model, batch = a_model(shift=0.3), a_batch()
    outputs = model.head(model.encoder(batch.images))
    q = Normal(outputs[:, :4], (0.5 * outputs[:, 4:8]).exp())
    angle, spread = torch.atan2(outputs[:, 9], outputs[:, 8]), (0.5 * outputs[:, 10]).exp()
    noise = torch.empty(6, 5).double().normal_(generator=generator(9))
    points = torch.cat([q.mean + q.stddev * noise[:, :4], (angle + spread * noise[:, 4])[:, None]], dim=1)
    posed = torch.cat([points[:, :2], 0.3 * points[:, 2:4], points[:, 4:]], dim=1)
    kl = kl_divergence(q, Normal(0.0, 1.0))
    wanted = {
        "reconstruction": Bernoulli(logits=model.decoder(posed)).log_prob(batch.images).sum(dim=1),
        "kl": kl[:, :2].sum(dim=1),
        "kl_shift": kl[:, 2:].sum(dim=1),
        "kl_angle": kl_to_uniform(outputs[:, 10]),
    }
    wanted["elbo"] = 2 * wanted["reconstruction"] - sum(wanted.values())
    figures = model.image_terms(batch, generator(9))
    assert figures.keys() == wanted.keys()
    for name, values in wanted.items():
        assert torch.allclose(figures[name], values, rtol=1e-9, atol=1e-10), name


def test_that_a_reconstruction_is_decoded_in_the_pose_of_its_image() -> None:
    model, batch = a_model(shift=0.3), a_batch()
    z, whole = model.encode(batch.images).mean, model.encode_whole(batch.images)
    assert torch.equal(whole.mean[:, :2], z)
    poses = model.poses(batch.images)
    assert torch.allclose(poses.mean, whole.mean[:, [4, 2, 3]] * torch.tensor([1, 0.3, 0.3]))
    assert torch.allclose(poses.std, whole.std[:, [4, 2, 3]] * torch.tensor([1, 0.3, 0.3]))
    found = model.reconstruct(batch.images, z)
    assert torch.allclose(found, model.decode(model.with_pose(z, poses.mean)))
    assert not torch.allclose(found, model.decode(z), rtol=1e-3)


def test_that_the_bound_lies_below_the_evidence_by_draws_from_the_prior() -> None:
    model, batch = a_model(), a_batch(3)
    with torch.no_grad():
        points = torch.randn(20_000, 5, generator=generator(), dtype=torch.float64)
        points[:, 4] = 2 * math.pi * torch.rand(20_000, generator=generator(1), dtype=torch.float64)
        logits = model.decode(points)
        each = [Bernoulli(logits=logits).log_prob(image).sum(dim=1) for image in batch.images]
        evidence = torch.stack(each).logsumexp(dim=1) - math.log(20_000)
        bound = model.image_terms(batch, generator(), samples=2000)["elbo"]
    assert (bound < evidence).all()
    assert (bound > evidence - 5).all()  # an untrained posterior is near the prior, but for its narrow angle


def test_that_a_model_begins_with_narrow_angles() -> None:
    images = torch.rand(50, 6, generator=generator(), dtype=torch.float64)
    assert 0.08 < a_model().poses(images).std[:, 0].mean().item() < 0.25


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 0.0), (0.1, 0.25), (0.9, 1.0)])
def test_that_all_kl_terms_warm_up(progress: float, weight: float) -> None:
    model, batch = a_model(warm_up=0.4), a_batch()
    model.progress = progress
    loss = model.loss(batch, generator())
    kl = sum(loss.terms[name] for name in ("kl", "kl_shift", "kl_angle"))
    assert loss.total.item() == pytest.approx((weight * kl - loss.terms["reconstruction"]).item(), rel=1e-10)


def test_that_gradients_are_slopes() -> None:
    model, batch = a_model(), a_batch()
    check_gradients(model, lambda: model.loss(batch, generator()).total)


def test_that_every_weight_takes_part_in_the_loss() -> None:
    model = a_model()
    model.loss(a_batch(20), generator()).total.backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())
