"""What a person's functions take and give is found out by calling them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import Independent, Normal

from vae_explorer.errors import UserError
from vae_explorer.inference.own import model_of
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.own.contract import Contract, contract_of
from vae_explorer.models.own.given import Given

H, W, C = 4, 6, 3
Array = NDArray[Any]


def contract(decode: Any, encode: Any = None, images: Any = None, **given: Any) -> Contract:
    return contract_of(model_of(decode, encode, images, given=Given.of(**given)).file.card)


def unit_images(z: Array, colours: int = C) -> Array:
    """Images (n, H, W, C) in [0, 1] of points (n, 2), unlike at every place and in every channel."""
    phase = np.arange(H * W * colours).reshape(H, W, colours)
    logits = np.sin(phase + 1) * z[:, :1, None, None] + np.cos(phase) * z[:, 1:2, None, None]
    return 1 / (1 + np.exp(-np.clip(logits, -20, 20)))


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "nchw": lambda images: images.transpose(0, 3, 1, 2),
    "nhwc": lambda images: images,
    "nhw": lambda images: images[..., 0],
    "flat": lambda images: images.transpose(0, 3, 1, 2).reshape(len(images), -1),
    "flat-nhwc": lambda images: images.reshape(len(images), -1),
}
RANGES: dict[str, Callable[[Array], Array]] = {
    "unit": lambda unit: unit,
    "signed": lambda unit: 2 * unit - 1,
    "bytes": lambda unit: 255 * unit,
    "logits": lambda unit: np.log(unit / (1 - unit)),
}
Z = np.array([[0.3, -1.2], [1.5, 0.4]], np.float32)


@pytest.mark.parametrize("as_tensors", [False, True], ids=["numpy", "torch"])
@pytest.mark.parametrize("pixels", RANGES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_that_layout_and_range_are_found(layout: str, pixels: str, as_tensors: bool) -> None:
    colours = 1 if layout == "nhw" else C

    def decode(z: Any) -> Any:
        if as_tensors and not isinstance(z, Tensor):
            raise TypeError("a tensor is needed")
        values = LAYOUTS[layout](RANGES[pixels](unit_images(np.asarray(z, np.float64), colours)))
        return torch.from_numpy(values) if as_tensors else values

    flat = layout.startswith("flat")
    file = model_of(decode, given=Given.of(image_shape=(H, W, colours), layout=layout) if flat else Given()).file
    found = contract_of(file.card).decoding
    assert (found.latents, found.image_shape, found.layout, found.pixels) == (2, (H, W, colours), layout, pixels)
    images = TrainedModel(file).decode(Z).reshape(2, H, W, colours)
    np.testing.assert_allclose(images, unit_images(Z, colours), atol=1e-5)


def test_that_logits_that_stay_small_can_be_named() -> None:
    def decode(z: Array) -> Array:
        return 0.5 * np.tanh(unit_images(z) - 0.5)

    found = contract(decode)
    assert found.decoding.pixels == "signed"
    assert "are taken for [−1, 1]; pixels=… says otherwise" in found.said
    given = contract(decode, pixels="logits")
    assert given.decoding.pixels == "logits"
    assert given.said == "decode takes (n, 2) and gives (n, 4, 6, 3), logits of pixels; there is no encoder"


def test_that_images_decide_between_logits_and_a_linear_decoder() -> None:
    images = np.clip(np.random.default_rng(1).normal(0.5, 0.3, (40, H, W)), 0, 1)

    def encode(images: Array) -> Array:
        return images.reshape(-1, H * W)

    def linear(z: Array) -> Array:  # as trained with a squared error: reaches below 0 far from the codes
        return z.reshape(-1, H, W)

    assert contract(linear).decoding.pixels == "logits"
    assert contract(linear, encode, images).decoding.pixels == "unit"


@pytest.mark.parametrize("latents", [1, 2, 7, 20, 300])
def test_that_the_number_of_latents_is_found(latents: int) -> None:
    decoder = nn.Sequential(nn.Linear(latents, 16), nn.Sigmoid())
    assert contract(decoder.eval()).decoding.latents == latents
    assert contract(lambda z: decoder(z)).decoding.latents == latents


def test_that_a_convolutional_decoder_gets_its_two_axes() -> None:
    decoder = nn.Sequential(nn.ConvTranspose2d(5, 1, 6), nn.Sigmoid()).eval()
    found = contract(decoder)
    assert found.said.startswith("decode takes (n, 5, 1, 1) and gives (n, 1, 6, 6), pixels in [0, 1]")


def test_that_double_weights_get_doubles() -> None:
    weight = torch.ones(2, 16, dtype=torch.float64)
    assert contract(lambda z: torch.sigmoid(z @ weight)).decoding.image_shape == (4, 4, 1)
    assert contract(nn.Sequential(nn.Linear(2, 16), nn.Sigmoid()).double().eval()).decoding.latents == 2


MEAN = torch.tensor([[0.5, -1.0]])
STD = torch.tensor([[0.2, 0.4]])


def moments(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and std (n, 2) of images in any layout, which differ by the image."""
    shift = images.reshape(len(images), -1).float().mean(dim=1, keepdim=True)
    return MEAN + shift, (STD * (1 + shift)).expand(len(images), 2)


