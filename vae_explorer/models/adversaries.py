"""Discriminators, the losses of their game, and distances between two sets of points."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from vae_explorer.latent.prior_distance import mean_distance_to_normal, mean_distance_within_normal
from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import build_halves, dense
from vae_explorer.models.spec import GELU, RELU, ModelSpec

MOMENTUM = 0.5  # Adam's first β in both halves of a game: Radford et al. 2016, section 3
_POINT_WIDTHS = (128, 128)


class PointDiscriminator(nn.Module):
    """The logit that a latent point (n, d) comes from the prior, (n,)."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        smooth = replace(spec, activation=GELU)  # ReLUs die in a layer this narrow, and the game with them
        self.body = nn.Sequential(*dense((spec.latent_dim, *_POINT_WIDTHS), smooth), Linear(_POINT_WIDTHS[-1], 1))

    def forward(self, points: Tensor) -> Tensor:
        logits: Tensor = self.body(points)
        return logits[:, 0]


class ImageDiscriminator(nn.Module):
    """The logit that an image (n, D) in [0, 1] comes from the data, (n,).

    It is the encoder's body with ReLUs and one more layer. With GELUs the discriminator gets too far ahead of the generator.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        halves = build_halves(replace(spec, activation=RELU))
        layers = list(halves.encoder.children())
        border = next((i + 1 for i, layer in enumerate(layers) if isinstance(layer, nn.ReLU)), 0)
        self.first, self.rest = nn.Sequential(*layers[:border]), nn.Sequential(*layers[border:])
        self.head = Linear(halves.features, 1)

    def features(self, images: Tensor) -> Tensor:
        """Return the first hidden layer (n, F); the last one only tells real from made."""
        features: Tensor = self.first(images).flatten(1)
        return features

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.rest(self.first(images)))
        return logits[:, 0]


def log_loss(logits: Tensor, real: bool) -> Tensor:
    """Return −log D for `real` images, else −log(1 − D), in nats; D = σ(logit). (n,) -> (n,)."""
    return softplus(-logits if real else logits)


def gradient_penalty(discriminator: nn.Module, images: Tensor) -> Tensor:
    """Return ½ ‖∂logit/∂x‖² of each image of the data, (n,).

    Mescheder, Geiger & Nowozin 2018, equation 9, without γ.
    """
    images = images.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    return 0.5 * slopes.square().sum(dim=1)


def prior_points(like: Tensor, shape: tuple[int, int], generator: torch.Generator | None) -> Tensor:
    """Draw points from N(0, I), `shape` (n, d), in the type and on the device of `like`."""
    return torch.empty(shape, dtype=like.dtype, device=like.device).normal_(generator=generator)


def weights_of(*modules: nn.Module) -> list[nn.Parameter]:
    return [weight for module in modules for weight in module.parameters()]


@torch.no_grad()
def energy_distance(points: Tensor, others: Tensor) -> Tensor:
    """Return each pair's share of 2 E|x − y| − E|x − x′| − E|y − y′| for two sets (n, D), (n,).

    Székely & Rizzo 2013. The mean of the shares is the unbiased estimate, which may fall below 0.
    """
    across = torch.cdist(points, others)
    return across.mean(dim=0) + across.mean(dim=1) - _mean_to_others(points) - _mean_to_others(others)


@torch.no_grad()
def distance_to_prior(points: Tensor) -> Tensor:
    """Return each point's share (n,) of the energy distance between points (n, d) and N(0, I).

    Székely & Rizzo 2005, section 2.
    """
    to_prior = torch.from_numpy(mean_distance_to_normal(points.cpu().numpy())).to(points)
    return 2 * to_prior - _mean_to_others(points) - mean_distance_within_normal(points.shape[1])


def _mean_to_others(points: Tensor) -> Tensor:
    """Return the mean distance of each point (n, D) to the others, (n,)."""
    between = torch.cdist(points, points).fill_diagonal_(0)
    return between.sum(dim=1) / max(len(points) - 1, 1)
