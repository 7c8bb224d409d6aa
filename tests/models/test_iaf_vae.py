"""The flow posterior by the change of variables, by quadrature and step by step; the objective by its definition."""

from __future__ import annotations

import math

import pytest
import torch
from torch.autograd.functional import jacobian
from torch.distributions import Bernoulli, MultivariateNormal, Normal

from tests.models.slopes import generator
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.flow import CONTEXT, MOMENT_POINTS, FlowPosterior, FlowStep, fixed_noise
from vae_explorer.models.iaf_vae import IafVae
from vae_explorer.models.posterior import GaussianPosterior
from vae_explorer.models.spec import ModelSpec

STEPS = 4


def a_model(body: str = "mlp", **parameters: float) -> IafVae:
    torch.manual_seed(3)
    model = build_model(ModelSpec("iaf-vae", body, (3, 2, 1), (5, 4), parameters=parameters))
    assert isinstance(model, IafVae)
    return model.double().eval()


def a_flow(n: int = 3, steps: int = STEPS) -> tuple[GaussianPosterior, torch.Tensor, list[FlowStep]]:
    """A posterior that bends a good deal: its steps' outputs are scaled up."""
    torch.manual_seed(1)
    made = [FlowStep(step % 2).double() for step in range(steps)]
    with torch.no_grad():
        for step in made:
            step.given.weight *= 4
            step.before *= 2
    base = GaussianPosterior(torch.randn(n, 2).double() * 0.3, torch.randn(n, 2).double() * 0.3 - 0.5)
    return base, torch.randn(n, CONTEXT).double(), made


def a_posterior(n: int = 3) -> FlowPosterior:
    return FlowPosterior(*a_flow(n))


def by_hand(step: FlowStep, first: int, z: list[float], context: torch.Tensor) -> list[float]:
    """One step of equations 13 and 14 in plain numbers."""
    second, weights = 1 - first, {name: tensor.tolist() for name, tensor in step.state_dict().items()}
    h = context.tolist()

    def affine(name: str, row: int, values: list[float]) -> float:
        return sum(w * v for w, v in zip(weights[f"{name}.weight"][row], values, strict=True)) + weights[f"{name}.bias"][row]

    def gated(value: float, m: float, s: float) -> float:
        sigma = 1 / (1 + math.exp(-(s + 1.5)))
        return sigma * value + (1 - sigma) * m

    units = [math.tanh(affine("hidden", k, h) + weights["before"][k] * z[first]) for k in range(len(weights["before"]))]
    result = [0.0, 0.0]
    result[first] = gated(z[first], affine("alone", 0, h), affine("alone", 1, h))
    result[second] = gated(z[second], affine("given", 0, units), affine("given", 1, units))
    return result


def test_that_a_sample_goes_through_the_steps_by_hand_in_turned_order() -> None:
    base, context, steps = a_flow()
    noise = torch.empty(3, 2).double().normal_(generator=generator())
    sample = FlowPosterior(base, context, steps).sample(generator())
    for n in range(3):
        z = (base.mean[n] + (0.5 * base.log_variance[n]).exp() * noise[n]).tolist()
        for t, step in enumerate(steps):
            z = by_hand(step, t % 2, z, context[n])
        assert sample[n].tolist() == pytest.approx(z, rel=1e-10)


def test_that_log_prob_is_the_change_of_variables_with_autograds_jacobian() -> None:
    base, context, steps = a_flow()
    posterior = FlowPosterior(base, context, steps)
    for n in range(3):
        start = base.mean[n] + torch.tensor([0.7, -1.1]).double()
        normal = MultivariateNormal(base.mean[n], torch.diag(base.log_variance[n].exp()))

        def whole(z: torch.Tensor, n: int = n) -> torch.Tensor:
            for step in steps:
                z = step(z, context[n])[0]
            return z

        wanted = normal.log_prob(start) - torch.linalg.slogdet(jacobian(whole, start)).logabsdet
        z = whole(start).expand(3, 2)
        assert posterior.log_prob(z)[n].item() == pytest.approx(wanted.item(), rel=1e-10)
        assert posterior.log_density(n, z)[0].item() == pytest.approx(wanted.item(), rel=1e-10)


def test_that_the_log_probability_of_a_sample_is_that_of_the_way_back() -> None:
    posterior = a_posterior(200)
    z, log_q = posterior.sample_with_log_prob(generator())
    assert torch.allclose(posterior.log_prob(z), log_q, rtol=0, atol=1e-10)
    assert not torch.allclose(posterior.log_prob(z + 0.1), log_q, atol=0.01)


def test_that_float32_finds_the_way_back() -> None:
    base, context, steps = a_flow(200)
    single = GaussianPosterior(base.mean.float(), base.log_variance.float())
    posterior = FlowPosterior(single, context.float(), [step.float() for step in steps])
    z, log_q = posterior.sample_with_log_prob(generator())
    assert torch.allclose(posterior.log_prob(z), log_q, rtol=0, atol=1e-3)


