"""What a model makes of a set of images: its codes and its ELBO. Below training and inference, which both need it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.codes import TEST, TRAIN, Codes
from vae_explorer.models.base import LatentModel

BATCH = 1000
EVALUATION_SEED = 0


def device_of(model: LatentModel) -> torch.device:
    return next(model.parameters()).device


def binarise_once(images: Tensor, seed: int = EVALUATION_SEED) -> Tensor:
    """Each pixel drawn as a Bernoulli of its grey value, the same draw for the same seed. (n, D) in {0, 1}, on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    return torch.bernoulli(images.cpu(), generator=generator)


@torch.inference_mode()
def encode_images(model: LatentModel, images: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Posterior mean and std of images (n, D), each (n, 2)."""
    model.eval()
    device = device_of(model)
    posteriors = [model.encode(batch.to(device)) for batch in torch.split(images, BATCH)]
    mean = torch.cat([posterior.mean for posterior in posteriors]).float().cpu().numpy()
    return mean, torch.cat([posterior.std for posterior in posteriors]).float().cpu().numpy()


def codes_of(model: LatentModel, parts: Mapping[int, tuple[Tensor, NDArray[np.uint8]]]) -> Codes:
    """The codes of {TRAIN: (images, labels), TEST: (images, labels)}, train first."""
    means, stds, labels, splits = [], [], [], []
    for split in (TRAIN, TEST):
        images, label = parts[split]
        mean, std = encode_images(model, images)
        means.append(mean)
        stds.append(std)
        labels.append(label)
        splits.append(np.full(len(label), split, np.uint8))
    return Codes(np.concatenate(means), np.concatenate(stds), np.concatenate(labels), np.concatenate(splits))


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
