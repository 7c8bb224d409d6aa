from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from vae_explorer.errors import UserError
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.cost import cost_of
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.networks import build_halves
from vae_explorer.models.resconv import Grid, Residual
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


@pytest.mark.parametrize(("family", "body"), FAMILIES_AND_BODIES)
def test_that_a_network_without_hidden_layers_goes_to_the_plane_and_back(family: str, body: str) -> None:
    spec = replace(a_spec(family, body, (5, 7, 3)), hidden=())
    model = build_model(spec).eval()
    images = torch.rand(4, spec.image_size)
    mean = model.encode(images, torch.arange(4)).mean
    condition = torch.eye(spec.classes)[:4] if spec.classes else None
    assert model.decode(mean, condition).shape == (4, spec.image_size)
    assert sum(weight.numel() for weight in model.parameters()) <= cost_of(spec).weights
    assert torch.isfinite(model.loss(Batch(images, torch.arange(4))).total)


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


@pytest.mark.parametrize(
    ("body", "numbers", "hidden"),
    [
        ("mlp", 64, (256, 128)),
        ("mlp", 784, (512, 512, 512)),
        ("resconv", 64, (32, 64)),
        ("resconv", 64 * 64 * 3, (32, 64, 128)),
        ("resconv", 128 * 128, (16, 32, 64, 128)),
        ("conv", 128 * 128 * 3, (32, 64)),
    ],
)
def test_that_a_body_suits_the_size_of_the_images(body: str, numbers: int, hidden: tuple[int, ...]) -> None:
    assert BODIES[body].default_hidden(numbers) == hidden


def test_that_a_residual_block_adds_its_branch_to_its_input() -> None:
    spec = ModelSpec("vae", "resconv", (8, 8, 1), (6, 4))
    block = next(layer for layer in build_halves(spec).encoder if isinstance(layer, Residual))
    planes = torch.rand(2, 6, 4, 4)
    one, _, three, _, last = block.branch
    narrow = functional.gelu(functional.conv2d(planes, one.weight, one.bias))
    narrow = functional.gelu(functional.conv2d(narrow, three.weight, three.bias, padding=1))
    assert torch.allclose(block(planes), planes + functional.conv2d(narrow, last.weight, last.bias), atol=1e-6)
    assert narrow.shape[1] == 3
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    assert torch.equal(block(planes), planes)


@pytest.mark.parametrize("shape", [(64, 64, 3), (41, 67, 1), (50, 20, 16)])
def test_that_the_decoder_of_residual_convolutions_sees_neighbours_as_neighbours(shape: ImageShape) -> None:
    """A change of the smallest grid at (1, 1) changes the image around (12, 12), in all channels."""
    torch.manual_seed(0)
    decoder = build_halves(ModelSpec("vae", "resconv", shape, (8, 8, 8))).decoder
    grid = next(place for place, layer in enumerate(decoder) if isinstance(layer, Grid))
    _, height, width, channels = decoder[grid].shape
    numbers = torch.zeros(2, height, width, channels)
    numbers[1, 1, 1] = 5.0
    with torch.no_grad():
        before, after = decoder[grid:](numbers.flatten(1)).view(2, *shape)
    change = (after - before).abs()
    assert (change.sum(dim=(0, 1)) > 0).all()
    rows, columns, _ = torch.nonzero(change > 1e-6).T
    assert max(rows.max(), columns.max()) <= 36  # a block adds 1; a transposed convolution takes i to 2i + 2
    weights = change.sum(dim=2) / change.sum()
    assert (weights.sum(dim=1) @ torch.arange(shape[0]).float()).item() == pytest.approx(11.5, abs=4)
    assert (weights.sum(dim=0) @ torch.arange(shape[1]).float()).item() == pytest.approx(11.5, abs=4)
