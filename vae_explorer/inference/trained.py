"""A trained model that answers in numpy arrays: the one way in which window, command line and Python API ask it anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from vae_explorer.codes import Codes
from vae_explorer.errors import UserError
from vae_explorer.models.base import LatentModel, build_blank
from vae_explorer.models.card import ModelCard
from vae_explorer.models.measure import BATCH, encode_images
from vae_explorer.models.model_file import ModelFile, ModelFileError, read_model_file

DECODE_BLOCK = 16
"""Points are decoded in blocks of this many, the last one filled up: matrix libraries pick another order of summation for other
batch sizes, and the same z is to give the same pixels whether it is decoded alone, on a path or in a mosaic."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """q(z|x) of n images: a diagonal Gaussian each."""

    mean: NDArray[np.float32]  # (n, 2)
    std: NDArray[np.float32]  # (n, 2)


class TrainedModel:
    """An evaluation copy of a model on the CPU. Not to be shared between threads."""

    def __init__(self, file: ModelFile, where: str = "the model") -> None:
        """Raises `ModelFileError` naming `where` if the weights do not fit the network that the card describes."""
        self.card: ModelCard = file.card
        self.codes: Codes = file.codes
        self._network = _network(file, where)

    @property
    def image_shape(self) -> tuple[int, int]:
        return self.card.spec.image_shape

    def encode(self, images: ArrayLike) -> Posterior:
        """The posterior of images (n, H, W) or (H, W) in [0, 1]. Raises `UserError` on another shape or range."""
        return Posterior(*encode_images(self._network, self._flat(images)))

    def decode(self, z: ArrayLike) -> NDArray[np.float32]:
        """The mean image (n, H, W) in [0, 1] at latent points (n, 2) or (2,). Raises `UserError` on another shape or no number."""
        points = _points(z)
        blocks = [self._decode_block(points[start : start + DECODE_BLOCK]) for start in range(0, len(points), DECODE_BLOCK)]
        return np.concatenate(blocks) if blocks else np.zeros((0, *self.image_shape), np.float32)

    def decode_uint8(self, z: ArrayLike) -> NDArray[np.uint8]:
        """`decode` as pixels: round(255 · p), (n, H, W)."""
        return to_pixels(self.decode(z))

    @torch.inference_mode()
    def log_likelihood(self, images: ArrayLike, z: ArrayLike) -> NDArray[np.float64]:
        """log p(x|z) in nats of images (n, H, W), each at its own z (n, 2), or all at one z (2,). (n,)."""
        flat, points = torch.from_numpy(self._flat(images)), torch.from_numpy(_points(z))
        if len(points) not in (1, len(flat)):
            raise UserError(
                f"{len(flat)} images and {len(points)} latent points do not pair up; give one z each, or one for all"
            )
        pairs = zip(torch.split(flat, BATCH), torch.split(points.expand(len(flat), -1), BATCH), strict=True)
        values = [self._network.likelihood.log_prob(x.double(), self._network.decode(at).double()) for x, at in pairs]
        return np.asarray(torch.cat(values).numpy(), np.float64) if values else np.zeros(0)

    @property
    def network(self) -> LatentModel:
        """The torch module itself, in evaluation mode."""
        return self._network

    @torch.inference_mode()
    def _decode_block(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        block = torch.zeros(DECODE_BLOCK, points.shape[1])
        block[: len(points)] = torch.from_numpy(points)
        images: Tensor = self._network.likelihood.mean(self._network.decode(block))
        return images[: len(points)].reshape(-1, *self.image_shape).numpy()

    def _flat(self, images: ArrayLike) -> NDArray[np.float32]:
        array = _floats(images, "images")
        array = array[None] if array.ndim == 2 else array
        if array.ndim != 3 or array.shape[1:] != self.image_shape:
            height, width = self.image_shape
            raise UserError(f"images of shape {array.shape} do not fit this model; it takes (n, {height}, {width})")
        if array.size and not (array.min() >= 0 and array.max() <= 1):
            raise UserError("pixel values must lie in [0, 1]; divide 8-bit images by 255")
        return array.reshape(len(array), self.card.spec.pixels)


def load_model(path: str | Path) -> TrainedModel:
    """The verified model in file `path`. Raises `ModelFileError`."""
    return TrainedModel(read_model_file(path), str(path))


def to_pixels(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey values in [0, 1] as 8-bit pixels, rounded to the nearest."""
    pixels: NDArray[np.uint8] = np.rint(images * np.float32(255)).astype(np.uint8)
    return pixels


def _network(file: ModelFile, where: str) -> LatentModel:
    try:
        network = build_blank(file.card.spec)
        weights = {name: torch.from_numpy(np.array(array)) for name, array in file.weights.items()}
        network.load_state_dict(weights, assign=True)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ModelFileError(f"the weights in {where} do not fit its model card; fetch or train it again") from error
    except UserError as error:
        raise ModelFileError(f"{where} cannot be opened: {error}") from error
    return network.eval()


def _floats(values: ArrayLike, what: str) -> NDArray[np.float32]:
    """`values` as torch takes them: contiguous and writable, copied where they are not, such as a path turned round."""
    try:
        with np.errstate(over="ignore"):
            return np.require(np.asarray(values, np.float32), requirements=["C", "W"])
    except (TypeError, ValueError) as error:
        raise UserError(f"{what} must be an array of numbers") from error


def _points(z: ArrayLike) -> NDArray[np.float32]:
    points = np.atleast_2d(_floats(z, "latent points"))
    if points.ndim != 2 or points.shape[1] != 2:
        raise UserError(f"latent points have shape (n, 2), not {points.shape}")
    if not np.isfinite(points).all():
        raise UserError("latent points must be finite numbers")
    return points
