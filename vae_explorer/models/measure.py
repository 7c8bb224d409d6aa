"""What a model makes of a set of images: its codes and its ELBO. Below training and inference, which both need it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.codes import TEST, TRAIN, Codes
from vae_explorer.mapped import release
from vae_explorer.models.base import LatentModel

BATCH = 1000
EVALUATION_SEED = 0


def device_of(model: LatentModel) -> torch.device:
    return next(model.parameters()).device


def binarise_once(images: Tensor, seed: int = EVALUATION_SEED) -> Tensor:
    """Each pixel drawn as a Bernoulli of its grey value, the same draw for the same seed. (n, D) in {0, 1}, on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    return torch.bernoulli(images.cpu(), generator=generator)


Pixels = NDArray[np.uint8] | NDArray[np.float32]  # images as bytes, or in [0, 1]


def flat(images: Pixels) -> Tensor:
    """Images (n, H, W) as (n, D) of the same type; memory is shared where it can be."""
    return torch.from_numpy(images.reshape(len(images), -1))


def unit(images: Tensor) -> Tensor:
    """Images of bytes as float32 in [0, 1]; others as they are."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


def encode_images(model: LatentModel, images: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Posterior mean and std of images (n, H, W), each (n, 2). The images may be mapped from a file larger than memory."""
    mean, std = (np.empty((len(images), model.spec.latent_dim), np.float32) for _ in range(2))
    _encode_into(mean, std, model, images)
    return mean, std


@torch.inference_mode()
def _encode_into(mean: NDArray[np.float32], std: NDArray[np.float32], model: LatentModel, images: Pixels) -> None:
    model.eval()
    device = device_of(model)
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        posterior = model.encode(unit(flat(images[part].copy()).to(device)))
        mean[part], std[part] = posterior.mean.cpu().numpy(), posterior.std.cpu().numpy()
        release(images)


def codes_of(model: LatentModel, parts: Mapping[int, tuple[Pixels, NDArray[np.uint8]]]) -> Codes:
    """The codes of {TRAIN: (images, labels), TEST: (images, labels)}, train first."""
    train, test = parts[TRAIN], parts[TEST]
    border, n = len(train[1]), len(train[1]) + len(test[1])
    mean, std = (np.empty((n, model.spec.latent_dim), np.float32) for _ in range(2))
    for rows, (images, _) in ((slice(0, border), train), (slice(border, n), test)):
        _encode_into(mean[rows], std[rows], model, images)
    split = np.repeat(np.array([TRAIN, TEST], np.uint8), [border, n - border])
    return Codes(mean, std, np.concatenate([train[1], test[1]]), split)


@torch.inference_mode()
def elbo_of(model: LatentModel, images: Tensor, samples: int = 1, seed: int = EVALUATION_SEED) -> dict[str, float]:
    """Mean `elbo`, `reconstruction` and `kl` of images (n, D), in nats an image, at β = 1.

    The reconstruction term is estimated with `samples` draws of z an image, the KL term is in closed form.
    """
    model.eval()
    device = device_of(model)
    generator = torch.Generator(device).manual_seed(seed)
    reconstruction = kl = 0.0
    for batch in torch.split(images, BATCH):
        batch = batch.to(device)
        per_image, divergence = model.elbo_terms(batch, generator, samples)
        reconstruction += per_image.cpu().double().sum().item()
        kl += divergence.cpu().double().sum().item()
    n = len(images)
    return {"elbo": (reconstruction - kl) / n, "reconstruction": reconstruction / n, "kl": kl / n}
