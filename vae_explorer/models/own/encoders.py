"""Finds out how an encoder is called, and which of its arrays are mean and spread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.models.own.arrays import arranged, from_unit
from vae_explorer.models.own.callers import Answer, Caller, Function, kinds_for
from vae_explorer.models.own.contract import Decoding, Encoding, Layout, Pixels, Spread
from vae_explorer.models.own.decoders import refusal
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.own_images import OwnImages

_ROWS = 3
_LAYOUTS = (Layout.CHANNELS_FIRST, Layout.FLAT, Layout.CHANNELS_LAST, Layout.GREY)


@dataclass(frozen=True, slots=True)
class TriedEncoder:
    """An encoder that was called."""

    caller: Caller
    encoding: Encoding
    draws: bool  # whether it gives draws of z alone


def find_encoder(
    encode: Function, lock: threading.RLock, made: Decoding, seen: Tensor, images: OwnImages | None, given: Given
) -> TriedEncoder:
    """Call an encoder with images `seen` (n, D) in [0, 1] in one layout after another, until it gives codes.

    Raises `UserError` if it never does.
    """
    pixels = images.pixels if images is not None else Pixels.UNIT if made.pixels is Pixels.LOGITS else made.pixels
    refusals: list[str] = []
    for layout in _layouts(made, images):
        for kind in kinds_for(encode):
            caller = Caller(encode, kind, lock)
            shown = from_unit(arranged(seen, made.image_shape, layout), pixels)
            try:
                caller(shown[:_ROWS])
                found = _read(caller, shown, made.latents, given.spread)
            except Exception as error:  # noqa: BLE001 (a person's function may raise anything)
                refusals.append(refusal(error))
                continue
            spread, places, ones, draws = found
            return TriedEncoder(caller, Encoding(pixels, layout, spread, places, ones), draws)
    raise UserError(f"encode cannot be called with images: {refusals[0]}; mend the function, or leave it out")


def width_of_codes(encode: Function, lock: threading.RLock, images: OwnImages) -> tuple[int, ...]:
    """Return the numbers of latents that an encoder's answer to the images allows, () if it does not answer."""
    for kind in kinds_for(encode):
        try:
            sides = Caller(encode, kind, lock)(images.values[:_ROWS]).arrays[0].shape
        except Exception:  # noqa: BLE001 (a person's function may raise anything)
            continue
        if len(sides) > 1:
            return (sides[1], sides[1] // 2) if sides[1] > 1 and sides[1] % 2 == 0 else (sides[1],)
    return ()


def _layouts(made: Decoding, images: OwnImages | None) -> Iterator[Layout]:
    first = [made.layout] if images is None or images.layout is None else [images.layout, made.layout]
    for layout in dict.fromkeys((*first, *_LAYOUTS)):
        if layout is not Layout.GREY or made.image_shape[2] == 1:
            yield layout


def _read(caller: Caller, shown: Tensor, latents: int, given: Spread | None) -> tuple[Spread, tuple[int, int], int, bool]:
    """Return what an encoder gives, the places of mean and spread, axes of length 1, and whether it draws."""
    answer, again = caller(shown), caller(shown)
    n = len(shown)
    codes = [place for place, each in enumerate(answer.arrays) if _is_code(each, n, latents) or _is_code(each, n, 2 * latents)]
    if not codes:
        shapes = ", ".join(str(tuple(each.shape)) for each in answer.arrays)
        raise UserError(f"it gives {shapes} for {n} images, and decode takes {latents} latents")
    steady = [place for place in codes if torch.equal(answer.arrays[place], again.arrays[place])]
    chosen = steady or codes
    first = answer.arrays[chosen[0]]
    ones = first.ndim - 2
    if answer.is_distribution:
        return given or Spread.DISTRIBUTION, (0, 1), ones, not steady
    if len(chosen) == 1:
        spread = Spread.JOINED if first.shape[1] == 2 * latents else Spread.NONE
        return given or spread, (chosen[0], chosen[0]), ones, not steady
    return given or _spread_of(answer, chosen[1]), (chosen[0], chosen[1]), ones, not steady


def _is_code(array: Tensor, n: int, width: int) -> bool:
    return tuple(array.shape[:2]) == (n, width) and array.ndim <= 4 and all(side == 1 for side in array.shape[2:])


def _spread_of(answer: Answer, place: int) -> Spread:
    """Tell std from log-variance: every std is positive, and hardly any model's log-variances all are."""
    return Spread.STD if bool((answer.arrays[place] > 0).all()) else Spread.LOG_VARIANCE
