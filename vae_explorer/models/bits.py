"""Bits a dimension of figures in nats, where a likelihood is a probability of 8-bit pixels. Knows no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from vae_explorer.kinds import PixelKind
from vae_explorer.models.likelihoods import likelihood_of
from vae_explorer.models.spec import ModelSpec

CODE_LENGTHS = frozenset(
    (
        *("elbo", "conditional_elbo", "iwae", "guess_elbo", "best_elbo", "log_evidence", "is_500", "is_5000"),
        *("log_evidence_encoder", "log_evidence_best", "log_evidence_mixture"),
    )
)  # log p(x), its bounds and its estimates: what a code for an image takes


def has_bits(spec: ModelSpec) -> bool:
    """Whether p(x|z) is a probability of 8-bit pixels, so that log p(x) has a value in bits a dimension."""
    return likelihood_of(spec.likelihood).pixels is PixelKind.EIGHT_BIT


def bits_per_dim(nats: float, spec: ModelSpec) -> float | None:
    """Return −nats / (D ln 2) for log p(x) of an image with D = H · W · C numbers.

    A density has no such number, and binary pixels have other ones than 8-bit pixels: None.
    """
    return -nats / (spec.image_size * math.log(2)) if has_bits(spec) else None


def figures_in_bits(figures: Mapping[str, float], spec: ModelSpec) -> dict[str, float]:
    """Return `…_bits_per_dim` of each code length in `figures`, and `…_bits_per_dim_se` of its standard error."""
    found = {}
    for name in figures.keys() & CODE_LENGTHS:
        bits = bits_per_dim(figures[name], spec)
        if bits is not None:
            found[f"{name}_bits_per_dim"] = bits
            if f"{name}_se" in figures:
                found[f"{name}_bits_per_dim_se"] = abs(bits_per_dim(figures[f"{name}_se"], spec) or 0.0)
    return found
