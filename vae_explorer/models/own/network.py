"""A model of a person's own functions, in the shape of the program's own families."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vae_explorer.errors import UserError
from vae_explorer.models.base import NO_SWITCHES, Batch, LatentModel, LossTerms
from vae_explorer.models.likelihoods import UNKNOWN_LIKELIHOOD
from vae_explorer.models.own.arrays import arranged, flattened, from_unit, to_unit
from vae_explorer.models.own.callers import Answer, Caller
from vae_explorer.models.own.contract import Contract, Decoding, Encoding, Pixels, Spread
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, GaussianPosterior, PointPosterior
from vae_explorer.models.spec import ModelSpec
from vae_explorer.shapes import ImageShape

_EDGE = 1e-6  # pixels of 0 and 1 have no logit


class OwnNetwork(LatentModel):
    """Calls a decoder and, if there is one, an encoder, as their contract says."""

    fills_blocks = False  # a caller's decoder may take a second for a block of points

    def __init__(self, spec: ModelSpec, contract: Contract, decode: Caller, encode: Caller | None) -> None:
        super().__init__(spec)
        self.contract, self.decoder, self.encoder = contract, decode, encode
        self._place = nn.Parameter(torch.zeros(()), requires_grad=False)  # says that images come from the CPU

    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        made = self.contract.decoding
        values = decoded(self.decoder, z, made)
        if self.spec.likelihood == UNKNOWN_LIKELIHOOD:
            return to_unit(values, made.pixels)
        if made.pixels is Pixels.LOGITS:
            return values
        return torch.logit(to_unit(values, made.pixels), eps=_EDGE)

    def encode(self, images: Tensor, label: Tensor | None = None) -> GaussianPosterior | PointPosterior:
        """Raises `UserError` if there is no encoder."""
        encoding = self.contract.encoding
        if self.encoder is None or encoding is None:
            raise UserError("no encoder was given with this model, so images have no codes")
        return encoded(self.encoder, images, self.contract.decoding.image_shape, encoding)

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        """Return nothing: the program does not know the objective."""
        return {}

    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        raise UserError("the program does not know what this model minimises, and does not train it")


def decoded(decode: Caller, z: Tensor, made: Decoding) -> Tensor:
    """Return the values (n, D) that a decoder gives at latent points (n, d), in the pixel range of the decoder."""
    values = decode(z.reshape(len(z), made.latents, *[1] * made.ones)).arrays[0]
    return flattened(values, made.image_shape, made.layout)


def encoded(encode: Caller, images: Tensor, shape: ImageShape, encoding: Encoding) -> GaussianPosterior | PointPosterior:
    """Return q(z|x) of images (n, D) in [0, 1]."""
    return posterior_of(encode(from_unit(arranged(images, shape, encoding.layout), encoding.pixels)), encoding)


def posterior_of(answer: Answer, encoding: Encoding) -> GaussianPosterior | PointPosterior:
    """Return what an encoder gave as q(z|x). The log-variance is bounded as for the program's own families."""
    first, second = encoding.places
    mean = answer.arrays[first]
    if encoding.ones:
        mean = mean.flatten(1)
    if encoding.spread is Spread.NONE:
        return PointPosterior(mean)
    if encoding.spread is Spread.JOINED:
        return GaussianPosterior.of(mean)
    spread = answer.arrays[second].flatten(1) if encoding.ones else answer.arrays[second]
    log_variance = spread if encoding.spread is Spread.LOG_VARIANCE else 2 * torch.log(spread)
    return GaussianPosterior(mean, log_variance.expand_as(mean).clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))
