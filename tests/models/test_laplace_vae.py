"""The Newton steps against autograd's slopes, the objective by torch.distributions and by finite differences."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.autograd.functional import hessian, jacobian
from torch.distributions import Bernoulli, ContinuousBernoulli, Normal, kl_divergence

from tests.models.slopes import check_gradients, generator
from vae_explorer.models import laplace_vae, linear
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.laplace_vae import LaplaceVae
from vae_explorer.models.linear import short_products
from vae_explorer.models.spec import ModelSpec

LIKELIHOODS = FAMILIES["laplace-vae"].likelihoods
SIGMA = 0.2
MANY = 300  # steps


def a_model(steps: float = 4, body: str = "mlp", likelihood: str = "bernoulli", steps_from: float = 0.0) -> LaplaceVae:
    torch.manual_seed(2)
    parameters = {"steps": float(steps), "steps_from": steps_from} | (
        {"sigma": SIGMA} if likelihood.startswith("gaussian") else {}
    )
    model = build_model(ModelSpec("laplace-vae", body, (3, 2, 1), (5, 4), likelihood, parameters=parameters)).double().eval()
    assert isinstance(model, LaplaceVae)
    with torch.no_grad():
        for weight in model.decoder.parameters():
            weight.mul_(3)  # so that the image depends on z
    return model


def a_batch(n: int = 4) -> Batch:
    images = torch.rand(n, 6, generator=torch.Generator().manual_seed(1)).double().round()
    return Batch(images, torch.zeros(n, dtype=torch.int64))


def of_pixels(model: LaplaceVae, likelihood: str, z: Tensor) -> Bernoulli | ContinuousBernoulli | Normal:
    parameters = model.decode(z)
    if likelihood.startswith("gaussian"):
        std = model.likelihood.free_log_std.exp() if likelihood == "gaussian-learned" else SIGMA
        return Normal(torch.sigmoid(parameters), std)
    return (ContinuousBernoulli if likelihood == "continuous-bernoulli" else Bernoulli)(logits=parameters)


def log_joint(model: LaplaceVae, likelihood: str, image: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) of one image at a z (2,)."""
    pixels = of_pixels(model, likelihood, z[None]).log_prob(image).sum()
    return pixels + Normal(0.0, 1.0).log_prob(z).sum()


