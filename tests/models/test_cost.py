"""What a network would take, beside the networks themselves; what is beyond a limit is refused before it is made."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.base import build_blank
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.cost import check_cost, check_memory, cost_of, training_bytes
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.networks import build_halves
from vae_explorer.models.spec import ModelSpec
from vae_explorer.shapes import ImageShape

NETWORKS = [
    ("mlp", (512, 512)),
    ("mlp", (1024,)),
    ("conv", (32, 64)),
    ("conv", (16, 32, 64)),
    ("resconv", (32, 64)),
    ("resconv", (9, 16, 5)),
    ("gru", (128,)),
    ("gru", (64, 96)),
    ("spatial", (512, 512)),
    ("spatial", ()),
]


def spec_of(family: str, body: str, hidden: tuple[int, ...], shape: ImageShape = (28, 28, 1)) -> ModelSpec:
    return ModelSpec(family, body, shape, hidden, classes=10 if FAMILIES[family].conditional else 0)


@pytest.mark.parametrize(
    ("family", "body", "hidden"),
    [(family, *network) for family, network in product(FAMILIES, NETWORKS) if network[0] in FAMILIES[family].bodies],
)
def test_that_a_network_has_no_more_weights_than_estimated_and_a_third_at_least(
    family: str, body: str, hidden: tuple[int, ...]
) -> None:
    spec = spec_of(family, body, hidden)
    made = sum(weight.numel() for weight in build_blank(spec).state_dict().values())
    assert made <= cost_of(spec).weights <= 3 * made + 300_000


def counted(half: nn.Module, given: int) -> tuple[int, int]:
    """Multiplications, and numbers that layers give, for one row."""
    numbers: list[int] = []
    hooks = [
        layer.register_forward_hook(lambda _, __, out: numbers.append((out[0] if isinstance(out, tuple) else out).numel()))
        for layer in half.modules()
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.GRU)
    ]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        half(torch.zeros(1, given))
    for hook in hooks:
        hook.remove()
    return counter.get_total_flops() // 2, sum(numbers)


@pytest.mark.parametrize(("body", "hidden"), [network for network in NETWORKS if network[0] != "gru"])
def test_that_work_is_estimated_as_torch_counts_it(body: str, hidden: tuple[int, ...]) -> None:
    shape = (14, 14, 1) if body == "spatial" else (28, 28, 1)  # torch does not count larger products, which are oneDNN's
    spec = spec_of("vae", body, hidden, shape)
    halves, cost = build_halves(spec), cost_of(spec)
    pairs = [counted(halves.encoder, spec.image_size), counted(halves.decoder, 2)]
    products, numbers = (max(pair[i] for pair in pairs) for i in (0, 1))
    assert cost.products == pytest.approx(products, rel=0.02)
    assert numbers <= cost.activations <= 2 * numbers + spec.image_size


def test_that_a_recurrent_body_takes_a_step_for_each_row_and_layer() -> None:
    assert cost_of(spec_of("recurrent-vae", "gru", (64, 96), (40, 28, 1))).steps == 80


@pytest.mark.parametrize("body", [body for body in BODIES if body != "spatial"])
def test_that_the_default_networks_of_large_images_are_within_the_limits(body: str) -> None:
    for shape in ((28, 28, 1), (256, 256, 1), *([(256, 256, 3)] if body != "mlp" else [])):
        hidden = BODIES[body].default_hidden(prod(shape))
        check_cost(ModelSpec("vae", body, shape, hidden, classes=10))


@pytest.mark.parametrize(
    ("body", "shape", "hidden", "why"),
    [
        ("mlp", (28, 28, 1), (65_536, 65_536), "weights of the network"),
        ("mlp", (28, 28, 1), (4_096,) * 60, "weights of the network"),
        ("gru", (100_000, 8, 1), (128,), "multiplications"),
        ("gru", (4_096, 8, 1), (8, 8), "recurrent steps"),
        ("conv", (512, 512, 1), (64, 4096), "weights of the network"),
        ("conv", (512, 512, 1), (4096, 1), "multiplications"),
        ("conv", (512, 512, 1), (256, 1), "numbers in all layers"),
        ("spatial", (256, 256, 1), (512, 512), "numbers in all layers"),
    ],
    ids=str,
)
def test_that_a_network_beyond_a_limit_is_refused_in_one_line(
    body: str, shape: ImageShape, hidden: tuple[int, ...], why: str
) -> None:
    with pytest.raises(UserError, match=r"is too large.*choose .*narrower layers") as caught:
        check_cost(ModelSpec("vae", body, shape, hidden))
    assert why in str(caught.value)
    assert len(str(caught.value)) < 300


def test_that_training_is_compared_with_the_memory_of_the_machine() -> None:
    spec = spec_of("vae", "mlp", (4096, 4096))
    needed = training_bytes(spec, 256)
    assert needed > 4 * 4 * sum(weight.numel() for weight in build_blank(spec).parameters()) * 0.5
    check_memory(spec, 256, needed)
    check_memory(spec, 256, None)
    with pytest.raises(UserError, match="choose narrower layers or a smaller batch size"):
        check_memory(spec, 256, needed - 1)


def test_that_every_limit_refuses_what_is_beyond_it_alone() -> None:
    for limit in LIMITS.values():
        assert limit.refusal(limit.most) == ""
        assert f"at most {limit.most:,}" in limit.refusal(limit.most + 1)
