"""The contract of every model family, and `build_model`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vae_explorer.errors import UserError
from vae_explorer.foreign import short
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.observation import Likelihood, build_likelihood
from vae_explorer.models.posterior import FamilyPosterior, standard_normal_log_prob
from vae_explorer.models.spec import ModelSpec
from vae_explorer.registry import resolve

NO_SWITCHES: frozenset[str] = frozenset()
_LONGEST = 200  # characters of a package's own message


@dataclass(frozen=True, slots=True)
class Batch:
    images: Tensor  # (n, D) float32 in [0, 1]
    label: Tensor  # (n,) int64

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, slots=True)
class LossTerms:
    """The loss of a training step and its named terms, means over the batch."""

    total: Tensor  # ()
    terms: dict[str, Tensor]  # each ()
    loss: Tensor | None = None  # the loss to show where `total` is a move in a game and need not fall


@dataclass(frozen=True, slots=True)
class Material:
    """The data that a family may learn from before the first step."""

    size: int  # number of images
    classes: int
    draw: Callable[[int], Batch]  # n random images as a step sees them, binary if the run draws binary images
    should_stop: Callable[[], bool]


Loss = Callable[[Batch, torch.Generator | None], LossTerms]


@dataclass(frozen=True, slots=True)
class Phase:
    """The weights and loss of a part of a step. Most families have one phase; games have several."""

    weights: list[nn.Parameter]
    loss: Loss
    rate: float = 1.0  # times the learning rate of the run
    momentum: float | None = None  # Adam's first β; None: it falls as the rate rises


class LatentModel(nn.Module, ABC):
    """An encoder to the plane and a decoder back.

    Images are (n, D) float32 in [0, 1], D = H · W · C. Losses are sums over pixels and latents and means over the batch.
    """

    fills_blocks = True  # whether points are decoded in blocks of one size, so that a point's pixels are always equal

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.likelihood: Likelihood = build_likelihood(spec)
        self.progress = 1.0  # share of the run that is done; `warmth` reads it

    @property
    def warmth(self) -> float:
        """The weight of a term that warms up: linear from 0 to 1 over the share `warm_up` of the run.

        Bowman et al. 2016, section 3.1; Sønderby et al. 2016, section 2.3.
        """
        warm_up = self.spec.parameters.get("warm_up", 0.0)
        return 1.0 if self.progress >= warm_up else self.progress / warm_up

    @abstractmethod
    def encode(self, images: Tensor, label: Tensor | None = None) -> FamilyPosterior:
        """Return q(z|x) of images (n, D). Conditional families need the classes (n,)."""

    @abstractmethod
    def decode(self, z: Tensor, condition: Tensor | None = None, switches: frozenset[str] = NO_SWITCHES) -> Tensor:
        """Return the likelihood's parameters (n, D) at latent points (n, d).

        Conditional families read class weights `condition` (n, C). `switches` names the switches that are on.
        """

    def encode_whole(self, images: Tensor, label: Tensor | None = None) -> FamilyPosterior:
        """Return q of all latents that log p(x) integrates over, (n, d) or more; a pose stands behind z."""
        return self.encode(images, label)

    def log_prior(self, points: Tensor) -> Tensor:
        """Return the log-density of the prior in nats at points of `encode_whole`, (n,)."""
        return standard_normal_log_prob(points)

    def reconstruct(self, images: Tensor, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the parameters (n, D) for images (n, D) with codes z; lower layers see the image."""
        return self.decode(z, condition)

    @abstractmethod
    def loss(self, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        """Return the family's objective on a batch; for a game the loss of its first phase."""

    @abstractmethod
    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        """Return each term of the family for each image, (n,).

        `samples` draws of z estimate the terms without a closed form.
        """

    def phases(self) -> list[Phase]:
        return [Phase(list(self.parameters()), self.loss)]

    def weights(self) -> dict[str, float]:
        """The weights of the terms in the warm objective; empty for a game."""
        return {}

    def prepare(self, material: Material) -> None:
        """Learn what the family needs before the first step."""

    def one_hot(self, label: Tensor | None, n: int) -> Tensor:
        """Return classes (n,) as one-hot weights (n, C); the first class if `label` is None."""
        weights = torch.zeros(n, self.spec.classes, device=next(self.parameters()).device)
        if label is None:
            weights[:, 0] = 1.0
        else:
            weights.scatter_(1, label[:, None], 1.0)
        return weights


def mean_of(draws: list[Tensor]) -> Tensor:
    """Return each image's mean over draws, each (n,)."""
    return draws[0] if len(draws) == 1 else torch.stack(draws).mean(dim=0)


def build_model(spec: ModelSpec) -> LatentModel:
    """Build a model with weights from torch's global generator.

    Raises `UserError` on an unknown family, body or likelihood, and on a family whose class cannot be imported.
    """
    return _class_of(spec.family)(spec)


def build_blank(spec: ModelSpec) -> LatentModel:
    """Build a model without weights, for a state dict; drawing weights takes longer than reading."""
    make = _class_of(spec.family)
    with torch.device("meta"):
        return make(spec)


def _class_of(family: str) -> Callable[[ModelSpec], LatentModel]:
    """Import the class of a family, which another package may have brought."""
    target = FAMILIES[family].target
    try:
        made = resolve(target)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {short(str(error), _LONGEST)}"
        raise UserError(f"{target} of the family {family!r} cannot be imported ({reason}); update its package") from error
    if not (isinstance(made, type) and issubclass(made, LatentModel)):
        raise UserError(f"{target} of the family {family!r} is no LatentModel; update its package")
    return made
