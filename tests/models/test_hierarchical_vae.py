"""The ladder VAE against products of densities, torch.distributions and quadrature over the lower layer."""

from __future__ import annotations

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.models.slopes import generator
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.hierarchical_vae import LOWER_DIM, HierarchicalVae, divergence, join
from vae_explorer.models.posterior import GaussianPosterior
from vae_explorer.models.spec import ModelSpec

ON = frozenset({"lower_sampled"})


def a_model(body: str = "mlp", **parameters: float) -> HierarchicalVae:
    torch.manual_seed(3)
    model = build_model(ModelSpec("hierarchical-vae", body, (3, 2, 1), (5, 4), parameters=parameters))
    assert isinstance(model, HierarchicalVae)
    return model.double().eval()


def a_batch(n: int = 6) -> Batch:
    images = torch.rand(n, 6, generator=generator(), dtype=torch.float64).round()
    return Batch(images, torch.zeros(n, dtype=torch.int64))


def a_gaussian(seed: int, n: int = 4, d: int = 3) -> GaussianPosterior:
    numbers = torch.randn(2, n, d, generator=generator(seed), dtype=torch.float64)
    return GaussianPosterior(numbers[0], 1.5 * numbers[1])


def as_normal(gaussian: GaussianPosterior) -> Normal:
    return Normal(gaussian.mean, (0.5 * gaussian.log_variance).exp())


def test_that_joining_two_gaussians_multiplies_their_densities() -> None:
    one, other = a_gaussian(1), a_gaussian(2)
    joined = as_normal(join(one, other))
    at = torch.linspace(-3, 3, 7, dtype=torch.float64)[:, None, None].expand(7, 4, 3)
    excess = joined.log_prob(at) - as_normal(one).log_prob(at) - as_normal(other).log_prob(at)
    assert torch.allclose(excess, excess[:1].expand_as(excess), rtol=1e-8, atol=1e-8)  # the same at every point


def test_that_joining_holds_where_precisions_differ_beyond_float32() -> None:
    sharp = GaussianPosterior(torch.tensor([[1.0]]), torch.tensor([[-12.0]]))
    joined = join(sharp, GaussianPosterior(torch.tensor([[-50.0]]), torch.tensor([[4.0]])))
    assert joined.mean.item() == pytest.approx(1 - 51 * torch.sigmoid(torch.tensor(-16.0)).item(), rel=1e-6)
    assert joined.log_variance.item() == pytest.approx(-12, abs=1e-5)


def test_that_the_divergence_is_that_of_torch_distributions() -> None:
    one, other = a_gaussian(3), a_gaussian(4)
    wanted = kl_divergence(as_normal(one), as_normal(other)).sum(dim=1)
    assert torch.allclose(divergence(one, other), wanted, rtol=1e-10)


def test_that_a_reconstruction_is_decoded_at_the_mean_of_what_image_and_z_say_of_the_lower_layer() -> None:
    model, batch = a_model(), a_batch()
    z = torch.randn(6, 2, generator=generator(2), dtype=torch.float64)
    seen, prior = _mean_and_std(model.lower_head(model.encoder(batch.images))), _mean_and_std(model.lower_prior(z))
    weights = (seen[1] ** -2, prior[1] ** -2)
    u = (seen[0] * weights[0] + prior[0] * weights[1]) / (weights[0] + weights[1])
    assert torch.allclose(model.reconstruct(batch.images, z), model.decoder(u), rtol=1e-8)
    assert not torch.allclose(model.reconstruct(batch.images, z), model.decode(z), rtol=1e-3)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_terms_are_those_of_a_walk_down_the_ladder(body: str) -> None:
    """Equations 13 to 18 with variances in place of their logarithms, and torch's own distributions."""
    model, batch = a_model(body), a_batch()
    source = generator(9)
    features = model.encoder(batch.images)
    q_z = Normal(*_mean_and_std(model.upper(features)))
    z = q_z.mean + q_z.stddev * torch.empty(6, 2).double().normal_(generator=source)
    seen, prior = _mean_and_std(model.lower_head(features)), _mean_and_std(model.lower_prior(z))
    precision = seen[1] ** -2 + prior[1] ** -2
    q_u = Normal((seen[0] * seen[1] ** -2 + prior[0] * prior[1] ** -2) / precision, precision**-0.5)
    u = q_u.mean + q_u.stddev * torch.empty(6, LOWER_DIM).double().normal_(generator=source)
    wanted = {
        "reconstruction": Bernoulli(logits=model.decoder(u)).log_prob(batch.images).sum(dim=1),
        "kl": kl_divergence(q_z, Normal(0.0, 1.0)).sum(dim=1),
        "kl_lower": kl_divergence(q_u, Normal(*prior)).sum(dim=1),
    }
    wanted["elbo"] = wanted["reconstruction"] - wanted["kl"] - wanted["kl_lower"]
    figures = model.image_terms(batch, generator(9))
    assert figures.keys() == wanted.keys()
    for name, values in wanted.items():
        assert torch.allclose(figures[name], values, rtol=1e-9, atol=1e-10), name