def test_that_a_step_that_promises_little_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    model, images = a_model(1), a_batch().images
    start, end = model.guess(images).mean, model.encode(images).mean
    rises = [
        (log_joint(model, "bernoulli", image, after) - log_joint(model, "bernoulli", image, before)).item()
        for image, before, after in zip(images, start, end, strict=True)
    ]
    middle = sorted(rises)[len(rises) // 2 - 1 : len(rises) // 2 + 1]
    monkeypatch.setattr(laplace_vae, "ENOUGH", sum(middle) / 2)
    moved = (model.encode(images).mean != start).any(dim=1)
    assert moved.tolist() == [rise > sum(middle) / 2 for rise in rises]


@pytest.fixture
def to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are taken however little they promise."""
    monkeypatch.setattr(laplace_vae, "ENOUGH", 0.0)


@pytest.mark.usefixtures("to_the_end")
@pytest.mark.parametrize("body", FAMILIES["laplace-vae"].bodies)
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_that_the_steps_end_at_a_maximum_of_the_log_joint(body: str, likelihood: str) -> None:
    model, images = a_model(MANY, body, likelihood), a_batch().images
    ends = model.encode(images).mean
    for image, start, end in zip(images, model.guess(images).mean, ends, strict=True):
        slope = jacobian(lambda z, x=image: log_joint(model, likelihood, x, z), end)
        assert slope.abs().max() < 1e-5
        curve = torch.linalg.eigvalsh(hessian(lambda z, x=image: log_joint(model, likelihood, x, z), end))
        assert (curve < 0).all()
        assert log_joint(model, likelihood, image, end) > log_joint(model, likelihood, image, start) + 1e-3


@pytest.mark.usefixtures("to_the_end")
@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_that_one_step_is_newtons_and_the_std_that_of_its_matrix(likelihood: str) -> None:
    """H = Jᵀ F J + I, with J that of the distribution's mean and F = 1 / its variance, both of torch."""
    model, images = a_model(1, likelihood=likelihood), a_batch().images
    images = images if likelihood == "bernoulli" else 0.25 + 0.5 * images
    model.decoder.requires_grad_(False)[-1].weight.mul_(0.3)  # so that the first step leads up
    start, q = model.guess(images).mean.detach(), model.encode(images)
    for n, image in enumerate(images):

        def matrix(z: Tensor) -> Tensor:
            pixels = of_pixels(model, likelihood, z[None])
            j = jacobian(lambda point: of_pixels(model, likelihood, point[None]).mean[0], z)
            return j.T @ torch.diag(1 / pixels.variance[0].detach()) @ j + torch.eye(2).double()

        slope = jacobian(lambda z, x=image: log_joint(model, likelihood, x, z), start[n])
        wanted = start[n] + torch.linalg.solve(matrix(start[n]), slope)
        assert log_joint(model, likelihood, image, wanted) > log_joint(
            model, likelihood, image, start[n]
        )  # a step that is taken
        assert q.mean[n].tolist() == pytest.approx(wanted.tolist(), abs=1e-5)
        assert q.std[n].tolist() == pytest.approx(matrix(q.mean[n]).diag().rsqrt().tolist(), rel=1e-5)


def test_that_without_steps_only_the_width_is_found() -> None:
    model, images = a_model(0), a_batch().images
    q, guess = model.encode(images), model.guess(images)
    assert torch.equal(q.mean, guess.mean)
    assert ((q.std - guess.std).abs() > 1e-3).all()


@pytest.mark.usefixtures("to_the_end")
def test_that_a_step_that_leads_down_is_tried_again_shorter() -> None:
    model, images = a_model(), a_batch(40).images
    with torch.no_grad():
        model.decoder[-1].weight.mul_(20)
    heights = []
    for steps in range(9):
        model.steps = steps
        ends = model.encode(images).mean
        heights.append(
            torch.stack([log_joint(model, "bernoulli", image, end) for image, end in zip(images, ends, strict=True)]).detach()
        )
    rises = torch.stack(heights).diff(dim=0)
    assert (rises >= 0).all()
    refused = rises[:-1] == 0
    assert (refused & (rises[1:] > 0)).any()  # a shorter one was taken after one that was not


def test_that_an_image_is_not_moved_by_those_beside_it() -> None:
    model, images = a_model(), a_batch().images
    together = model.encode(images)
    for n in range(len(images)):
        alone = model.encode(images[n : n + 1])
        assert alone.mean[0].tolist() == pytest.approx(together.mean[n].tolist(), abs=1e-9)
        assert alone.std[0].tolist() == pytest.approx(together.std[n].tolist(), rel=1e-9)


def test_that_figures_are_those_of_torch_distributions() -> None:
    model, batch = a_model(), a_batch()
    figures, noise = model.image_terms(batch, generator()), generator()

    def elbo(mean: Tensor, std: Tensor) -> tuple[Tensor, Tensor]:
        z = mean + std * torch.empty(4, 2).double().normal_(generator=noise)
        kl = kl_divergence(Normal(mean, std), Normal(0.0, 1.0)).sum(dim=1)
        return Bernoulli(logits=model.decode(z)).log_prob(batch.images).sum(dim=1), kl

    q, guess = model.encode(batch.images), model.guess(batch.images)
    reconstruction, kl = elbo(q.mean, q.std)
    assert figures["elbo"].tolist() == pytest.approx((reconstruction - kl).tolist(), rel=1e-10)
    assert figures["kl"].tolist() == pytest.approx(kl.tolist(), rel=1e-10)
    reconstruction, kl = elbo(guess.mean, guess.std)
    assert figures["guess_elbo"].tolist() == pytest.approx((reconstruction - kl).tolist(), rel=1e-10)


def elbo_of(model: LaplaceVae, likelihood: str, images: Tensor, mean: Tensor, std: Tensor, noise: torch.Generator) -> Tensor:
    z = mean + std * torch.empty(mean.shape).double().normal_(generator=noise)
    kl = kl_divergence(Normal(mean, std), Normal(0.0, 1.0)).sum(dim=1)
    return (of_pixels(model, likelihood, z).log_prob(images).sum(dim=1) - kl).mean()


def slopes(loss: Tensor, weights: list[torch.nn.Parameter]) -> Tensor:
    found = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True, retain_graph=True)
    return torch.cat([slope.flatten() for slope in found])


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_that_the_decoder_learns_at_the_steps_end_and_the_encoder_at_its_guess(likelihood: str) -> None:
    model, batch, noise = a_model(likelihood=likelihood), a_batch(), generator()
    decoder = [*model.decoder.parameters(), *model.likelihood.parameters()]
    encoder = [*model.encoder.parameters(), *model.head.parameters()]
    loss = model.loss(batch, generator())
    q, guess = model.encode(batch.images), model.guess(batch.images)
    at_end = elbo_of(model, likelihood, batch.images, q.mean, q.std, noise)
    assert loss.terms["elbo"].item() == pytest.approx(at_end.item(), rel=1e-10)
    at_guess = elbo_of(model, likelihood, batch.images, guess.mean, guess.std, noise)
    assert loss.terms["guess_elbo"].item() == pytest.approx(at_guess.item(), rel=1e-10)
    assert torch.allclose(slopes(loss.total, decoder), slopes(-at_end, decoder), rtol=1e-9)
    assert torch.allclose(slopes(loss.total, encoder), slopes(-at_guess, encoder), rtol=1e-9)
    assert all(weight.requires_grad for weight in model.parameters())


