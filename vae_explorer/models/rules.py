"""Rules that a run, and a model file on writing and reading, obey. Knows no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Codes
from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.card import FORMAT, ModelCard
from vae_explorer.models.card_text import mapping_of, parse, whole_of
from vae_explorer.models.check import check_spec

LABEL_TYPES = (np.uint8, np.uint16)
_ESCAPED = 2  # upper bound: the header escapes the quotes of the card
_HEADER_BESIDE = 1 << 20  # bytes for the names and shapes of all arrays


def card_of(text: str) -> ModelCard:
    """Return the model card of JSON `text`. Raises `UserError` without a file's name."""
    try:
        text.encode()
        written_as = whole_of(mapping_of(parse(text))["format"])
        if written_as > FORMAT:
            raise UserError(f"it has format {written_as}, newer than this program's {FORMAT}; update VAE Explorer")
        card = ModelCard.from_json(text)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise UserError(f"its model card cannot be read ({one_line(error)}); train the model again") from error
    check_spec(card.spec, len(card.classes))
    return card


def check_card(card: ModelCard) -> str:
    """Return `card` as JSON text that `card_of` reads. Raises `UserError` if there is none."""
    try:
        text = card.to_json()
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"its model card cannot be written ({one_line(error)})") from error
    LIMITS["header"].check(_ESCAPED * len(text.encode(errors="replace")) + _HEADER_BESIDE)
    card_of(text)
    return text


def check_codes(codes: Codes, card: ModelCard) -> None:
    """Raise `UserError` if a model with this card cannot have these codes."""
    mean, std, label, split = codes.mean, codes.std, codes.label, codes.split
    n = len(label) if label.ndim else -1
    right = mean.shape == std.shape == (n, card.spec.latent_dim) and label.shape == split.shape == (n,)
    right = right and mean.dtype == std.dtype == np.float32 and label.dtype in LABEL_TYPES and split.dtype == np.uint8
    if not right:
        raise UserError("its codes have shapes or types that do not belong together; train the model again")
    LIMITS["codes"].check(n)
    if n and label.max() >= max(len(card.classes), 1):  # without classes all labels are 0
        raise UserError(f"its codes are of {int(label.max()) + 1} classes, but it names {len(card.classes)}; name each class")
    sensible = np.isfinite(mean).all() and np.isfinite(std).all() and (std >= 0).all() and _has_widths(std, card)
    if not sensible or not ((split <= 1).all() and (split[:-1] <= split[1:]).all()):
        raise UserError("its codes hold values that no model gives; train the model again")


def check_weights(weights: Mapping[str, NDArray[Any]]) -> None:
    """Raise `UserError` if weights are missing or not finite.

    Building the network shows whether they fit it.
    """
    if not weights or not all(np.isfinite(array).all() for array in weights.values()):
        raise UserError("it holds no weights, or weights that are not finite numbers; train the model again")


def one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:120]


def _has_widths(std: NDArray[np.float32], card: ModelCard) -> bool:
    """Check that codes are points, or have a width, as the family says.

    A flow's posterior may be narrower than float32's smallest number.
    """
    family = card.family
    return not std.any() if family.has_points else family.bends or bool((std > 0).all())
