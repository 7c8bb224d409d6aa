from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_explorer.codes import Split
from vae_explorer.kinds import Binarised
from vae_explorer.models import measure
from vae_explorer.models.base import Batch
from vae_explorer.models.beta_vae import BetaVae
from vae_explorer.models.info_vae import InfoVae
from vae_explorer.models.measure import Measured, binarise_once, codes_of, encode_images, mean_terms, standard_error, unit
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae


@pytest.fixture
def model() -> Vae:
    torch.manual_seed(0)
    return Vae(ModelSpec("vae", "mlp", (2, 3, 1), (5,)))


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(11, 6, generator=torch.Generator().manual_seed(0))


def a_batch(images: torch.Tensor) -> Batch:
    return Batch(images, torch.zeros(len(images), dtype=torch.int64))


def elbo_of(model: Vae, images: torch.Tensor, samples: int = 1) -> dict[str, float]:
    return mean_terms(model, images, torch.zeros(len(images), dtype=torch.int64), samples)


def in_order(images: torch.Tensor) -> torch.Tensor:
    """The images in the order in which figures draw for them."""
    return images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))]


def test_that_binarised_pixels_are_the_same_every_time_and_another_seed_gives_others(images: torch.Tensor) -> None:
    assert torch.equal(binarise_once(images), binarise_once(images))
    assert not torch.equal(binarise_once(images), binarise_once(images, seed=1))


def test_that_binarised_pixels_are_white_as_often_as_they_are_grey() -> None:
    grey = torch.tensor([0.0, 0.25, 0.9, 1.0]).expand(40_000, 4)
    drawn = binarise_once(grey)
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert drawn.mean(dim=0).tolist() == pytest.approx([0, 0.25, 0.9, 1], abs=0.01)
    assert not drawn[:, 0].any()
    assert drawn[:, 3].all()


def test_that_pixels_binarised_a_few_images_at_a_time_are_those_that_figures_are_of() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (2 * measure.BATCH + 7, 3, 5), dtype=np.uint8)
    drawn = measure.binary_pixels(grey)
    assert np.array_equal(drawn.reshape(len(grey), -1), measure.measured_images(grey, Binarised.DYNAMIC).numpy())


def test_that_binarising_leaves_the_global_generator_alone(images: torch.Tensor) -> None:
    before = torch.get_rng_state()
    binarise_once(images)
    assert torch.equal(before, torch.get_rng_state())


def test_that_the_elbo_of_a_set_is_the_mean_over_its_images(model: Vae, images: torch.Tensor) -> None:
    reconstruction, kl = model.elbo_terms(a_batch(in_order(images)), torch.Generator().manual_seed(0))
    figures = elbo_of(model, images)
    assert figures["reconstruction"] == pytest.approx(reconstruction.mean().item(), rel=1e-6)
    assert figures["kl"] == pytest.approx(kl.mean().item(), rel=1e-6)
    assert figures["elbo"] == pytest.approx((reconstruction - kl).mean().item(), rel=1e-6)


def test_that_the_elbo_is_measured_without_beta(images: torch.Tensor) -> None:
    def elbo(beta: float) -> float:
        torch.manual_seed(0)
        return elbo_of(BetaVae(ModelSpec("beta-vae", "mlp", (2, 3, 1), (5,), parameters={"beta": beta})), images)["elbo"]

    assert elbo(1.0) == elbo(10.0)


