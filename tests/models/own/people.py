"""A network as people bring it: of 8×8 images, with batch normalisation and a sigmoid within the decoder."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import torch
from torch import nn

NETWORK = """
import torch
from torch import nn


class VAE(nn.Module):
    def __init__(self, latent=2):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.BatchNorm1d(32), nn.Tanh())
        self.mu, self.logvar = nn.Linear(32, latent), nn.Linear(32, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 32), nn.Tanh(), nn.Linear(32, 64), nn.Sigmoid())

    def encode(self, x):
        h = self.encoder(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.decoder(z).view(-1, 1, 8, 8)


class Broken(nn.Module):
    def __init__(self):
        raise OSError("no weights")


def helper():
    return 1
"""


def write_network(folder: Path) -> Path:
    path = folder / "my_vae.py"
    path.write_text(NETWORK)
    return path


def network_in(path: Path, latents: int = 2) -> Any:
    """The network of the file, with weights of a fixed seed."""
    spec = importlib.util.spec_from_file_location("people_vae", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    torch.manual_seed(20)
    network: nn.Module = module.VAE(latents)
    with torch.no_grad():  # running means that are not 0
        network(torch.rand(50, 1, 8, 8)) if "forward" in type(network).__dict__ else network.encode(torch.rand(50, 1, 8, 8))
    return network.eval()
