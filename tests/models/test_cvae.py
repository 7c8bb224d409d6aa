"""The conditional VAE against sums by hand, torch.distributions and a network without its first layer's shortcut."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from vae_explorer.models.base import Batch, LatentModel, build_model
from vae_explorer.models.cvae import Cvae
from vae_explorer.models.measure import codes_of
from vae_explorer.models.spec import ModelSpec

CLASSES = 3


def a_model(body: str = "mlp", hidden: tuple[int, ...] = (5, 4)) -> Cvae:
    torch.manual_seed(3)
    model = build_model(ModelSpec("cvae", body, (3, 2, 1), hidden, classes=CLASSES))
    assert isinstance(model, Cvae)
    return model.double().eval()


def a_batch(n: int = 6) -> Batch:
    generator = torch.Generator().manual_seed(1)
    return Batch(torch.rand(n, 6, generator=generator, dtype=torch.float64).round(), torch.arange(n) % CLASSES)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def test_that_encoder_and_decoder_without_a_hidden_layer_are_sums_by_hand() -> None:
    model = a_model(hidden=())
    batch = a_batch()
    state = {name: tensor.tolist() for name, tensor in model.state_dict().items()}
    mean = model.encode(batch.images, batch.label).mean.tolist()
    logits = model.decode(torch.tensor([[0.5, -2.0]]).double(), torch.tensor([[0.25, 0.0, 0.75]]).double())[0].tolist()
    for n, (image, label) in enumerate(zip(batch.images.tolist(), batch.label.tolist(), strict=True)):
        for k in range(2):
            row = state["head.weight"][k]
            by_hand = sum(row[d] * image[d] for d in range(6)) + row[6 + label] + state["head.bias"][k]
            assert mean[n][k] == pytest.approx(by_hand, rel=1e-12)
    for pixel, (row, bias) in enumerate(zip(state["decoder.0.weight"], state["decoder.0.bias"], strict=True)):
        by_hand = 0.5 * row[0] - 2 * row[1] + 0.25 * row[2] + 0.75 * row[4] + bias
        assert logits[pixel] == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_objective_is_the_bound_given_each_images_own_class(body: str) -> None:
    model, batch = a_model(body), a_batch()
    noise = torch.empty(6, 2, dtype=torch.float64).normal_(generator=generator())
    bounds = []
    for image, label, draw in zip(batch.images, batch.label, noise, strict=True):
        q = model.encode(image[None], label[None])
        normal = Normal(q.mean[0], (0.5 * q.log_variance[0]).exp())
        condition = torch.eye(CLASSES, dtype=torch.float64)[label][None]
        logits = model.decode((normal.mean + normal.stddev * draw)[None], condition)[0]
        bounds.append(Bernoulli(logits=logits).log_prob(image).sum() - kl_divergence(normal, Normal(0.0, 1.0)).sum())
    wanted = torch.stack(bounds)
    assert torch.allclose(model.image_terms(batch, generator())["conditional_elbo"], wanted, rtol=1e-10)
    assert model.loss(batch, generator()).total.item() == pytest.approx(-wanted.mean().item(), rel=1e-10)


def test_that_another_class_gives_another_picture_and_another_code() -> None:
    model, batch = a_model(), a_batch(1)
    z, one_hot = torch.zeros(1, 2).double(), torch.eye(CLASSES).double()
    pictures = [model.decode(z, one_hot[c : c + 1]) for c in range(CLASSES)]
    codes = [model.encode(batch.images, torch.tensor([c])).mean for c in range(CLASSES)]
    for things in (pictures, codes):
        assert all(not torch.allclose(things[0], other) for other in things[1:])
    assert torch.equal(model.decode(z), pictures[0])
    assert torch.equal(model.encode(batch.images).mean, codes[0])


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_a_path_through_weights_of_classes_has_no_jump(body: str) -> None:
    model = a_model(body)
    share = torch.linspace(0, 1, 2001, dtype=torch.float64)[:, None]
    one_hot = torch.eye(CLASSES, dtype=torch.float64)
    path = model.decode(torch.zeros(2001, 2, dtype=torch.float64), (1 - share) * one_hot[0] + share * one_hot[2])
    assert torch.allclose(path[0], model.decode(torch.zeros(1, 2).double(), one_hot[:1])[0], rtol=1e-10)
    assert torch.allclose(path[-1], model.decode(torch.zeros(1, 2).double(), one_hot[2:])[0], rtol=1e-10)
    whole, steps = (path[-1] - path[0]).norm(), (path[1:] - path[:-1]).norm(dim=1)
    assert whole > 0
    assert steps.max() < whole / 500


def test_that_every_weight_takes_part_in_the_loss() -> None:
    model = a_model("conv", (4, 3))
    model.loss(a_batch(12), generator()).total.backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())


def test_that_codes_of_a_data_set_are_those_of_each_images_class() -> None:
    model: LatentModel = a_model().float()
    images = (a_batch().images.reshape(6, 3, 2) * 255).byte().numpy()
    labels = a_batch().label.to(torch.uint8).numpy()
    codes = codes_of(model, {0: (images, labels), 1: (images[:1], labels[2:3])})
    wanted = model.encode(a_batch().images.float(), a_batch().label).mean.detach().numpy()
    assert codes.mean[:6] == pytest.approx(wanted, abs=1e-6)
    assert math.dist(codes.mean[6], codes.mean[0]) > 1e-3  # the same image as another class
