from __future__ import annotations

import pytest
import torch

from vae_explorer.errors import UserError
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.spec import ModelSpec
from vae_explorer.shapes import ImageShape

from .specs import FAMILIES_AND_BODIES, a_spec


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (5, 7, 1), (1, 2, 1), (5, 7, 3)])
@pytest.mark.parametrize(("family", "body"), FAMILIES_AND_BODIES)
def test_that_an_image_goes_to_the_plane_and_back(family: str, body: str, shape: ImageShape) -> None:
    spec = a_spec(family, body, shape)
    model = build_model(spec).eval()
    images = torch.rand(3, spec.image_size)
    posterior = model.encode(images, torch.arange(3))
    assert posterior.mean.shape == posterior.std.shape == (3, 2)
    assert model.decode(posterior.mean).shape == (3, spec.image_size)
    assert torch.isfinite(model.loss(Batch(images, torch.arange(3))).total)


@pytest.mark.parametrize("body", FAMILIES["vae"].bodies)
def test_that_an_image_is_encoded_alike_alone_and_among_others(body: str) -> None:
    model = build_model(ModelSpec("vae", body, (6, 6, 1), (4,))).double().eval()
    images = torch.rand(5, 36, dtype=torch.float64)
    together = model.encode(images).mean
    alone = torch.cat([model.encode(one[None]).mean for one in images])
    assert torch.allclose(together, alone, rtol=1e-12)


@pytest.mark.parametrize("body", FAMILIES["vae"].bodies)
def test_that_every_weight_takes_part_in_the_loss(body: str) -> None:
    model = build_model(ModelSpec("vae", body, (6, 5, 1), (4, 3)))
    model.loss(Batch(torch.rand(20, 30), torch.zeros(20, dtype=torch.int64))).total.backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_that_the_same_seed_builds_the_same_weights() -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return torch.cat([p.flatten() for p in build_model(ModelSpec("vae", "mlp", (8, 8, 1), (4,))).parameters()])

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (ModelSpec("cov", "mlp", (8, 8, 1), (4,)), "unknown model family 'cov'; known: .*vae"),
        (ModelSpec("vae", "trunk", (8, 8, 1), (4,)), "unknown body 'trunk'; known: conv, .*mlp"),
        (ModelSpec("vae", "mlp", (8, 8, 1), (4,), likelihood="poisson"), "unknown likelihood 'poisson'; known: bernoulli"),
    ],
)
def test_that_an_unknown_part_lists_the_known_ones(spec: ModelSpec, message: str) -> None:
    with pytest.raises(UserError, match=message):
        build_model(spec)


@pytest.mark.parametrize(("pixels", "hidden"), [(64, (256, 128)), (784, (512, 512, 512))])
def test_that_a_body_suits_the_size_of_the_images(pixels: int, hidden: tuple[int, ...]) -> None:
    assert BODIES["mlp"].default_hidden(pixels) == hidden
