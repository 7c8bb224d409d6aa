"""Measures codes and terms of a model on images, for training and inference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.codes import Codes, Labels, Split
from vae_explorer.kinds import Binarised
from vae_explorer.mapped import release
from vae_explorer.models.base import Batch, LatentModel
from vae_explorer.models.terms import term

BATCH = 1000
EVALUATION_SEED = 0
Pixels = NDArray[np.uint8] | NDArray[np.float32]  # images as bytes, or in [0, 1]
Parts = Mapping[int, tuple[Pixels, Labels]]  # split -> images (n, H, W, C) and classes (n,)


def device_of(model: LatentModel) -> torch.device:
    return next(model.parameters()).device


def binarise_once(images: Tensor, seed: int = EVALUATION_SEED) -> Tensor:
    """Draw each pixel as a Bernoulli of its grey value, (n, D) in {0, 1}, on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    return torch.bernoulli(images.cpu(), generator=generator)


def measured_images(images: Pixels, binarised: Binarised) -> Tensor:
    """Return the images (n, H, W, C) as terms are measured on them, (n, D)."""
    grey = unit(flat(images))
    return binarise_once(grey) if binarised is Binarised.DYNAMIC else grey


def binary_pixels(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the binarised images of `measured_images` as bytes (n, H, W, C), in little memory."""
    generator = torch.Generator().manual_seed(EVALUATION_SEED)
    drawn = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), BATCH):
        part = images[start : start + BATCH]
        drawn[start : start + BATCH] = torch.bernoulli(unit(flat(part)), generator=generator).numpy().reshape(part.shape)
    return drawn


def flat(images: Pixels) -> Tensor:
    """Return images (n, H, W, C) as (n, D), sharing memory if possible."""
    rows = images.reshape(len(images), math.prod(images.shape[1:]))
    return torch.from_numpy(np.require(rows, requirements=["C", "W"]))


def unit(images: Tensor) -> Tensor:
    """Return byte images as float32 in [0, 1], and others unchanged."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


def encode_images(
    model: LatentModel, images: Pixels, label: Labels | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return posterior mean and std of images (n, H, W, C), each (n, d).

    The images may be mapped from a file larger than memory.
    """
    mean, std = (np.empty((len(images), model.spec.latent_dim), np.float32) for _ in range(2))
    _encode_into(mean, std, model, images, label)
    return mean, std


@torch.inference_mode()
def _encode_into(
    mean: NDArray[np.float32], std: NDArray[np.float32], model: LatentModel, images: Pixels, label: Labels | None
) -> None:
    model.eval()
    device = device_of(model)
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        classes = None if label is None else torch.from_numpy(label[part].astype(np.int64)).to(device)
        posterior = model.encode(unit(flat(images[part].copy()).to(device)), classes)
        mean[part], std[part] = posterior.mean.cpu().numpy(), posterior.std.cpu().numpy()
        release(images)


def codes_of(model: LatentModel, parts: Parts) -> Codes:
    """Return the codes of all images under `model`, training images first."""
    label, split = codes_order(parts)
    border, n = len(parts[Split.TRAIN][1]), len(label)
    mean, std = (np.empty((n, model.spec.latent_dim), np.float32) for _ in range(2))
    for rows, part in ((slice(0, border), Split.TRAIN), (slice(border, n), Split.TEST)):
        _encode_into(mean[rows], std[rows], model, *parts[part])
    return Codes(mean, std, label, split)


def codes_order(parts: Parts) -> tuple[Labels, NDArray[np.uint8]]:
    """Return the class and the split of each code, (n,)."""
    counts = [len(parts[split][1]) for split in (Split.TRAIN, Split.TEST)]
    split = np.repeat(np.array([Split.TRAIN, Split.TEST], np.uint8), counts)
    return np.concatenate([parts[Split.TRAIN][1], parts[Split.TEST][1]]), split


@dataclass(frozen=True, slots=True)
class Measured:
    """A family's terms over a set of images, by name."""

    means: dict[str, float]
    errors: dict[str, float]  # standard errors of the means; absent for a single batch or image


NOT_MEASURED = Measured({}, {})


def mean_terms(
    model: LatentModel, images: Tensor, label: Tensor, samples: int = 1, seed: int = EVALUATION_SEED
) -> dict[str, float]:
    return measure(model, images, label, samples, seed).means


@torch.inference_mode()
def measure(model: LatentModel, images: Tensor, label: Tensor, samples: int = 1, seed: int = EVALUATION_SEED) -> Measured:
    """Measure the family's terms on images (n, D) of classes (n,).

    Terms of a bound are in nats an image. `samples` draws of z an image estimate terms without a closed form. A term of a
    whole batch, such as the MMD, is the mean over batches of shuffled images.

    A standard error is the std over images, divided by √n. It includes the noise of binarisation and draws. For a term of a
    batch, batches take the place of images.
    """
    model.eval()
    device = device_of(model)
    generator = torch.Generator(device).manual_seed(seed)
    parts: dict[str, list[Tensor]] = {}
    for rows in torch.split(torch.randperm(len(images), generator=torch.Generator().manual_seed(seed)), BATCH):
        values = model.image_terms(Batch(images[rows].to(device), label[rows].to(device)), generator, samples)
        for name, value in values.items():
            parts.setdefault(name, []).append(value.cpu().double())
    means = {name: sum(part.sum().item() for part in each) / len(images) for name, each in parts.items()}
    errors = {name: standard_error(_independent(name, each)) for name, each in parts.items()}
    return Measured(means, {name: error for name, error in errors.items() if error is not None})


def standard_error(values: Tensor | NDArray[np.float64]) -> float | None:
    """Return the standard error of the mean of independent values (n,); None if n < 2."""
    n = len(values)
    with np.errstate(invalid="ignore", over="ignore"):  # a model that diverged has values that are not finite
        return float(np.std(np.asarray(values), ddof=1) / math.sqrt(n)) if n > 1 else None


def _independent(name: str, parts: list[Tensor]) -> Tensor:
    """Return the independent values of a term: of images, or of whole batches."""
    if not term(name).of_all:
        return torch.cat(parts)
    return torch.stack([part.mean() for part in parts])