def _mean_and_std(outputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean, log_variance = outputs.chunk(2, dim=1)
    return mean, log_variance.exp().sqrt()


def test_that_the_bound_lies_below_the_evidence_by_draws_from_the_prior() -> None:
    model, batch = a_model(), a_batch(3)
    with torch.no_grad():
        z = torch.randn(20_000, 2, generator=generator(), dtype=torch.float64)
        lower = as_normal(model.lower_given(z))
        u = lower.mean + lower.stddev * torch.randn(lower.mean.shape, generator=generator(1), dtype=torch.float64)
        logits = model.decoder(u)
        evidence = torch.stack(
            [
                Bernoulli(logits=logits).log_prob(image).sum(dim=1).logsumexp(0) - torch.tensor(2e4).log()
                for image in batch.images
            ]
        )
        bound = model.image_terms(batch, generator(), samples=2000)["elbo"]
    assert (bound < evidence).all()
    assert (bound > evidence - 1).all()  # an untrained posterior is near the prior


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 0.0), (0.1, 0.25), (0.4, 1.0), (0.9, 1.0)])
def test_that_the_kl_terms_warm_up_and_free_bits_are_a_floor(progress: float, weight: float) -> None:
    model, batch = a_model(warm_up=0.4, free_bits=3.0), a_batch()
    model.progress = progress
    loss = model.loss(batch, generator())
    reconstruction, kl, lower = (loss.terms[name].item() for name in ("reconstruction", "kl", "kl_lower"))
    assert kl < 3
    assert loss.total.item() == pytest.approx(weight * (3.0 + lower) - reconstruction, rel=1e-10)
    plain = a_model().loss(batch, generator())
    assert plain.total.item() == pytest.approx(-plain.terms["elbo"].item(), rel=1e-10)


def test_that_the_map_shows_the_lower_layers_mean_or_one_sample_that_moves_smoothly() -> None:
    model = a_model()
    z = torch.linspace(-2, 2, 1001, dtype=torch.float64)[:, None].expand(-1, 2)
    prior, mean, sampled = model.lower_prior(z), model.decode(z), model.decode(z, switches=ON)
    assert torch.equal(mean, model.decoder(prior[:, :LOWER_DIM]))
    assert torch.equal(sampled, model.decode(z, switches=ON))
    assert (sampled - mean).norm(dim=1).min() > 1e-3
    steps = (sampled[1:] - sampled[:-1]).norm(dim=1)
    assert steps.max() < 0.02 * (sampled.amax(dim=0) - sampled.amin(dim=0)).norm()


def test_that_the_sample_is_one_of_the_lower_layers_distribution() -> None:
    model = a_model()
    with torch.no_grad():
        model.decoder = torch.nn.Identity()
        for weight in model.lower_prior.parameters():
            weight.zero_()
        next(reversed(list(model.lower_prior.parameters())))[LOWER_DIM:] = 2.0  # the log-variances
    noise = model.decode(torch.zeros(1, 2).double(), switches=ON)[0] / torch.tensor(1.0).exp()
    assert len(set(noise.tolist())) == LOWER_DIM
    assert 0.3 < noise.square().mean().item() < 3


def test_that_every_weight_takes_part_in_the_loss() -> None:
    model = a_model("conv")
    model.loss(a_batch(20), generator()).total.backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())