def test_that_the_decoder_learns_at_the_guess_until_the_steps_set_in() -> None:
    model, batch = a_model(steps_from=0.5), a_batch()
    model.progress = 0.49
    check_gradients(model, lambda: model.loss(batch, generator()).total)
    guess = model.guess(batch.images)
    wanted = elbo_of(model, "bernoulli", batch.images, guess.mean, guess.std, generator()).item()
    loss = model.loss(batch, generator())
    for name in ("elbo", "guess_elbo"):
        assert loss.terms[name].item() == pytest.approx(wanted, rel=1e-10)
    model.progress = 0.5
    assert model.loss(batch, generator()).terms["elbo"].item() > wanted + 1e-3


@pytest.fixture
def wide() -> LaplaceVae:
    """In float32, and so wide that its products are those of training."""
    torch.manual_seed(0)
    model = build_model(ModelSpec("laplace-vae", "mlp", (16, 16, 1), (256, 256))).eval()
    assert isinstance(model, LaplaceVae)
    with torch.no_grad():
        for weight in model.decoder.parameters():
            weight.mul_(2)
    return model


def test_that_float32_is_enough_also_where_training_multiplies_short_numbers(
    wide: LaplaceVae, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear, "HAS_BFLOAT16", True)
    images = torch.rand(32, 256, generator=generator()).round()
    with short_products():
        found, rounded = wide.encode(images), wide.decode(torch.zeros(32, 2))
    assert not torch.equal(rounded, wide.decode(torch.zeros(32, 2)))
    wanted = wide.double().encode(images.double())
    assert (wanted.mean - wide.guess(images.double()).mean).abs().mean() > 10 * wanted.std.mean() * 0.02
    assert ((found.mean - wanted.mean).abs() < 0.02 * wanted.std).all()
    assert ((found.std / wanted.std - 1).abs() < 0.03).all()


def test_that_a_step_to_where_nothing_is_known_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    model, images = a_model(1), a_batch().images
    ends, decode = model.encode(images).mean, model.decode
    border = ends[:, 0].sort().values[1:3].mean()
    monkeypatch.setattr(model, "decode", lambda z: torch.where(z[:, :1] < border, torch.nan, decode(z)))
    starts = model.guess(images).mean
    assert (starts[:, 0] > border + 1e-4).all()
    beyond = ends[:, 0] < border + 1e-4
    assert beyond.any()
    assert model.encode(images).mean[beyond].tolist() == starts[beyond].tolist()
    assert model.encode(images).mean[~beyond].tolist() == ends[~beyond].tolist()


def test_that_no_images_have_no_codes() -> None:
    assert a_model().encode(torch.zeros(0, 6).double()).mean.shape == (0, 2)
