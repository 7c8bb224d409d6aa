"""The comparisons of the lecture, as a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """`models` names pretrained models, from left to right. Without `linked_views` each map shows all of its own codes."""

    name: str
    title: str
    tip: str
    models: tuple[str, ...]
    linked_views: bool = True


# The AE and the β-VAEs have this network too, and saw equally many pixels. The objectives differ, and so does the rounding:
# mnist-vae-small was trained with bfloat16 products on two threads, the other models with float32 products on one thread.
_VAE = "mnist-vae-small"

PRESETS = (
    # No term holds the codes of an AE near 0: in a view of them all, the codes of the VAE would be a speck.
    Preset("ae_vae", "&AE against VAE", "Holes against a filled plane", ("mnist-ae", _VAE), linked_views=False),
    Preset(
        "beta",
        "&β = 0.1, 1, 10",
        "What the weight of the KL term does to the plane",
        ("mnist-beta-0.1", _VAE, "mnist-beta-10"),
    ),
    Preset("vae_gan", "&VAE against GAN", "Structured against sharp", (_VAE, "mnist-gan")),
)
