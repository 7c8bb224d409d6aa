"""Computes what a network of a spec costs without making it. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.bodies import BODIES, COORDINATE_WIDTHS
from vae_explorer.models.spec import ModelSpec
from vae_explorer.shapes import written

_FEATURES = 256  # units of the dense layer of a convolutional body
_HEADS = 256  # upper bound of the outputs on top of the encoder's features
_SMALL_PARTS = 100_000  # upper bound of the weights of priors, flows and discriminators of points
_STATES = 4  # numbers that training keeps for a weight: value, gradient and two moments
_KEPT = 3  # numbers that training keeps for an activation: before and after its layer, and the gradient


@dataclass(frozen=True, slots=True)
class Half:
    weights: int
    products: int  # multiplications for one image
    activations: int  # numbers in all layers for one image
    steps: int = 0  # that run one after another

    def __add__(self, other: Half) -> Half:
        return Half(
            self.weights + other.weights,
            self.products + other.products,
            self.activations + other.activations,
            self.steps + other.steps,
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """An upper bound of a network's cost, within a factor of 3 but for tiny networks."""

    weights: int
    products: int  # of the costlier half for one image
    activations: int  # likewise
    steps: int  # likewise


def cost_of(spec: ModelSpec) -> Cost:
    """Return the cost of the network of `spec`, whose body must be known."""
    encoder, decoder, features = _COSTS[spec.body](spec)
    weights = 2 * encoder.weights + decoder.weights + features * _HEADS + _SMALL_PARTS  # a discriminator is another encoder
    most = [max(getattr(encoder, name), getattr(decoder, name)) for name in ("products", "activations", "steps")]
    return Cost(weights, *most)


def check_cost(spec: ModelSpec) -> None:
    """Raise `UserError` if the network of `spec` is beyond a limit."""
    cost = cost_of(spec)
    for name in ("weights", "products", "activations", "steps"):
        refusal = LIMITS[name].refusal(getattr(cost, name))
        if refusal:
            raise UserError(
                f"a network of body {spec.body} with {_layers(spec.hidden)} for images of {written(spec.image_shape)} is too large "
                f"({refusal}); {BODIES[spec.body].remedy}"
            )


def training_bytes(spec: ModelSpec, batch_size: int) -> int:
    """Return the least memory of a training step in bytes, without torch and the images."""
    cost = cost_of(spec)
    return 4 * (_STATES * cost.weights // 2 + _KEPT * batch_size * cost.activations)  # half, as the cost is an upper bound


def check_memory(spec: ModelSpec, batch_size: int, memory: int | None) -> None:
    """Raise `UserError` if a training step takes more than `memory` bytes."""
    needed = training_bytes(spec, batch_size)
    if memory is not None and needed > memory:
        raise UserError(
            f"training takes {needed / 1e9:,.1f} GB or more with {_layers(spec.hidden)} and batches of {batch_size:,}, and this "
            f"machine has {memory / 1e9:,.1f} GB; choose narrower layers or a smaller batch size"
        )


def _layers(hidden: tuple[int, ...]) -> str:
    shown = " ".join(str(width) for width in hidden[:4])
    return f"hidden layers {shown}" if len(hidden) <= 4 else f"{len(hidden):,} hidden layers {shown} …"


def _dense(widths: tuple[int, ...]) -> Half:
    products = sum(before * after for before, after in pairwise(widths))
    return Half(products + sum(widths[1:]), products, sum(widths))


def _mlp(spec: ModelSpec) -> tuple[Half, Half, int]:
    down = (spec.image_size + spec.classes, *spec.hidden)
    up = (spec.latent_dim + spec.classes, *reversed(spec.hidden), spec.image_size)
    return _dense(down), _dense(up), down[-1]


def _conv(spec: ModelSpec) -> tuple[Half, Half, int]:
    height, width, planes = spec.image_shape
    channels = (planes + spec.classes, *spec.hidden)
    encoder = Half(0, 0, channels[0] * height * width)
    for before, after in pairwise(channels):
        height, width = (height + 1) // 2, (width + 1) // 2
        weights, area = 9 * before * after, height * width
        encoder += Half(weights + after, weights * area, after * area)
    flat, area = channels[-1] * height * width, height * width
    back = (*reversed(spec.hidden), planes)
    decoder = _dense((spec.latent_dim + spec.classes, _FEATURES, back[0] * area))
    for before, after in pairwise(back):
        weights = 16 * before * after
        decoder += Half(weights + after, weights * area, after * 4 * area)
        area *= 4  # the decoder doubles the rounded-up halves and crops at the end
    return encoder + _dense((flat, _FEATURES)), decoder, _FEATURES


def _resconv(spec: ModelSpec) -> tuple[Half, Half, int]:
    encoder, decoder, features = _conv(spec)
    height, width, _ = spec.image_shape
    for channels in spec.hidden:
        height, width = (height + 1) // 2, (width + 1) // 2
        encoder += _residual(channels, height * width)
    for place, channels in enumerate(reversed(spec.hidden)):
        decoder += _residual(channels, height * width * 4**place)
    return encoder, decoder, features


def _residual(channels: int, area: int) -> Half:
    """Return the cost of a bottleneck with half of the channels."""
    narrow = max(1, channels // 2)
    weights = 2 * channels * narrow + 9 * narrow**2
    return Half(weights + 2 * narrow + channels, weights * area, (2 * narrow + channels) * area)


def _gru(spec: ModelSpec) -> tuple[Half, Half, int]:
    height, width, channels = spec.image_shape
    given, width = spec.latent_dim + spec.classes, width * channels
    down, up = (width + spec.classes, *spec.hidden), (given, *reversed(spec.hidden))
    starts = sum(given * each + each for each in spec.hidden)
    row = _dense((up[-1], width))
    writer = _units(up, height) + Half(starts + row.weights, starts + height * row.products, height * width)
    return _units(down, height), writer, down[-1]


def _units(widths: tuple[int, ...], rows: int) -> Half:
    """Return the cost of gated recurrent units, with three gates each, over `rows` rows."""
    layers = list(pairwise(widths))
    products = sum(3 * (before * after + after * after) for before, after in layers)
    weights = products + sum(6 * after for _, after in layers)
    return Half(weights, rows * products, rows * 4 * sum(widths), rows * len(layers))


def _spatial(spec: ModelSpec) -> tuple[Half, Half, int]:
    height, width, channels = spec.image_shape
    down, first = (spec.image_size, *spec.hidden), COORDINATE_WIDTHS[0]
    pixel, area = _dense((*COORDINATE_WIDTHS, channels)), height * width
    decoder = Half(
        pixel.weights + (spec.latent_dim + 3) * first,
        area * (pixel.products + 3 * first) + spec.latent_dim * first,
        area * pixel.activations,
    )
    return _dense(down), decoder, down[-1]


_COSTS: dict[str, Callable[[ModelSpec], tuple[Half, Half, int]]] = {
    "mlp": _mlp,
    "conv": _conv,
    "resconv": _resconv,
    "gru": _gru,
    "spatial": _spatial,
}
