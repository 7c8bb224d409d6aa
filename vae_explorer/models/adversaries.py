"""What the adversarial families share: discriminators, the losses of their game, and distances between two sets of points."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import build_halves, dense
from vae_explorer.models.spec import GELU, RELU, ModelSpec

MOMENTUM = 0.5  # Adam's first β in both halves of a game: Radford et al. 2016, section 3
_POINT_WIDTHS = (128, 128)


class PointDiscriminator(nn.Module):
    """The logit, (n,), that a latent point (n, 2) was drawn from the prior."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        smooth = replace(spec, activation=GELU)  # in a layer this narrow ReLUs die, and with them the game
        self.body = nn.Sequential(*dense((spec.latent_dim, *_POINT_WIDTHS), smooth), Linear(_POINT_WIDTHS[-1], 1))

    def forward(self, points: Tensor) -> Tensor:
        logits: Tensor = self.body(points)
        return logits[:, 0]


class ImageDiscriminator(nn.Module):
    """The logit, (n,), that an image (n, D) in [0, 1] is one of the data: the body of the encoder with ReLUs, and one more layer.

    With GELUs, which bend everywhere, it gets too far ahead for a generator to learn from it.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        halves = build_halves(replace(spec, activation=RELU))
        layers = list(halves.encoder.children())
        border = next((i + 1 for i, layer in enumerate(layers) if isinstance(layer, nn.ReLU)), 0)
        self.first, self.rest = nn.Sequential(*layers[:border]), nn.Sequential(*layers[border:])
        self.head = Linear(halves.features, 1)

    def features(self, images: Tensor) -> Tensor:
        """The first hidden layer, (n, F): the last one tells real from made, and little else."""
        features: Tensor = self.first(images).flatten(1)
        return features

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.rest(self.first(images)))
        return logits[:, 0]


def log_loss(logits: Tensor, real: bool) -> Tensor:
    """−log D where what was seen is `real`, −log(1 − D) where it is not, in nats; D = σ(logit). (n,) -> (n,)."""
    return softplus(-logits if real else logits)


def gradient_penalty(discriminator: nn.Module, images: Tensor) -> Tensor:
    """½ ‖∂logit/∂x‖² of each image of the data, (n,): Mescheder, Geiger & Nowozin 2018, equation 9, without its γ."""
    images = images.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    return 0.5 * slopes.square().sum(dim=1)


def prior_points(like: Tensor, n: int, generator: torch.Generator | None) -> Tensor:
    """Draws from N(0, I), (n, 2), of the type and on the device of `like`."""
    return torch.empty(n, 2, dtype=like.dtype, device=like.device).normal_(generator=generator)


def weights_of(*modules: nn.Module) -> list[nn.Parameter]:
    return [weight for module in modules for weight in module.parameters()]


@torch.no_grad()
def energy_distance(points: Tensor, others: Tensor) -> Tensor:
    """2 E|x − y| − E|x − x′| − E|y − y′| of two sets of n points (n, D), as the share of each pair (n,): Székely & Rizzo 2013.

    The mean is the estimate without bias, so that it can fall a little below 0 where the two are alike.
    """
    across = torch.cdist(points, others)
    return across.mean(dim=0) + across.mean(dim=1) - _mean_to_others(points) - _mean_to_others(others)


@torch.no_grad()
def distance_to_prior(points: Tensor) -> Tensor:
    """The same of points (n, 2) and N(0, I) itself, as the share of each point (n,): Székely & Rizzo 2005, section 2.

    E|z − Z| with Z ~ N(0, I) is the mean of a Rice distribution, and E|Z − Z′| = √π.
    """
    x = 0.5 * points.square().sum(dim=1)
    rice: Tensor = math.sqrt(math.pi / 2) * ((1 + x) * torch.special.i0e(x / 2) + x * torch.special.i1e(x / 2))
    return 2 * rice - _mean_to_others(points) - math.sqrt(math.pi)


def _mean_to_others(points: Tensor) -> Tensor:
    """The mean distance from each of the points (n, D) to the others, (n,)."""
    between = torch.cdist(points, points).fill_diagonal_(0)
    return between.sum(dim=1) / max(len(points) - 1, 1)
