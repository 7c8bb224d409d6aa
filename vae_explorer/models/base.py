"""The contract of every model family, and `build_model`. Runs on whichever thread calls it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae_explorer.models.families import FAMILIES
from vae_explorer.models.observation import Likelihood, build_likelihood
from vae_explorer.models.posterior import FamilyPosterior
from vae_explorer.models.spec import ModelSpec
from vae_explorer.registry import resolve

NO_SWITCHES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Batch:
    """Images and their classes."""

    images: Tensor  # (n, D) float32 in [0, 1]
    label: Tensor  # (n,) int64

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, slots=True)
class LossTerms:
    """What a training step minimises (`total`) and the named terms it is made of, means over the batch."""

    total: Tensor  # ()
    terms: dict[str, Tensor]  # each ()
    loss: Tensor | None = None  # what to show as the loss where `total` is a move in a game and need not fall


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn from before the first step of a run."""

    size: int  # how many images there are
    classes: int
    draw: Callable[[int], Batch]  # so many of them at random, as a step sees them: binary ones where the run draws those
    should_stop: Callable[[], bool]


Loss = Callable[[Batch, torch.Generator | None], LossTerms]


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a training step: these weights go down the gradient of this loss. Most families have one, games several."""

    weights: list[nn.Parameter]
    loss: Loss
    rate: float = 1.0  # times the learning rate of the run
    momentum: float | None = (
        None  # Adam's first β where it is to stay what it is; else it goes the other way round than the rate
    )


class LatentModel(nn.Module, ABC):
    """An encoder to the plane and a decoder back.

    Images are (n, D) float32 in [0, 1], D = H · W. Losses are sums over pixels and latents and means over the batch.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.likelihood: Likelihood = build_likelihood(spec)
        self.progress = 1.0  # the share of the training run that lies behind; for what warms up

    @property
    def warmth(self) -> float:
        """The weight of what warms up: from 0 to 1 in a straight line over the share `warm_up` of the run, then 1.

        Bowman et al. 2016, section 3.1; Sønderby et al. 2016, section 2.3.
        """
        warm_up = self.spec.parameters.get("warm_up", 0.0)
        return 1.0 if self.progress >= warm_up else self.progress / warm_up

    @abstractmethod
    def encode(self, images: Tensor, label: Tensor | None = None) -> FamilyPosterior:
        """q(z|x) of images (n, D); conditional families take the classes (n,) too."""

    @abstractmethod
    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        """The likelihood's parameters (n, D), such as logits, at latent points (n, 2).

        Conditional families take the weights of the classes (n, C), which are one-hot for a class; others ignore `condition`.
        `switches` are the names of the family's switches that are on.
        """

    def reconstruct(self, images: Tensor, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The likelihood's parameters (n, D) for images (n, D) whose upper codes are z (n, 2): what z alone does not say included."""
        return self.decode(z, condition)

    @abstractmethod
    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        """The family's objective on a batch; of an adversarial one that of its first phase."""

    @abstractmethod
    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        """Each of the family's terms for each image, (n,): estimated with `samples` draws of z where there is something to draw."""

    def phases(self) -> list[Phase]:
        """What a training step does, in order."""
        return [Phase(list(self.parameters()), self.loss)]

    def weights(self) -> dict[str, float]:
        """The weights with which its terms add up to what training minimises once it is warm; empty where training is a game."""
        return {}

    def prepare(self, material: Material) -> None:
        """Called once before the first step, for what has to be learned first."""

    def one_hot(self, label: Tensor | None, n: int) -> Tensor:
        """Classes (n,) as weights (n, C); the first class where none is named."""
        weights = torch.zeros(n, self.spec.classes, device=next(self.parameters()).device)
        if label is None:
            weights[:, 0] = 1.0
        else:
            weights.scatter_(1, label[:, None], 1.0)
        return weights


def mean_of(draws: list[Tensor]) -> Tensor:
    """The mean over draws of what each image has in each of them, each (n,)."""
    return draws[0] if len(draws) == 1 else torch.stack(draws).mean(dim=0)


def build_model(spec: ModelSpec) -> LatentModel:
    """A fresh model, weights drawn from torch's global generator. Raises `UserError` on an unknown family, body or likelihood."""
    model: LatentModel = resolve(FAMILIES[spec.family].target)(spec)
    return model


def build_blank(spec: ModelSpec) -> LatentModel:
    """The same without weights, for a state dict that is to be assigned: drawing weights takes longer than reading them."""
    make = resolve(FAMILIES[spec.family].target)
    with torch.device("meta"):
        model: LatentModel = make(spec)
    return model
