"""A trained model that answers window, command line and Python API in numpy arrays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from vae_explorer.by_content import ByContent
from vae_explorer.codes import Codes, Labels
from vae_explorer.data.base import Dataset
from vae_explorer.errors import UserError
from vae_explorer.inference.given import floats, numbers, points
from vae_explorer.kinds import Binarised, PixelKind
from vae_explorer.models.base import LatentModel, build_blank
from vae_explorer.models.card import ModelCard
from vae_explorer.models.likelihoods import likelihood_of
from vae_explorer.models.linear import lay_out
from vae_explorer.models.measure import BATCH, codes_of, encode_images
from vae_explorer.models.model_file import ModelFile, ModelFileError
from vae_explorer.models.opening import open_model_file
from vae_explorer.models.posed import Posed
from vae_explorer.poses import Pose
from vae_explorer.shapes import ImageShape, without_grey_axis

_OFF = 1e-3  # tolerance for the sum of float32 weights, and for 255 times a pixel
DECODE_BLOCK = 16
"""Points are decoded in blocks of this size, and the last block is padded.

Matrix libraries sum in another order for other batch sizes. With one size, a z gives equal pixels alone, on a path and in a mosaic."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments(ByContent):
    """Mean and standard deviation of q(z|x) of n images."""

    mean: NDArray[np.float32]  # (n, d)
    std: NDArray[np.float32]  # (n, d); 0 for point codes


