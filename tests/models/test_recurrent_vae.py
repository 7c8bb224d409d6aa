"""The recurrent body against the GRU's equations in plain numbers, and the family's objective against torch.distributions."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

from vae_explorer.models.base import Batch, LatentModel, build_blank, build_model
from vae_explorer.models.networks import Halves, build_halves
from vae_explorer.models.spec import ModelSpec

HEIGHT, WIDTH = 4, 3
Rows = list[list[float]]


def a_spec(hidden: tuple[int, ...] = (5,), classes: int = 0) -> ModelSpec:
    return ModelSpec("recurrent-vae", "gru", (HEIGHT, WIDTH, 1), hidden, classes=classes)


def halves(spec: ModelSpec) -> Halves:
    torch.manual_seed(3)
    made = build_halves(spec)
    made.encoder.double()
    made.decoder.double()
    return made


def a_model() -> LatentModel:
    torch.manual_seed(3)
    return build_model(a_spec()).double().eval()


def random(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def affine(weight: Tensor, bias: Tensor, values: list[float]) -> list[float]:
    return [
        sum(w * v for w, v in zip(row, values, strict=True)) + b for row, b in zip(weight.tolist(), bias.tolist(), strict=True)
    ]


def gru_by_hand(layer: torch.nn.Module, state: list[float], inputs: Rows) -> Rows:
    """Cho et al. 2014 with reset gate r and update gate u: s ← (1 − u) · tanh(a + r · b) + u · s."""
    p, states, n = dict(layer.named_parameters()), [], len(state)
    for row in inputs:
        a = affine(p["weight_ih_l0"], p["bias_ih_l0"], row)
        b = affine(p["weight_hh_l0"], p["bias_hh_l0"], state)
        reset = [1 / (1 + math.exp(-a[k] - b[k])) for k in range(n)]
        update = [1 / (1 + math.exp(-a[n + k] - b[n + k])) for k in range(n)]
        new = [math.tanh(a[2 * n + k] + reset[k] * b[2 * n + k]) for k in range(n)]
        state = [(1 - update[k]) * new[k] + update[k] * state[k] for k in range(n)]
        states.append(state)
    return states


@pytest.mark.parametrize("hidden", [(5,), (5, 4)])
def test_that_the_encoder_reads_rows_from_the_top_by_hand(hidden: tuple[int, ...]) -> None:
    reader = halves(a_spec(hidden)).encoder
    image = random(1, HEIGHT * WIDTH)
    states = image.view(HEIGHT, WIDTH).tolist()
    for layer, width in zip(reader.get_submodule("layers").children(), hidden, strict=True):
        states = gru_by_hand(layer, [0.0] * width, states)
    assert reader(image)[0].tolist() == pytest.approx(states[-1], rel=1e-10)


@pytest.mark.parametrize("hidden", [(5,), (5, 4)])
def test_that_the_decoder_writes_rows_from_the_top_by_hand(hidden: tuple[int, ...]) -> None:
    writer = halves(a_spec(hidden)).decoder
    z = [0.7, -1.2]
    states: Rows = [z] * HEIGHT
    parts = zip(writer.get_submodule("starts").children(), writer.get_submodule("layers").children(), strict=True)
    for start, layer in parts:
        first = affine(start.get_parameter("weight"), start.get_parameter("bias"), z)
        states = gru_by_hand(layer, [math.tanh(value) for value in first], states)
    row = writer.get_submodule("row")
    wanted = [value for state in states for value in affine(row.get_parameter("weight"), row.get_parameter("bias"), state)]
    assert writer(torch.tensor([z], dtype=torch.float64))[0].tolist() == pytest.approx(wanted, rel=1e-10)


def test_that_a_later_row_is_written_from_the_states_before_it_and_an_earlier_one_is_not_changed() -> None:
    tall = halves(a_spec()).decoder
    torch.manual_seed(3)
    short = build_halves(ModelSpec("recurrent-vae", "gru", (HEIGHT - 2, WIDTH, 1), (5,))).decoder.double()
    z = random(6, 2)
    assert torch.allclose(tall(z)[:, : (HEIGHT - 2) * WIDTH], short(z), rtol=1e-12)
    assert not torch.allclose(tall(z)[:, :WIDTH], tall(z)[:, WIDTH : 2 * WIDTH])


def test_that_images_do_not_touch_each_other_and_classes_stand_beside_the_rows() -> None:
    made = halves(a_spec(classes=2))
    images, z = random(5, HEIGHT * WIDTH + 2), random(5, 4)
    for half, inputs in ((made.encoder, images), (made.decoder, z)):
        alone = torch.cat([half(one[None]) for one in inputs])
        assert torch.allclose(half(inputs), alone, rtol=1e-12)
        other = inputs.clone()
        other[:, -1] += 1
        assert not torch.allclose(half(other), half(inputs))


def test_that_the_objective_is_the_bound_of_independent_pixels() -> None:
    model, images = a_model(), random(6, HEIGHT * WIDTH).round()
    source = torch.Generator().manual_seed(9)
    noise = torch.empty(6, 2, dtype=torch.float64).normal_(generator=torch.Generator().manual_seed(9))
    posterior = model.encode(images)
    q = Normal(posterior.mean, posterior.std)
    logits = model.decode(q.mean + q.stddev * noise)
    wanted = Bernoulli(logits=logits).log_prob(images).sum(dim=1) - kl_divergence(q, Normal(0.0, 1.0)).sum(dim=1)
    loss = model.loss(Batch(images, torch.zeros(6, dtype=torch.int64)), source)
    assert loss.total.item() == pytest.approx(-wanted.mean().item(), rel=1e-10)


def test_that_every_weight_takes_part_in_the_loss() -> None:
    model = a_model()
    model.loss(Batch(random(20, HEIGHT * WIDTH), torch.zeros(20, dtype=torch.int64))).total.backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())


def test_that_a_blank_model_that_is_given_weights_decodes_with_them() -> None:
    model, blank = a_model(), build_blank(a_spec())
    blank.load_state_dict({name: weight.clone() for name, weight in model.state_dict().items()}, assign=True)
    assert torch.equal(blank.eval().decode(random(3, 2)), model.decode(random(3, 2)))
