"""log p(x|z) + log p(z) of images at any latent points, newly decoded."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from vae_explorer.codes import Labels
from vae_explorer.data.base import Cancelled, ShouldStop, never
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.observation import ProductLikelihood
from vae_explorer.models.posed import PosedPosterior
from vae_explorer.models.posterior import FamilyPosterior, GaussianPosterior, standard_normal_log_prob

AT_ONCE = 4096  # points decoded by one call
_TOGETHER = 1024  # points decoded for many images
_KEPT = 200_000_000  # most bytes of decoded points of a class that are kept


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded points of one class."""

    parameters: Tensor  # (k, D) of the likelihood
    normaliser: Tensor  # (k,) in float64, summed over pixels; zeros unless the likelihood is a product


class Joint:
    """n images under one model, in the precision of its network. Hidden pixels are black and do not count.

    `kind` makes densities of all latents of diagonal Gaussians.
    """

    def __init__(
        self,
        model: TrainedModel,
        images: ArrayLike,
        label: ArrayLike | None = None,
        seen: ArrayLike | None = None,
        should_stop: ShouldStop = never,
    ) -> None:
        """Take images (n, H, W, C) in the domain of the model, with classes (n,) if conditional.

        `seen` (H, W) is true for pixels that count. `should_stop` is asked before decoding. Raises `UserError` on other shapes
        and missing classes.
        """
        self._network, self._should_stop = model.network, should_stop
        self.dtype = next(model.network.parameters()).dtype
        self.is_posed = model.card.family.posed
        self.kind: type[GaussianPosterior] = PosedPosterior if self.is_posed else GaussianPosterior
        flat = model.flat(images)
        mask = None if seen is None else model.flat_mask(seen)[0]
        self.images = torch.from_numpy(flat if mask is None else flat * mask).to(self.dtype)
        self._seen = None if mask is None else torch.from_numpy(mask > 0)
        classes = classes_of(model, label, len(flat))
        self._label = None if classes is None else torch.from_numpy(classes.astype(np.int64))

    def __len__(self) -> int:
        return len(self.images)

    def of(self, rows: Tensor) -> Joint:
        """Return the images `rows` (m,) alone."""
        part = copy(self)
        part.images, part._label = self.images[rows], None if self._label is None else self._label[rows]
        return part

    @torch.inference_mode()
    def encoded(self) -> FamilyPosterior:
        """Return q of all latents given the visible pixels; a pose stands behind z."""
        return self._network.encode_whole(self.images, self._label)

    def log_prior(self, points: Tensor) -> Tensor:
        """Return the log-density of the prior of all latents in nats at points (..., d), (...) in float64."""
        return self._network.log_prior(points.reshape(-1, points.shape[-1]).double()).view(points.shape[:-1])

    def log_likelihood(self, rows: Tensor, z: Tensor, precise: bool = True) -> Tensor:
        """Return log p(x|z) in nats of images `rows` (m,) at points z (m, d), (m,), with gradients for z.

        Where `precise`, the sum over pixels is in float64.
        """
        condition = None if self._label is None else self._network.one_hot(self._label[rows], len(rows)).to(self.dtype)
        images, parameters = self.images[rows], self._network.decode(z, condition)
        return self._log_prob(images.double(), parameters.double()) if precise else self._log_prob(images, parameters)

    @torch.inference_mode()
    def log_likelihood_at(self, z: Tensor) -> Tensor:
        """Return log p(x|z) in nats of each image at its points z (n, k, d), (n, k) in float64."""
        n, k, d = z.shape
        rows, points = torch.arange(n).repeat_interleave(k), z.reshape(n * k, d)
        parts = zip(torch.split(rows, AT_ONCE), torch.split(points, AT_ONCE), strict=True)
        found = torch.cat([self.log_likelihood(row, place) for row, place in parts]).view(n, k)
        if not found.isfinite().all():
            raise UserError(
                "the decoder gives NaN or infinite numbers near these codes, so log p(x) cannot be estimated; choose another model"
            )
        return found

    @torch.inference_mode()
    def log_likelihood_of_all(self, points: Tensor, kept: dict[int, Decoded] | None = None) -> Tensor:
        """Return log p(x|z) in nats of every image at the same points (k, d), (n, k) in float64.

        Points are decoded once for each class. `kept` holds what was decoded for the same points before, by class.
        """
        found = torch.empty(len(self), len(points), dtype=torch.float64)
        labels = torch.zeros(len(self), dtype=torch.int64) if self._label is None else self._label
        for label in sorted(set(labels.tolist())):
            rows = torch.nonzero(labels == label)[:, 0]
            known = kept.get(label) if kept is not None else None
            decoded = known or self._decoded(points, label)
            if kept is not None and decoded.parameters.nbytes <= _KEPT:
                kept[label] = decoded
            found[rows] = self._of_all(rows, decoded)
        return found

    def _decoded(self, points: Tensor, label: int) -> Decoded:
        parts, sums = [], []
        for place in torch.split(points, _TOGETHER):
            if self._should_stop():
                raise Cancelled("stopped")
            each = torch.full((len(place),), label)
            condition = None if self._label is None else self._network.one_hot(each, len(place)).to(self.dtype)
            parts.append(self._network.decode(place, condition))
            likelihood = self._network.likelihood
            if isinstance(likelihood, ProductLikelihood):
                sums.append(likelihood.normaliser(likelihood.coefficients(parts[-1].double())).sum(dim=1))
        return Decoded(torch.cat(parts), torch.cat(sums) if sums else torch.zeros(len(points)))

    def _of_all(self, rows: Tensor, decoded: Decoded) -> Tensor:
        """Return log p(x|z) of images `rows` (m,) at all decoded points, (m, k)."""
        likelihood, images = self._network.likelihood, self.images[rows].double()
        parts = torch.split(decoded.parameters, _TOGETHER)
        if self._seen is not None or not isinstance(likelihood, ProductLikelihood):
            each = [[self._log_prob(image.expand_as(part), part.double()) for part in parts] for image in images]
            return torch.stack([torch.cat(row) for row in each])
        fit = torch.cat([images @ likelihood.coefficients(part.double()).T for part in parts], dim=1)
        return fit - decoded.normaliser + likelihood.base(images).sum(dim=1, keepdim=True)

    def _log_prob(self, images: Tensor, parameters: Tensor) -> Tensor:
        if self._should_stop():
            raise Cancelled("stopped")
        if self._seen is None:
            return self._network.likelihood.log_prob(images, parameters)
        return self._network.likelihood.log_prob_of_seen(images, parameters, self._seen)


def log_prior(z: Tensor) -> Tensor:
    """Return log p(z) in nats at points (..., d), (...) in float64."""
    return standard_normal_log_prob(z.reshape(-1, z.shape[-1]).double()).view(z.shape[:-1])


def classes_of(model: TrainedModel, label: ArrayLike | None, n: int) -> Labels | None:
    """Return the classes (n,) of a conditional model, else None. Raises `UserError` if they are missing."""
    if not model.card.spec.classes:
        return None
    classes = model.checked_label(label, n)
    if classes is None:
        raise UserError(f"{model.card.name} needs classes; give the class of each of the {n} images")
    return classes


def numpy_of(values: Tensor) -> NDArray[np.float64]:
    return np.asarray(values.double().numpy(), np.float64)
