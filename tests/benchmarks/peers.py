"""What the training loop is measured beside: bare matrix products, and a loop as in PyTorch's VAE example."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from vae_explorer import locations

HIDDEN = (512, 512)
PIXELS = 784
_Mm = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def products_of_an_epoch(images: int, batch: int, product: _Mm) -> float:
    """Seconds for the matrix products, forward and backward, of an epoch of the 784-512-512 model and of nothing else."""
    widths = [*pairwise((PIXELS, *HIDDEN, 4)), *pairwise((2, *reversed(HIDDEN), PIXELS))]
    layers = [(torch.randn(batch, i), torch.randn(o, i), torch.randn(batch, o)) for i, o in widths]
    begun = time.perf_counter()
    for _ in range(images // batch):
        for number, (x, weight, gradient) in enumerate(layers):
            product(x, weight.t())
            product(gradient.t(), x)
            if number:  # nobody asks for the gradient of the images
                product(gradient, weight)
    return time.perf_counter() - begun


class PlainVae(nn.Module):
    """The same network, written as in PyTorch's VAE example."""

    def __init__(self) -> None:
        super().__init__()
        first, second = HIDDEN
        self.encoder = nn.Sequential(nn.Linear(PIXELS, first), nn.GELU(), nn.Linear(first, second), nn.GELU())
        self.mean, self.log_variance = nn.Linear(second, 2), nn.Linear(second, 2)
        self.decoder = nn.Sequential(
            nn.Linear(2, second), nn.GELU(), nn.Linear(second, first), nn.GELU(), nn.Linear(first, PIXELS), nn.Sigmoid()
        )

    def loss(self, images: Tensor) -> Tensor:
        """−ELBO, summed over the batch."""
        features = self.encoder(images)
        mean, log_variance = self.mean(features), self.log_variance(features)
        pixels = self.decoder(mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean))
        reconstruction = functional.binary_cross_entropy(pixels, images, reduction="sum")
        return reconstruction - 0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp())


class PlainLoop:
    """DataLoader, transform for every image, Adam 1e-3, no schedule."""

    def __init__(self, batch: int) -> None:
        from torchvision import datasets, transforms

        torch.manual_seed(0)
        source = datasets.MNIST(locations.data(), train=True, transform=transforms.ToTensor())
        self._loader = torch.utils.data.DataLoader(source, batch_size=batch, shuffle=True)
        self.model = PlainVae()
        self._optimiser = torch.optim.Adam(self.model.parameters(), lr=1e-3)

    def epoch(self) -> Iterator[None]:
        """Comes back after every batch."""
        for images, _ in self._loader:
            drawn = torch.bernoulli(images.view(-1, PIXELS))
            self._optimiser.zero_grad()
            loss = self.model.loss(drawn)
            loss.backward()
            loss.item()
            self._optimiser.step()
            yield

    @torch.no_grad()
    def elbo(self, images: Tensor) -> float:
        """Mean test ELBO, one draw of z an image."""
        return -sum(self.model.loss(batch).item() for batch in torch.split(images, 1000)) / len(images)


def folder_loader(folder: Path, batch: int) -> DataLoader[tuple[Tensor, int]]:
    """What people write for a folder of pictures: ImageFolder, ToTensor, two workers."""
    from torchvision import datasets, transforms

    return DataLoader(datasets.ImageFolder(folder, transforms.ToTensor()), batch, shuffle=True, num_workers=2)


class LoaderLoop:
    """A VAE of an MLP with a Gaussian likelihood, fed by a DataLoader, Adam 1e-3."""

    def __init__(self, loader: DataLoader[tuple[Tensor, int]], pixels: int, hidden: tuple[int, int]) -> None:
        first, second = hidden
        self._loader = loader
        self._encoder = nn.Sequential(
            nn.Linear(pixels, first), nn.GELU(), nn.Linear(first, second), nn.GELU(), nn.Linear(second, 4)
        )
        self._decoder = nn.Sequential(
            nn.Linear(2, second), nn.GELU(), nn.Linear(second, first), nn.GELU(), nn.Linear(first, pixels), nn.Sigmoid()
        )
        weights = [*self._encoder.parameters(), *self._decoder.parameters()]
        self._optimiser = torch.optim.Adam(weights, lr=1e-3)

    def epoch(self) -> int:
        """Train on all images, and return their number."""
        seen = 0
        for images, _ in self._loader:
            flat = images.flatten(1)
            mean, log_variance = self._encoder(flat).chunk(2, dim=1)
            pixels = self._decoder(mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean))
            kl = -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp())
            loss = functional.mse_loss(pixels, flat, reduction="sum") / 0.18 + kl
            self._optimiser.zero_grad()
            loss.backward()
            self._optimiser.step()
            seen += len(images)
        return seen
