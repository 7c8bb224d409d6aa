"""The comparisons of the lecture, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """`models`: names of pretrained models, from left to right. Without `linked_views` each map shows its own codes whole."""

    name: str
    title: str
    tip: str
    models: tuple[str, ...]
    linked_views: bool = True


# The same network as the AE and the β-VAEs, trained as long on the same pixels. The objective differs, and how
# products were rounded: mnist-vae-small was trained with bfloat16 products on two threads, the others with float32 on one.
_VAE = "mnist-vae-small"

PRESETS = (
    # Nothing holds the codes of an AE near 0: in its view those of the VAE would be a speck.
    Preset("ae_vae", "&AE against VAE", "Holes against a filled plane", ("mnist-ae", _VAE), linked_views=False),
    Preset(
        "beta",
        "&β = 0.1, 1, 10",
        "What the weight of the KL term does to the plane",
        ("mnist-beta-0.1", _VAE, "mnist-beta-10"),
    ),
    Preset("vae_gan", "&VAE against GAN", "Structured against sharp", (_VAE, "mnist-gan")),
)
