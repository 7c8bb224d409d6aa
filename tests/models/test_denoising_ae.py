"""The denoising autoencoder: what is done to images, and that the clean ones are asked for."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from tests.models.slopes import generator
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.denoising_ae import DenoisingAe
from vae_explorer.models.spec import ModelSpec
from vae_explorer.shapes import ImageShape


def a_model(mask: float, noise: float, body: str = "mlp", shape: ImageShape = (1, 3, 1)) -> DenoisingAe:
    torch.manual_seed(2)
    model = build_model(ModelSpec("denoising-ae", body, shape, (5, 4), parameters={"mask": mask, "noise": noise}))
    assert isinstance(model, DenoisingAe)
    return model.double()


def batch_of(images: Tensor) -> Batch:
    return Batch(images.double(), torch.zeros(len(images), dtype=torch.int64))


def log_prob(model: DenoisingAe, clean: list[float], shown: list[float]) -> float:
    """log p(clean | f(shown)) by pixel."""
    logits = model.decode(model.encode(torch.tensor([shown], dtype=torch.float64)).mean)[0].tolist()
    return sum(x * a - math.log1p(math.exp(a)) for x, a in zip(clean, logits, strict=True))


def test_that_the_mean_loss_is_the_sum_over_all_masks() -> None:
    model, image, nu = a_model(0.4, 0.0), [0.9, 0.2, 0.6], 0.4
    wanted = 0.0
    for mask in itertools.product((0, 1), repeat=3):
        chance = math.prod(1 - nu if kept else nu for kept in mask)
        wanted += chance * log_prob(model, image, [x * m for x, m in zip(image, mask, strict=True)])
    with torch.no_grad():
        found = model.denoising(batch_of(torch.tensor([image]).expand(200_000, 3)), generator())
    error = found.std().item() / math.sqrt(len(found))
    assert error < 0.002 * abs(wanted)
    assert found.mean().item() == pytest.approx(wanted, abs=4 * error + 1e-6)


def test_that_a_pixel_is_masked_with_its_probability_and_else_left_alone() -> None:
    images = torch.rand(1000, 100, generator=generator(1)) + 0.01
    shown = a_model(0.3, 0.0).corrupt(images, generator())
    masked = shown == 0
    assert masked.double().mean().item() == pytest.approx(0.3, abs=4 * math.sqrt(0.3 * 0.7 / masked.numel()))
    assert torch.equal(shown[~masked], images[~masked])
    both = (masked[:, :50] & masked[:, 50:]).double().mean().item()
    assert both == pytest.approx(0.09, abs=4 * math.sqrt(0.09 * 0.91 / 50_000))  # independently of one another


def test_that_noise_has_its_std_and_no_mean() -> None:
    images = torch.rand(1000, 100, generator=generator(1))
    noise = a_model(0.0, 0.25).corrupt(images, generator()) - images
    assert noise.mean().item() == pytest.approx(0, abs=4 * 0.25 / math.sqrt(100_000))
    assert noise.std().item() == pytest.approx(0.25, rel=0.01)


def test_that_a_masked_pixel_is_0_under_noise_too() -> None:
    shown = a_model(0.3, 0.25).corrupt(torch.rand(100, 100, generator=generator(1)), generator())
    assert (shown == 0).double().mean().item() == pytest.approx(0.3, abs=0.02)


def test_that_images_themselves_are_not_changed() -> None:
    images = torch.rand(4, 3, generator=generator(1))
    before = images.clone()
    a_model(0.5, 0.5).corrupt(images, generator())
    assert torch.equal(images, before)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_without_corruption_it_is_the_plain_autoencoder(body: str) -> None:
    batch = batch_of(torch.rand(7, 6, generator=generator(1)))
    model = a_model(0.0, 0.0, body, (3, 2, 1))
    torch.manual_seed(2)
    plain = build_model(ModelSpec("ae", body, (3, 2, 1), (5, 4))).double()
    assert model.loss(batch, generator()).total.item() == pytest.approx(plain.loss(batch).total.item(), rel=1e-12)


def test_that_figures_are_of_the_clean_image_once_from_itself_and_once_from_corrupted_ones() -> None:
    image = [0.9, 0.2, 0.6]
    model, batch = a_model(0.5, 0.3), batch_of(torch.tensor([image]))
    figures = model.image_terms(batch, generator(), samples=3)
    assert figures["reconstruction"].tolist() == pytest.approx([log_prob(model, image, image)], rel=1e-6)
    draws, noise = [], generator()
    for _ in range(3):
        shown = torch.tensor(image).double() + 0.3 * torch.empty(1, 3).double().normal_(generator=noise)[0]
        shown[torch.empty(1, 3).double().uniform_(generator=noise)[0] < 0.5] = 0
        draws.append(log_prob(model, image, shown.tolist()))
    assert figures["denoising"].tolist() == pytest.approx([sum(draws) / 3], rel=1e-6)
    assert len({round(draw, 9) for draw in draws}) > 1


def test_that_what_is_minimised_is_the_denoising_term_alone() -> None:
    batch = batch_of(torch.rand(7, 3, generator=generator(1)))
    model = a_model(0.5, 0.3)
    loss = model.loss(batch, generator())
    assert loss.total.item() == pytest.approx(-model.image_terms(batch, generator())["denoising"].mean().item(), rel=1e-12)
    assert set(loss.terms) == {"denoising"}
    assert loss.total.item() != model.loss(batch, generator(6)).total.item()
