"""The body whose decoder reads the coordinates of each pixel."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn

from vae_explorer.models.bodies import COORDINATE_WIDTHS
from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import Halves, activation, dense
from vae_explorer.models.spec import ModelSpec

POSE = 3  # numbers of a pose
_SLOPE = 4.0  # bound of the first weights at the start; a small one blurs edges for many epochs


class CoordinateDecoder(nn.Module):
    """Decodes z and a pose, (n, d + 3) or (n, d), into images (n, D) by one network for all pixels.

    The first layer adds a linear map of z to a linear map of the pixel's place R(−θ) (x − Δ): Bepler et al. 2019, equations 2
    to 4. A pose is Δ to the right, Δ downwards, both in half sides of the image, and θ in radians, counterclockwise as the
    image is seen. Without a pose all three are 0.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self._latents, (self._height, self._width, channels) = spec.latent_dim, spec.image_shape
        self.of_z = Linear(spec.latent_dim, COORDINATE_WIDTHS[0])
        self.of_place = nn.Parameter(torch.empty(2, COORDINATE_WIDTHS[0]).uniform_(-_SLOPE, _SLOPE))
        nn.init.uniform_(self.of_z.bias, -_SLOPE, _SLOPE)
        self.layers = nn.Sequential(activation(spec), *dense(COORDINATE_WIDTHS, spec), Linear(COORDINATE_WIDTHS[-1], channels))

    def forward(self, points: Tensor) -> Tensor:
        z, pose = points[:, : self._latents], points[:, self._latents :]
        if not pose.shape[1]:
            pose = pose.new_zeros(len(points), POSE)
        hidden = torch.matmul(_places(self._height, self._width).to(points), self._first_layer(z, pose))
        pixels: Tensor = self.layers(hidden.flatten(0, 1))
        return pixels.view(len(points), -1)

    def _first_layer(self, z: Tensor, pose: Tensor) -> Tensor:
        """Return the weights of (x, y, 1) for each image, (n, 3, W). To turn weights takes less time than to turn places."""
        right, down, angle = (column[:, None] for column in pose.unbind(dim=1))
        of_u, of_v = self.of_place
        of_x = angle.cos() * of_u + angle.sin() * of_v
        of_y = angle.cos() * of_v - angle.sin() * of_u
        return torch.stack([of_x, of_y, self.of_z(z) - right * of_x - down * of_y], dim=1)


@lru_cache(maxsize=8)
def _places(height: int, width: int) -> Tensor:
    """Return (x, y, 1) of each pixel's centre in half sides from the middle, (H · W, 3); y points down."""
    with torch.inference_mode(False), torch.device("cpu"):
        half = max(height, width) / 2
        y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
        places = torch.stack([(x - width / 2) / half, (y - height / 2) / half, torch.ones(height, width)], dim=2)
        return places.view(-1, 3)


def spatial(spec: ModelSpec) -> Halves:
    """Make a fully connected encoder with layers `hidden`, and a decoder over coordinates."""
    down = (spec.image_size, *spec.hidden)
    return Halves(nn.Sequential(*dense(down, spec)), down[-1], CoordinateDecoder(spec))
