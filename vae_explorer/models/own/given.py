"""What a person says about an own model instead of having it found out. Knows no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.likelihoods import UNKNOWN_LIKELIHOOD, likelihood_named
from vae_explorer.models.own.contract import Layout, Pixels, Spread
from vae_explorer.shapes import ImageShape, image_shape

LIKELIHOODS = ("bernoulli", "continuous-bernoulli", "gaussian")  # whose parameters a decoder's pixels give
K = TypeVar("K", bound=Enum)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person has said; None: found out by calling."""

    latents: int | None = None
    image_shape: ImageShape | None = None
    pixels: Pixels | None = None
    layout: Layout | None = None
    spread: Spread | None = None
    likelihood: str = UNKNOWN_LIKELIHOOD
    sigma: float | None = None  # the std of a pixel, of a Gaussian likelihood

    @staticmethod
    def of(
        *,
        latents: int | None = None,
        image_shape: Sequence[int] | None = None,
        pixels: str | None = None,
        layout: str | None = None,
        posterior: str | None = None,
        likelihood: str | None = None,
        sigma: float | None = None,
    ) -> Given:
        """Return what a person gave as plain words and numbers. Raises `UserError` on what is not known."""
        if latents is not None and not 1 <= latents <= LIMITS["latents"].most:
            raise UserError(f"{latents} latents are out of range; choose 1 to {LIMITS['latents'].most}")
        return Given(
            latents,
            None if image_shape is None else _shape(image_shape),
            _kind(Pixels, "pixels", pixels),
            _kind(Layout, "layout", layout),
            _kind(Spread, "posterior", posterior),
            UNKNOWN_LIKELIHOOD if likelihood is None else _likelihood(likelihood),
            sigma,
        )

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters of the likelihood."""
        return {"sigma": 0.3 if self.sigma is None else self.sigma} if self.likelihood == "gaussian" else {}


def check_shape(shape: ImageShape) -> ImageShape:
    """Return `shape`. Raises `UserError` on sides that no image has."""
    if min(shape) < 1:
        raise UserError(f"images of shape {shape} hold no pixels; give image_shape=(H, W, C)")
    LIMITS["side"].check(max(shape[:2]), "images:")
    LIMITS["channels"].check(shape[2], "images:")
    LIMITS["pixels"].check(shape[0] * shape[1] * shape[2], "images:")
    return shape


def _shape(sides: Sequence[int]) -> ImageShape:
    try:
        return check_shape(image_shape([int(side) for side in sides]))
    except (TypeError, ValueError):
        raise UserError(f"image_shape {sides!r} is not (H, W) or (H, W, C)") from None


def _kind(kind: type[K], name: str, word: str | None) -> K | None:
    if word is None:
        return None
    try:
        return kind(word)
    except ValueError:
        known = ", ".join(str(each.value) for each in kind)
        raise UserError(f"unknown {name} {word!r}; known: {known}") from None


def _likelihood(name: str) -> str:
    known = likelihood_named(name)
    if known not in LIKELIHOODS:
        raise UserError(f"an own model has no parameters for likelihood {name!r}; choose {' or '.join(LIKELIHOODS)}")
    return known
