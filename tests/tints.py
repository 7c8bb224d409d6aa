"""A model whose colours are known: its weights are written here, and what it decodes and encodes follows from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.models.specs import a_spec
from vae_explorer.codes import Codes, Split
from vae_explorer.kinds import Binarised
from vae_explorer.models.card import ModelCard
from vae_explorer.models.model_file import ModelFile, write_model_file
from vae_explorer.models.spec import RELU

SIDE, BLACK = 8, 3  # pixels a side; black columns at the left
CORNERS = {"red": (2.0, -2.0), "green": (-2.0, -2.0), "magenta": (2.0, 2.0), "cyan": (-2.0, 2.0)}
_STEEP = 10.0
_OFF = -40.0


def tints_file(channels: int = 3) -> ModelFile:
    """A VAE of 8×8 images whose left columns are black. z₁ makes the rest red or green, and z₂ blue.

    The logits of the channels are 10 z₁, −10 z₁, 10 z₂, −10 z₂, and so on. The mean of q(z|x) is 2 (red − green) and
    2 (2 blue − 1), by the mean over the pixels right of them.
    """
    shape = (SIDE, SIDE, channels)
    spec = replace(a_spec("vae", "", shape, "bernoulli"), hidden=(4,), activation=RELU)
    card = ModelCard("tints", spec, "tints", ("a", "b", "c", "d"), Binarised.NONE, {}, 0, "", {}, {}, "")
    return ModelFile(card, _decoder(shape) | _encoder(shape), _codes())


def write_tints(folder: Path, channels: int = 3) -> Path:
    path = folder / f"tints-{channels}.safetensors"
    write_model_file(path, tints_file(channels))
    return path


def tint(colour: tuple[int, ...]) -> NDArray[np.uint8]:
    """The image (8, 8, C) of one colour right of its black columns."""
    image = np.full((SIDE, SIDE, len(colour)), colour, np.uint8)
    image[:, :BLACK] = 0
    return image


def _decoder(shape: tuple[int, int, int]) -> dict[str, NDArray[np.float32]]:
    by_unit = _STEEP * np.array([[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 1, -1], [0, 0, -1, 1]])  # z₁, −z₁, z₂, −z₂
    weight = np.zeros((*shape, 4), np.float32)
    weight[:, BLACK:] = np.resize(by_unit, (shape[2], 4))
    bias = np.zeros(shape, np.float32)
    bias[:, :BLACK] = _OFF
    return {
        "decoder.0.weight": np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], np.float32),
        "decoder.0.bias": np.zeros(4, np.float32),
        "decoder.2.weight": weight.reshape(-1, 4),
        "decoder.2.bias": bias.ravel(),
    }


def _encoder(shape: tuple[int, int, int]) -> dict[str, NDArray[np.float32]]:
    weight = np.zeros((4, *shape), np.float32)
    for channel in range(min(3, shape[2])):
        weight[channel, :, BLACK:, channel] = 1 / (SIDE * (SIDE - BLACK))
    head = np.array([[2, -2, 0, 0], [0, 0, 4, 0], [0, 0, 0, 0], [0, 0, 0, 0]], np.float32)
    return {
        "encoder.0.weight": weight.reshape(4, -1),
        "encoder.0.bias": np.zeros(4, np.float32),
        "head.weight": head,
        "head.bias": np.array([0, -2, -4, -4], np.float32),  # means, log-variances
    }


def _codes() -> Codes:
    mean = np.array(list(CORNERS.values()), np.float32)
    split = np.full(4, Split.TRAIN, np.uint8)
    return Codes(mean, np.full((4, 2), 0.135, np.float32), np.arange(4, dtype=np.uint8), split)
