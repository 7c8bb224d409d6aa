"""The deep-feature-consistent VAE."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from vae_explorer.models.adam import Adam
from vae_explorer.models.base import Batch, Material, Phase, mean_of
from vae_explorer.models.networks import as_planes
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae
from vae_explorer.shapes import ImageShape

_CHANNELS = (8, 16)
_STEPS, _PASSES, _BATCH, _RATE = 500, 20, 128, 3e-3  # of the classifier's training; the smaller of steps and passes holds
_SCALED_ON = 1000  # images


class Features(nn.Module):
    """Two layers of a small convolutional classifier, and their size on the data.

    The classifier learns once from images and classes of the data set, binary images if the run draws them. Its output layer
    is dropped. If all images have one class, the layers stay random.
    """

    scale: Tensor  # (2,): the mean over the data of ½ ‖φ_l(x) − mean φ_l‖²

    def __init__(self, image_shape: ImageShape) -> None:
        super().__init__()
        self._image_shape = image_shape
        first, second = _CHANNELS
        self.first = nn.Conv2d(image_shape[2], first, 3, stride=2, padding=1)
        self.second = nn.Conv2d(first, second, 3, stride=2, padding=1)
        self.register_buffer("scale", torch.ones(len(_CHANNELS)))
        self.requires_grad_(False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return φ_1 and φ_2 of images (n, D), each (n, F)."""
        one = self.first(as_planes(images, self._image_shape)).relu()
        return [one.flatten(1), self.second(one).relu().flatten(1)]

    def learn(self, material: Material) -> None:
        """Train with cross-entropy and Adam on the run's images. A stop ends it early."""
        device = self.scale.device
        blank = torch.zeros(1, math.prod(self._image_shape), device=device)
        head = nn.Linear(self(blank)[-1].shape[1], material.classes, device=device)
        weights = [*self.requires_grad_().parameters(), *head.parameters()]
        optimiser = Adam(weights)
        steps = min(_STEPS, _PASSES * material.size // _BATCH + 1) if material.classes > 1 else 0
        for _ in range(steps):
            if material.should_stop():
                break
            batch = material.draw(min(_BATCH, material.size))
            loss = cross_entropy(head(self(batch.images)[-1]), batch.label)
            optimiser.step(torch.autograd.grad(loss, weights), _RATE)
        self.requires_grad_(False)
        self._measure(material.draw(min(_SCALED_ON, material.size)).images)

    @torch.no_grad()
    def _measure(self, images: Tensor) -> None:
        spreads = [0.5 * (layer - layer.mean(dim=0)).square().sum(dim=1).mean() for layer in self(images)]
        self.scale.copy_(torch.stack(spreads).clamp_min(1e-6))

    def distance(self, images: Tensor, others: Tensor) -> Tensor:
        """Return Σ_l ½ ‖φ_l(x) − φ_l(x̂)‖² / scale_l of image pairs (n, D), (n,).

        It is 1 a layer for the mean image.
        """
        pairs = zip(self(images), self(others), self.scale, strict=True)
        parts = [0.5 * (layer - other).square().sum(dim=1) / scale for layer, other, scale in pairs]
        return torch.stack(parts).sum(dim=0)


class DfcVae(Vae):
    """A VAE that compares images in the layers φ_l of a classifier of the data set.

    Minimises KL(q(z|x) ‖ N(0, I)) + w · Σ_l ½ ‖φ_l(x) − φ_l(x̂)‖² / s_l − w_x · log p(x|z), sums over units and latents,
    means over the batch: Hou et al. 2017, section 3. x̂ is the mean image at a draw of z. s_l is the layer's variance over
    the data, so w does not depend on the size of images or features. The paper has s_l = the layer's number of units, and w_x
    = 0.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.classifier = Features(spec.image_shape)
        self._feature_weight = spec.parameters.get("feature_weight", 100.0)
        self._pixel_weight = spec.parameters.get("pixel_weight", 0.1)

    def prepare(self, material: Material) -> None:
        self.classifier.learn(material)

    def phases(self) -> list[Phase]:
        frozen = {id(weight) for weight in self.classifier.parameters()}
        return [Phase([weight for weight in self.parameters() if id(weight) not in frozen], self.loss)]

    def image_terms(self, batch: Batch, generator: torch.Generator | None = None, samples: int = 1) -> dict[str, Tensor]:
        posterior = self.encode(batch.images, batch.label)
        draws = [self.decode(posterior.sample(generator)) for _ in range(samples)]
        feature = mean_of([self.classifier.distance(batch.images, self.likelihood.mean(draw)) for draw in draws])
        reconstruction = mean_of([self.likelihood.log_prob(batch.images, draw) for draw in draws])
        kl = posterior.kl_to_prior()
        return {"feature": feature, "reconstruction": reconstruction, "kl": kl, "elbo": reconstruction - kl}

    def objective(self, terms: dict[str, Tensor]) -> Tensor:
        return terms["kl"] + self._feature_weight * terms["feature"] - self._pixel_weight * terms["reconstruction"]
