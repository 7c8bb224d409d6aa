"""What a run takes where nothing is chosen, and why it lacks an option. Knows no torch."""

from __future__ import annotations

import math

from vae_explorer.data.base import DatasetSpec
from vae_explorer.kinds import Binarised, PixelKind
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.spec import LATENT_DIM
from vae_explorer.training.options import Chosen

_MANY_IMAGES = 10_000
_LARGE_IMAGE, _STEPS = 4_000, 2_000  # numbers of an image, and steps of a run on such images
_OF_COLOURS = ("gaussian-learned", "gaussian")  # binary pixels would have eight colours


def usual_epochs(data: DatasetSpec) -> int:
    """Return 300 for few images and 30 for many; for large images as many as give 2,000 steps, from 30 to 300."""
    if math.prod(data.image_shape) > _LARGE_IMAGE:
        steps = max(1, -(-data.size[0] // usual_batch(data)))  # other packages may not know the number of images
        return min(max(round(_STEPS / steps), 30), 300)
    return 300 if data.size[0] < _MANY_IMAGES else 30


def usual_batch(data: DatasetSpec) -> int:
    """Return 64 or 256, at most all training images."""
    images = data.size[0]
    return max(1, min(64 if images < _MANY_IMAGES else 256, images))


def usual_likelihood(family: str, data: DatasetSpec) -> str:
    """Return the family's first likelihood, or a Gaussian for images of several channels."""
    offered = FAMILIES[family].likelihoods
    fitting = [name for name in _OF_COLOURS if name in offered] if data.image_shape[2] > 1 else []
    return fitting[0] if fitting else offered[0]


def usual_body(family: str, data: DatasetSpec) -> str:
    """Return the family's first body, or its body for large images."""
    bodies, side = FAMILIES[family].bodies, max(data.image_shape[:2])
    for_large = [name for name in bodies if (above := BODIES[name].usual_above) is not None and side > above]
    return for_large[-1] if for_large else bodies[0]


def usual_layers(body: str, data: DatasetSpec) -> tuple[int, ...]:
    return BODIES[body].default_hidden(math.prod(data.image_shape))


def takes_binary(family: str, likelihood: str) -> bool:
    """Whether the likelihood is of binary pixels, and no discriminator would know them."""
    return LIKELIHOODS[likelihood].pixels is PixelKind.BINARY and not FAMILIES[family].grey


def usual_binarised(family: str, likelihood: str) -> Binarised:
    return Binarised.DYNAMIC if takes_binary(family, likelihood) else Binarised.NONE


def why_not_binarised(chosen: Chosen) -> str:
    """Say why a run cannot draw binary images; empty if it can."""
    likelihood = LIKELIHOODS[chosen.likelihood]
    if likelihood.pixels is not PixelKind.BINARY:
        return f"{likelihood.title} is a likelihood of {likelihood.pixels} pixels; choose binarised none, or the Bernoulli"
    if FAMILIES[chosen.family].grey:
        return f"the discriminator of {chosen.family} would tell binary images from drawn ones by their pixels; choose binarised none"
    return ""


def why_not_latents(chosen: Chosen) -> str:
    """Say why a run has no choice of its number of latents; empty if it has."""
    if not FAMILIES[chosen.family].plane_only:
        return ""
    return f"family {chosen.family!r} has models of {LATENT_DIM} latents alone; leave the number of latents out"


def why_not_activation(chosen: Chosen) -> str:
    """Say why a run has no activation to choose; empty if it has."""
    if BODIES[chosen.body].activated:
        return ""
    return f"body {chosen.body!r} has gates in place of an activation; leave the activation out"


def why_not_augment(chosen: Chosen) -> str:
    """Say why a run cannot move its training images; empty if it can."""
    if not FAMILIES[chosen.family].grey:
        return ""
    return f"the discriminator of {chosen.family} would count moved images as real; leave the augmentation out"


def why_not_optimiser(chosen: Chosen) -> str:
    """Say why a run has no choice of optimiser; empty if it has."""
    if not FAMILIES[chosen.family].is_game:
        return ""
    return (
        f"the networks of {chosen.family} are trained against one another, and Muon's large steps let one of them win; "
        "leave the optimiser at adam"
    )