ENCODERS: dict[str, Callable[[Tensor], Any]] = {
    "mean": lambda images: moments(images)[0],
    "log-variance": lambda images: (moments(images)[0], 2 * moments(images)[1].log()),
    "std": lambda images: list(moments(images)),
    "joined": lambda images: torch.cat([moments(images)[0], 2 * moments(images)[1].log()], dim=1),
    "distribution": lambda images: Independent(Normal(*moments(images)), 1),
}


@pytest.mark.parametrize("posterior", ENCODERS)
def test_that_what_the_encoder_gives_is_found(posterior: str) -> None:
    def encode(images: Any) -> Any:
        if tuple(images.shape[1:]) != (C, H, W):
            raise ValueError(f"{images.shape}")
        return ENCODERS[posterior](torch.as_tensor(images))

    images = torch.from_numpy(unit_images(np.random.default_rng(2).normal(size=(9, 2))).transpose(0, 3, 1, 2))

    def decode(z: Array) -> Array:
        if z.shape[1] != 2:
            raise ValueError(f"{z.shape}")
        return unit_images(z)

    file = model_of(decode, encode, images).file
    found = contract_of(file.card).encoding
    assert found is not None
    assert (found.spread, found.layout, found.pixels) == (posterior, "nchw", "unit")
    mean, std = moments(images)
    np.testing.assert_allclose(file.codes.mean, mean.numpy(), rtol=1e-5)
    np.testing.assert_allclose(file.codes.std, 0 if posterior == "mean" else std.numpy(), rtol=1e-5)


def test_that_a_draw_beside_the_moments_is_left_out() -> None:
    def encode(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, std = moments(torch.as_tensor(images))
        return mean + std * torch.randn_like(mean), mean, 2 * std.log()

    torch.manual_seed(4)
    before = torch.get_rng_state()
    found = contract(unit_images, encode)
    assert found.encoding is not None
    assert (found.encoding.places, found.encoding.spread) == ((1, 2), "log-variance")
    assert torch.equal(before, torch.get_rng_state())


def test_that_an_encoder_gets_images_in_the_range_in_which_they_were_given() -> None:
    images = np.rint(255 * unit_images(np.random.default_rng(3).normal(size=(8, 2)))).astype(np.uint8)
    seen: list[float] = []

    def encode(images: Array) -> Array:
        seen.append(float(images.max()))
        return images.reshape(len(images), -1)[:, :2] / 255.0

    file = model_of(unit_images, encode, images).file
    assert min(seen) > 1
    np.testing.assert_allclose(file.codes.mean, images.reshape(8, -1)[:, :2] / 255, atol=1e-6)


def test_that_an_object_with_methods_for_its_moments_is_a_distribution() -> None:
    def encode(images: Array) -> object:
        mean, std = moments(torch.as_tensor(images))
        return SimpleNamespace(mean=lambda: mean.numpy(), stddev=lambda: std.numpy())

    found = contract(unit_images, encode).encoding
    assert found is not None
    assert found.spread == "distribution"


def test_that_noise_and_training_mode_are_said() -> None:
    noisy = nn.Sequential(nn.Linear(2, 400), nn.Sigmoid(), nn.Dropout(0.5))
    said = contract(noisy).said
    assert "decode gives another image each time for the same point" in said
    assert "the module is in training mode: call .eval() first" in said


def nothing(z: Array) -> None:
    return None


@pytest.mark.parametrize(
    ("functions", "given", "reason"),
    [
        ((lambda z: np.zeros((1, 4, 4)),), {}, "one image for each point"),
        ((lambda z: np.full((len(z), 4, 4), np.nan),), {}, "NaN"),
        ((lambda z: np.zeros((len(z), 17)),), {}, r"\(n, 17\) are no images that can be told; give image_shape=\(H, W, C\)"),
        ((nothing,), {}, "gives a NoneType, and no array of numbers"),
        ((nn.Linear(700, 4),), {}, "points of 1 to 512 latents"),
        ((nn.Linear(7, 4),), {"latents": 3}, "points of 3 latents"),
        ((unit_images, lambda images: images), {}, "decode takes 2 latents"),
        (("decoder.pt",), {}, "decode must be a function that can be called, not a str"),
        ((unit_images,), {"pixels": "grey"}, "unknown pixels 'grey'; known: unit, signed, bytes, logits"),
        ((unit_images,), {"likelihood": "discretised-logistic"}, "choose bernoulli or continuous-bernoulli or gaussian"),
        ((unit_images,), {"image_shape": (7, 7)}, "hold no images of 7×7"),
    ],
)
def test_that_functions_that_cannot_be_used_are_refused(functions: Any, given: Any, reason: str) -> None:
    with pytest.raises(UserError, match=reason) as refusal:
        contract(*functions, **given)
    assert "\n" not in str(refusal.value)


def test_that_a_contract_comes_back_from_its_card() -> None:
    found = contract(unit_images, lambda images: ENCODERS["log-variance"](torch.as_tensor(images)))
    assert Contract.from_json(found.to_json()) == found
