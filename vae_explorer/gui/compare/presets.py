"""The comparisons of the lecture, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """`models`: names of pretrained models, from left to right."""

    name: str
    title: str
    tip: str
    models: tuple[str, ...]


PRESETS = (
    Preset("ae_vae", "&AE against VAE", "Holes against a filled plane", ("mnist-ae", "mnist-vae")),
    Preset(
        "beta",
        "&β = 0.1, 1, 10",
        "What the weight of the KL term does to the plane",
        ("mnist-beta-0.1", "mnist-vae", "mnist-beta-10"),
    ),
    Preset("vae_gan", "&VAE against GAN", "Structured against sharp", ("mnist-vae", "mnist-gan")),
)