@torch.no_grad()
def test_that_the_density_is_one_in_all_and_has_the_moments_of_its_samples() -> None:
    posterior = a_posterior(2)
    for image in range(2):
        axis = torch.linspace(-6, 6, 401, dtype=torch.float64)
        points = torch.cartesian_prod(axis, axis)
        mass = posterior.log_density(image, points).exp() * 0.03**2
        assert mass.sum().item() == pytest.approx(1, abs=1e-4)
        mean = (mass[:, None] * points).sum(dim=0)
        std = (mass[:, None] * (points - mean).square()).sum(dim=0).sqrt()
        assert posterior.mean[image].tolist() == pytest.approx(mean.tolist(), abs=0.05 * std.max().item())
        assert posterior.std[image].tolist() == pytest.approx(std.tolist(), rel=0.1)


def test_that_a_bend_lies_where_its_weights_put_it() -> None:
    """One step with m_2 = 4 · (tanh(z_1 + 1) − tanh(z_1 − 1)), a banana: for each z_1 the density's ridge is at (1 − σ) · m_2."""
    step = FlowStep(0).double()
    with torch.no_grad():
        for weight in step.parameters():
            weight.zero_()
        step.before[:2] = 1.0
        step.hidden.bias[0], step.hidden.bias[1] = 1.0, -1.0
        step.given.weight[0, 0], step.given.weight[0, 1] = 4.0, -4.0
    base = GaussianPosterior(torch.zeros(1, 2).double(), torch.tensor([[0.0, -4.0]]).double())
    posterior = FlowPosterior(base, torch.zeros(1, CONTEXT).double(), [step])
    sigma, line = 1 / (1 + math.exp(-1.5)), torch.linspace(-1, 3, 4001, dtype=torch.float64)
    for z in (-2.0, 0.0, 2.0):
        ridge = line[posterior.log_density(0, torch.stack([torch.full_like(line, sigma * z), line], dim=1)).argmax()]
        assert ridge.item() == pytest.approx((1 - sigma) * 4 * (math.tanh(z + 1) - math.tanh(z - 1)), abs=1e-3)


def test_that_the_fixed_noise_is_white_and_normal() -> None:
    noise = fixed_noise()
    assert noise.shape == (MOMENT_POINTS, 2)
    assert noise.mean(dim=0).tolist() == pytest.approx([0, 0], abs=1e-12)
    assert (noise.T @ noise / MOMENT_POINTS).flatten().tolist() == pytest.approx([1, 0, 0, 1], abs=1e-12)
    assert (noise**4).mean(dim=0).tolist() == pytest.approx([3, 3], abs=0.5)
    share = (noise.norm(dim=1) < math.sqrt(2 * math.log(2))).double().mean().item()  # the median radius
    assert share == pytest.approx(0.5, abs=0.05)


def test_that_without_a_bend_the_moments_are_those_of_the_gaussian() -> None:
    base, context, _ = a_flow()
    posterior = FlowPosterior(base, context, [])
    assert torch.allclose(posterior.mean, base.mean, rtol=1e-10, atol=1e-12)
    assert torch.allclose(posterior.std, (0.5 * base.log_variance).exp(), rtol=1e-10)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_objective_is_the_mean_of_log_ratios(body: str) -> None:
    model = a_model(body)
    images = torch.rand(7, 6, generator=generator(), dtype=torch.float64).round()
    batch = Batch(images, torch.zeros(7, dtype=torch.int64))
    posterior = model.encode(images)
    draws, source = [], generator(9)
    for _ in range(3):
        z = posterior.sample(source)
        log_p = Bernoulli(logits=model.decode(z)).log_prob(images).sum(dim=1)
        draws.append((log_p, posterior.log_prob(z) - Normal(0.0, 1.0).log_prob(z).sum(dim=1)))
    reconstruction, kl = (torch.stack(part).mean(dim=0) for part in zip(*draws, strict=True))
    figures = model.image_terms(batch, generator(9), samples=3)
    assert torch.allclose(figures["reconstruction"], reconstruction, rtol=1e-9)
    assert torch.allclose(figures["kl"], kl, rtol=1e-8, atol=1e-9)
    assert torch.allclose(figures["elbo"], reconstruction - kl, rtol=1e-9)
    loss = model.loss(batch, generator(4))
    assert loss.total.item() == pytest.approx(-model.image_terms(batch, generator(4))["elbo"].mean().item(), rel=1e-10)


def test_that_the_number_of_steps_is_the_parameters() -> None:
    assert [len(a_model(steps=n).steps) for n in (1.0, 6.0)] == [1, 6]


def test_that_codes_are_the_same_every_time_and_every_weight_learns() -> None:
    model = a_model()
    images = torch.rand(20, 6, generator=generator(), dtype=torch.float64)
    first, second = model.encode(images), model.encode(images)
    assert torch.equal(first.mean, second.mean)
    assert torch.equal(first.std, second.std)
    model.loss(Batch(images, torch.zeros(20, dtype=torch.int64)), generator()).total.backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())