def test_that_several_draws_are_averaged(model: Vae, images: torch.Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    draws = [model.elbo_terms(a_batch(in_order(images)), generator)[0].mean().item() for _ in range(4)]
    assert elbo_of(model, images, samples=4)["reconstruction"] == pytest.approx(sum(draws) / 4, rel=1e-6)


def test_that_the_size_of_the_batches_does_not_move_codes_and_kl(
    model: Vae, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, kl = encode_images(model, images.numpy()), elbo_of(model, images)["kl"]
    monkeypatch.setattr(measure, "BATCH", 3)
    for ours, wanted in zip(encode_images(model, images.numpy()), whole, strict=True):
        assert ours == pytest.approx(wanted, rel=1e-5, abs=1e-6)
    assert elbo_of(model, images)["kl"] == pytest.approx(kl, rel=1e-6)


def test_that_a_figure_of_whole_batches_does_not_hang_on_the_order_of_the_file(
    model: Vae, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "BATCH", 50)
    monkeypatch.setattr(Vae, "image_terms", lambda self, batch, *rest: {"spread": batch.images.var().expand(len(batch))})
    by_class = torch.cat([torch.zeros(500, 6), torch.ones(500, 6)])
    assert elbo_of(model, by_class)["spread"] == pytest.approx(0.25, abs=0.01)


def test_that_codes_hold_train_images_first_and_then_test_images(model: Vae, images: torch.Tensor) -> None:
    labels = np.arange(11, dtype=np.uint8)
    codes = codes_of(model, {Split.TEST: (images[:4].numpy(), labels[:4]), Split.TRAIN: (images[4:].numpy(), labels[4:])})
    assert codes.label.tolist() == [4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3]
    assert codes.split.tolist() == [Split.TRAIN] * 7 + [Split.TEST] * 4
    posterior = model.encode(images)
    assert codes.mean[7:] == pytest.approx(posterior.mean[:4].detach().numpy(), rel=1e-5, abs=1e-6)
    assert codes.std[:7] == pytest.approx(posterior.std[4:].detach().numpy(), rel=1e-5)


def test_that_bytes_become_grey_values_between_black_and_white() -> None:
    assert unit(torch.tensor([0, 51, 102, 255], dtype=torch.uint8)).tolist() == pytest.approx([0, 0.2, 0.4, 1])


def measured(model: Vae, images: torch.Tensor, samples: int = 1, seed: int = 0) -> Measured:
    return measure.measure(model, images, torch.zeros(len(images), dtype=torch.int64), samples, seed)


def many_images(n: int) -> torch.Tensor:
    return torch.rand(n, 6, generator=torch.Generator().manual_seed(1))


def test_that_the_error_of_a_term_in_closed_form_is_that_of_its_values_of_single_images(model: Vae) -> None:
    images = many_images(2_300)
    mean, std = encode_images(model, images.numpy().reshape(-1, 2, 3))
    kl = 0.5 * (mean.astype(float) ** 2 + std.astype(float) ** 2 - 1 - 2 * np.log(std.astype(float))).sum(axis=1)
    wanted = math.sqrt(sum((value - kl.mean()) ** 2 for value in kl) / (len(kl) - 1) / len(kl))
    assert measured(model, images).errors["kl"] == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("samples", [1, 3])
def test_that_the_error_is_the_spread_of_the_mean_over_other_images_and_draws(model: Vae, samples: int) -> None:
    """Bootstrap: the images are drawn again with replacement, and the draws of z for each of them anew."""
    with torch.no_grad():
        model.head.bias[2:] = 1.0  # a wide q, so that draws matter
    images = many_images(200)
    random = np.random.default_rng(0)
    means = [
        measured(model, images[torch.from_numpy(random.integers(0, 200, 200))], samples, seed).means["elbo"]
        for seed in range(200)
    ]
    assert measured(model, images, samples).errors["elbo"] == pytest.approx(np.std(means, ddof=1), rel=0.15)


def test_that_the_error_of_a_term_of_whole_batches_is_that_of_the_batches() -> None:
    torch.manual_seed(0)
    model = InfoVae(ModelSpec("info-vae", "mlp", (2, 3, 1), (5,), parameters={"alpha": 0.0, "mmd_weight": 10.0}))
    images = many_images(3 * measure.BATCH)
    found = measured(model, images)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        batches = [
            model.image_terms(a_batch(images[rows]), generator)["mmd"].mean().item() for rows in order.split(measure.BATCH)
        ]
    assert found.means["mmd"] == pytest.approx(np.mean(batches))
    assert found.errors["mmd"] == pytest.approx(np.std(batches, ddof=1) / math.sqrt(3))
    assert "mmd" not in measured(model, images[:500]).errors  # one batch says nothing of its spread


def test_that_one_value_has_no_standard_error() -> None:
    assert standard_error(np.array([1.5])) is None
    assert standard_error(np.array([1.0, 3.0])) == pytest.approx(1.0)
