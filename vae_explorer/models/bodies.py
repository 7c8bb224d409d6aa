"""The table of network bodies. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass

from vae_explorer.registry import Registry

COORDINATE_WIDTHS = (64, 64)  # hidden units of the decoder of `spatial`, for each pixel
_SMALL_IMAGE, _LARGEST_IMAGE = 256, 16_000  # numbers of an image


@dataclass(frozen=True, slots=True)
class Body:
    """An encoder and a decoder. `target` is 'module:function' from a ModelSpec to both halves."""

    title: str
    target: str
    small: tuple[int, ...]  # default `hidden` for images of at most 256 numbers
    large: tuple[int, ...]
    largest: tuple[int, ...] = ()  # for images of more than 16,000 numbers; empty: `large`
    activated: bool = True  # its hidden layers take the activation of the spec
    remedy: str = "choose fewer or narrower layers"  # for a network that is too large
    usual_above: int | None = None  # pixels; a run of images with a longer side takes this body if none is chosen

    def default_hidden(self, pixels: int) -> tuple[int, ...]:
        if pixels > _LARGEST_IMAGE and self.largest:
            return self.largest
        return self.small if pixels <= _SMALL_IMAGE else self.large


BODIES: Registry[Body] = Registry("body")
BODIES.register("mlp", Body("MLP", "vae_explorer.models.networks:mlp", (256, 128), (512, 512, 512)))
BODIES.register("conv", Body("Convolutional", "vae_explorer.models.networks:conv", (32, 64), (32, 64)))
BODIES.register(
    "resconv",
    Body(
        "Residual convolutions",
        "vae_explorer.models.resconv:resconv",
        (32, 64),
        (32, 64, 128),
        largest=(16, 32, 64, 128),
        usual_above=40,
    ),
)
BODIES.register("gru", Body("Recurrent (GRU)", "vae_explorer.models.networks:gru", (128,), (128,), activated=False))
BODIES.register(
    "spatial",
    Body(
        "Coordinates",
        "vae_explorer.models.spatial:spatial",
        (256, 128),
        (512, 512),
        remedy="choose smaller images or narrower layers",
    ),
)
