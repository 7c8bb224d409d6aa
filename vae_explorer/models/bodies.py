"""The table of network bodies. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass

from vae_explorer.registry import Registry

_SMALL_IMAGE = 256  # pixels


@dataclass(frozen=True, slots=True)
class Body:
    """An encoder and a decoder. `target` is 'module:function' from a ModelSpec to both halves."""

    title: str
    target: str
    small: tuple[int, ...]  # default `hidden` for images of at most 256 pixels
    large: tuple[int, ...]
    activated: bool = True  # its hidden layers take the activation of the spec

    def default_hidden(self, pixels: int) -> tuple[int, ...]:
        return self.small if pixels <= _SMALL_IMAGE else self.large


BODIES: Registry[Body] = Registry("body")
BODIES.register("mlp", Body("MLP", "vae_explorer.models.networks:mlp", (256, 128), (512, 512, 512)))
BODIES.register("conv", Body("Convolutional", "vae_explorer.models.networks:conv", (32, 64), (32, 64)))
BODIES.register("gru", Body("Recurrent (GRU)", "vae_explorer.models.networks:gru", (128,), (128,), activated=False))