class TrainedModel:
    """An evaluation copy of a model on the CPU. Threads must not share it."""

    def __init__(self, file: ModelFile, where: str = "the model") -> None:
        """Build the network.

        Raises `ModelFileError` naming `where` if the weights do not fit the card's network.
        """
        self.card: ModelCard = file.card
        self.codes: Codes = file.codes
        self._network = _network(file, where)

    @property
    def image_shape(self) -> ImageShape:
        """The shape (H, W, C) of the model's images; C = 1 for grey."""
        return self.card.spec.image_shape

    def encode(self, images: ArrayLike, label: ArrayLike | None = None) -> Moments:
        """Return the moments of q(z|x) of images (n, H, W, C) or (H, W, C) in [0, 1].

        A conditional model takes the images' classes (n,); the default is the first class. Raises `UserError` on a wrong shape
        or range, and on classes for a model without a condition.
        """
        flat = self.flat(images)
        return Moments(*encode_images(self._network, flat, self.checked_label(label, len(flat))))

    def codes_of(self, dataset: Dataset) -> Codes:
        """Return the codes of all images of a data set, which have the model's shape. Raises `UserError` if the encoder fails."""
        try:
            return codes_of(self._network, dataset.parts())
        except UserError:
            raise
        except Exception as error:
            raise UserError(f"the encoder fails on the images: {type(error).__name__}: {error}") from error

    @torch.inference_mode()
    def poses(self, images: ArrayLike) -> Moments:
        """Return the moments of the poses of images (n, H, W, C) or (H, W, C) in [0, 1], (n, 3) each.

        The columns are the angle in radians, counterclockwise, and the shift to the right and downwards in half sides. Raises
        `UserError` on a wrong shape or range, and for a family without a pose.
        """
        network = self._posed()
        parts = [network.poses(part) for part in torch.split(torch.from_numpy(self.flat(images)), BATCH)]
        mean, std = (torch.cat([getattr(part, name) for part in parts]).numpy() for name in ("mean", "std"))
        return Moments(mean, std)

    def decode(
        self,
        z: ArrayLike,
        condition: ArrayLike | None = None,
        switches: Collection[str] = (),
        pose: Pose | None = None,
    ) -> NDArray[np.float32]:
        """Return the mean images (n, H, W), with colours (n, H, W, C), at latent points (n, d) or (d,).

        Values lie in [0, 1].
        `condition` is one class, or weights of the C classes, (n, C) or (C,), with sum 1; the default is the first class.
        `switches` names the family's switches that are on. `pose` turns and shifts the object of a family with a pose; without,
        angle and shift are 0. Raises `UserError` on a wrong shape, NaN, an unknown class or switch, and an unwanted pose.
        """
        places = self._points(z) if pose is None else self._in_pose(self._points(z), pose)
        weights, on = self._condition(condition, len(places)), self._switches(switches)
        starts = range(0, len(places), DECODE_BLOCK)
        parts = (slice(start, start + DECODE_BLOCK) for start in starts)
        blocks = [self._decode_block(places[part], None if weights is None else weights[part], on) for part in parts]
        return self._as_people(np.concatenate(blocks) if blocks else np.zeros((0, self.card.spec.image_size), np.float32))

    def decode_uint8(
        self,
        z: ArrayLike,
        condition: ArrayLike | None = None,
        switches: Collection[str] = (),
        pose: Pose | None = None,
    ) -> NDArray[np.uint8]:
        """Return `decode` as the pixels of pictures, round(255 · p), (n, H, W, C)."""
        return to_pixels(self.decode(z, condition, switches, pose)).reshape(-1, *self.image_shape)

    @torch.inference_mode()
    def reconstruct(self, images: ArrayLike, z: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.float32]:
        """Return the mean images for images (n, H, W, C) or (H, W, C) at codes z (n, d).

        The result has the shape of `decode`, and equals `decode` unless a second layer of codes also sees the image. Raises
        `UserError` on a wrong shape or range, and on different numbers of images and codes.
        """
        flat, places = torch.from_numpy(self.flat(images)), torch.from_numpy(self._points(z))
        if len(flat) != 1:
            _check_pairs(len(flat), len(places))
        if self.card.family.tractable:
            return self.decode(z, condition)
        weights = self._condition(condition, len(places))
        parameters = self._network.reconstruct(flat, places, None if weights is None else torch.from_numpy(weights))
        pictures: Tensor = self._network.likelihood.mean(parameters)
        return self._as_people(pictures.numpy())

    @torch.inference_mode()
    def log_posterior(self, image: ArrayLike, z: ArrayLike, label: int | None = None) -> NDArray[np.float64]:
        """Return log q(z|x) in nats, (n,), of one image (H, W, C) at latent points (n, d).

        A conditional model takes the image's class. Raises `UserError` if codes have no density.
        """
        if self.card.family.has_points:
            raise UserError(f"the codes of {self.card.name} are points, which have no density")
        flat, places = torch.from_numpy(self.flat(image)), torch.from_numpy(self._points(z))
        if len(flat) != 1:
            raise UserError(f"the posterior takes one image at a time, not {len(flat)}")
        classes = self.checked_label(label, 1)
        posterior = self._network.encode(flat, None if classes is None else torch.from_numpy(classes.astype(np.int64)))
        return np.asarray(posterior.log_density(0, places).double().numpy(), np.float64)

    @torch.inference_mode()
    def log_likelihood(self, images: ArrayLike, z: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return log p(x|z) in nats, (n,) float64, of images (n, H, W, C) at z (n, d) or (d,).

        Raises `UserError` if log p(x|z) is itself an integral (two stochastic layers), on grey images for a model of black and
        white, and on other than 8-bit pixels for a model of those.
        """
        if not self.card.family.tractable:
            raise UserError(
                f"log p(x|z) of {self.card.name} is an integral over {self.card.family.integral}, which has no closed form"
            )
        flat, places = torch.from_numpy(self.flat(images)), torch.from_numpy(self._points(z))
        if len(places) != 1:
            _check_pairs(len(flat), len(places))
        self.check_pixels(flat.numpy())
        places = places.expand(len(flat), -1)
        weights = self._condition(condition, len(flat))
        values = []
        for start in range(0, len(flat), BATCH):
            part = slice(start, start + BATCH)
            parameters = self._network.decode(places[part], None if weights is None else torch.from_numpy(weights[part]))
            values.append(self._network.likelihood.log_prob(flat[part].double(), parameters.double()))
        return np.asarray(torch.cat(values).numpy(), np.float64) if values else np.zeros(0)

    def _points(self, z: ArrayLike) -> NDArray[np.float32]:
        return points(z, self.card.spec.latent_dim)

    @torch.inference_mode()
    def _in_pose(self, z: NDArray[np.float32], pose: Pose) -> NDArray[np.float32]:
        poses = torch.tensor([[pose.angle, pose.right, pose.down]]).expand(len(z), -1)
        return self._posed().with_pose(torch.from_numpy(z), poses).numpy()

    def _posed(self) -> Posed:
        if not isinstance(self._network, Posed):
            raise UserError(f"family {self.card.spec.family!r} has no pose; leave the pose out")
        return self._network

    @property
    def network(self) -> LatentModel:
        """The torch module, in evaluation mode."""
        return self._network

    @torch.inference_mode()
    def _decode_block(
        self, points: NDArray[np.float32], weights: NDArray[np.float32] | None, switches: frozenset[str]
    ) -> NDArray[np.float32]:
        fill = _filled if self._network.fills_blocks else torch.from_numpy
        condition = None if weights is None else fill(weights)
        images: Tensor = self._network.likelihood.mean(self._network.decode(fill(points), condition, switches))
        return images[: len(points)].numpy()

    def checked_label(self, label: ArrayLike | None, n: int) -> Labels | None:
        """Return the classes of n images, (n,).

        Raises `UserError` on a wrong number of classes, and for a model without classes.
        """
        if label is None:
            return None
        if not self.card.spec.classes:
            raise UserError(f"{self.card.name} encodes without a class; leave the label out")
        classes = np.atleast_1d(numbers(label, "classes"))
        if classes.shape != (n,) or not np.isin(classes, range(max(self.card.spec.classes, len(self.card.classes)))).all():
            needed = "the image needs its class" if n == 1 else f"each of the {n} images needs its class"
            raise UserError(f"{needed}, a number from 0 to {len(self.card.classes) - 1}")
        return classes.astype(np.uint16)

    def _switches(self, switches: Collection[str]) -> frozenset[str]:
        switches = (switches,) if isinstance(switches, str) else switches
        known = {switch.name for switch in self.card.family.switches}
        for name in set(switches) - known:
            raise UserError(
                f"family {self.card.spec.family!r} has no switch {name!r}; known: {', '.join(sorted(known)) or 'none'}"
            )
        return frozenset(switches)

    def class_weights(self, label: int) -> NDArray[np.float32]:
        """Return weights (C,) that are 1 for one class.

        Raises `UserError` if the class does not exist.
        """
        weights = self._condition(label, 1)
        if weights is None:
            raise UserError(f"family {self.card.spec.family!r} decodes without a class; leave the class out")
        first: NDArray[np.float32] = weights[0]
        return first

    def _condition(self, condition: ArrayLike | None, n: int) -> NDArray[np.float32] | None:
        """Return the class weights (n, C); None if the family has no condition."""
        classes = self.card.spec.classes
        if not classes:
            if condition is not None:
                raise UserError(f"family {self.card.spec.family!r} decodes without a class; leave the class out")
            return None
        given = numbers(0 if condition is None else condition, "a class, or weights of classes,")
        if given.ndim == 0:
            if given not in range(classes):
                raise UserError(f"there is no class {given}; choose 0 to {classes - 1}")
            given = np.eye(classes, dtype=np.float32)[int(given)]
        weights = np.broadcast_to(given, (n, classes)) if given.shape in ((classes,), (1, classes), (n, classes)) else given
        if weights.shape != (n, classes):
            raise UserError(f"weights of classes have shape (n, {classes}), not {given.shape}")
        if not ((weights >= 0).all() and (np.abs(weights.sum(axis=1) - 1) < _OFF).all()):
            raise UserError(
                f"weights of classes lie in [0, 1] and sum to 1; for a class at each point give numpy.eye({classes})[labels]"
            )
        return np.require(weights, np.float32, ["C", "W"])

    def flat(self, images: ArrayLike) -> NDArray[np.float32]:
        """Return images (n, H, W, C) or (H, W, C) in [0, 1] as (n, D) for the network.

        Grey images may lack the last axis. Raises `UserError` on others.
        """
        array = floats(images, "images")
        shapes = {self.image_shape, without_grey_axis(self.image_shape)}
        array = array[None] if array.shape in shapes else array
        if array.shape[1:] not in shapes:
            takes = ", ".join(str(side) for side in without_grey_axis(self.image_shape))
            raise UserError(f"images of shape {array.shape} do not fit this model; it takes (n, {takes})")
        if not np.isfinite(array).all():
            raise UserError("pixel values must lie in [0, 1], and some are NaN or infinite; replace them first")
        if array.size and not (array.min() >= 0 and array.max() <= 1):
            raise UserError("pixel values must lie in [0, 1]; divide 8-bit images by 255")
        return array.reshape(len(array), self.card.spec.image_size)

    def flat_mask(self, seen: ArrayLike) -> NDArray[np.float32]:
        """Return masks (n, H, W) or (H, W), which hold for all channels, as (n, D) of 0 and 1.

        Raises `UserError` on another shape.
        """
        masks = np.asarray(seen, bool)
        height, width, channels = self.image_shape
        if masks.shape[-2:] != (height, width) or masks.ndim > 3:
            raise UserError(f"masks of shape {masks.shape} do not fit this model; it takes (n, {height}, {width})")
        return masks.reshape(-1, height * width).repeat(channels, axis=1).astype(np.float32)

    def _as_people(self, flat: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return images (n, D) as (n, H, W, C), grey images as (n, H, W)."""
        return flat.reshape(-1, *without_grey_axis(self.image_shape))

    def check_pixels(self, images: NDArray[np.float32]) -> None:
        """Raise `UserError` on images to which the model gives no likelihood: grey images, or other than 8-bit images."""
        if self.card.binarised is Binarised.DYNAMIC and not ((images == 0) | (images == 1)).all():
            raise UserError(
                f"{self.card.name} was trained on black-and-white images, but these images are grey; round them to 0 and 1 first"
            )
        is_of_bytes = likelihood_of(self.card.spec.likelihood).pixels is PixelKind.EIGHT_BIT
        if is_of_bytes and (np.abs(255 * images - np.rint(255 * images)) > _OFF).any():
            raise UserError(
                f"{self.card.name} has probabilities of 8-bit pixels, but these pixels are not n / 255; round 255 · x first"
            )


def load_model(path: str | Path) -> TrainedModel:
    """Load and verify the model in file `path`. Raises `UserError`."""
    return TrainedModel(open_model_file(Path(path)), str(path))


def _check_pairs(images: int, places: int) -> None:
    if images != places:
        raise UserError(
            f"{images} images and {places} latent points do not pair up; give one z for each image, or one z for all images"
        )


def to_pixels(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return grey values in [0, 1] as 8-bit pixels; NaN becomes black."""
    pixels: NDArray[np.uint8] = np.rint(np.nan_to_num(images, nan=0.0) * np.float32(255)).astype(np.uint8)
    return pixels


def _network(file: ModelFile, where: str) -> LatentModel:
    if file.make is not None:
        return file.make()
    if file.card.is_own:
        return _own_network(file, where)
    try:
        network = build_blank(file.card.spec)
        weights = {name: torch.from_numpy(np.array(array)) for name, array in file.weights.items()}
        types = {name: weight.dtype for name, weight in network.state_dict().items()}
        network.load_state_dict(weights, assign=True)
        if types != {name: weight.dtype for name, weight in network.state_dict().items()}:
            raise TypeError("weights of another type")
    except (RuntimeError, TypeError, ValueError, OverflowError, IndexError) as error:
        raise ModelFileError(f"the weights in {where} do not fit its model card; fetch or train the model again") from error
    except UserError as error:
        raise ModelFileError(f"{where} cannot be opened: {error}") from error
    lay_out(network)
    return network.eval()


def _own_network(file: ModelFile, where: str) -> LatentModel:
    from vae_explorer.models.own.files.programs import network_of

    try:
        return network_of(file)
    except UserError as error:
        raise ModelFileError(f"{where} cannot be opened: {error}") from error


def _filled(rows: NDArray[np.float32]) -> Tensor:
    block = torch.zeros(DECODE_BLOCK, rows.shape[1])
    block[: len(rows)] = torch.from_numpy(rows)
    return block
