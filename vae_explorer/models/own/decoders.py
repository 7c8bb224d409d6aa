"""Finds out how a decoder is called, and what it gives."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.own.callers import Answer, Caller, Function, kinds_for, takes_of
from vae_explorer.models.own.contract import Decoding, Pixels
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.looks import layout_of
from vae_explorer.models.own.network import decoded
from vae_explorer.shapes import ImageShape

_ROWS = 3  # of a first call: no usual number of latents, channels or pixels a side
_REACHES = (1.0, 3.0, 10.0)  # stds of latent points whose pixels are looked at
_MOST_POINTS, _MOST_NUMBERS = 32, 1 << 22  # of each reach, and their pixels together
_SEED = 0
_LONGEST = 200  # characters of what a person's function says


@dataclass(frozen=True, slots=True)
class TriedDecoder:
    """A decoder that was called, and the values (n, D) that it gave at latent points of several reaches."""

    caller: Caller
    decoding: Decoding  # without its pixel range
    values: Tensor
    draws: bool  # whether a point gives another image each time


def find_decoder(
    decode: Function, lock: threading.RLock, latents: Sequence[int], shape: ImageShape | None, given: Given
) -> TriedDecoder:
    """Call a decoder with points of one of `latents` numbers until it answers. Raises `UserError` if it never does."""
    caller, decoding = _call(decode, lock, latents, shape, given)
    n = max(1, min(_MOST_POINTS, _MOST_NUMBERS // math.prod(decoding.image_shape)))
    values = torch.cat([decoded(caller, probes(decoding.latents, n, reach), decoding) for reach in _REACHES])
    again = decoded(caller, probes(decoding.latents, n), decoding)
    return TriedDecoder(caller, decoding, values, draws=not torch.equal(values[:n], again))


def probes(latents: int, n: int, reach: float = 1.0) -> Tensor:
    """Return points (n, latents) of N(0, reach²), always the same."""
    return reach * torch.randn(n, latents, generator=torch.Generator().manual_seed(_SEED))


def _call(
    decode: Function, lock: threading.RLock, latents: Sequence[int], shape: ImageShape | None, given: Given
) -> tuple[Caller, Decoding]:
    refusals: list[str] = []
    for number, ones in _inputs(latents):
        for kind in kinds_for(decode):
            caller = Caller(decode, kind, lock)
            try:
                answer = _first(caller, number, ones)
            except Exception as error:  # noqa: BLE001 (a person's function may raise anything)
                refusals.append(refusal(error))
                continue
            return caller, _decoding(answer, number, ones, shape, given)
    tried = f"{latents[0]} latents" if len(latents) == 1 else f"1 to {max(latents)} latents"
    raise UserError(f"decode cannot be called with points of {tried}: {refusals[0]}; give latents=…, or mend the function")


def numbers_of_latents(decode: Function, given: Given) -> Sequence[int]:
    """Return the numbers of latents that a decoder may take, the likeliest first."""
    width = given.latents or takes_of(decode).width
    return (2, 1, *range(3, LIMITS["latents"].most + 1)) if width is None else (width,)


def refusal(error: Exception) -> str:
    """Return what a person's function has raised, on one line."""
    words = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return " ".join(words.split())[:_LONGEST]


def _first(caller: Caller, latents: int, ones: int) -> Answer:
    answer = caller(probes(latents, _ROWS).reshape(_ROWS, latents, *[1] * ones))
    sides = tuple(answer.arrays[0].shape) if answer.arrays else ()
    if sides[:1] != (_ROWS,) or len(sides) == 1:
        raise UserError(f"it gives an array of shape {sides} for {_ROWS} points, and not one image for each point")
    return answer


def _inputs(latents: Sequence[int]) -> Iterator[tuple[int, int]]:
    for ones in (0, 2):  # (n, d), then (n, d, 1, 1) as convolutions take it
        for number in latents:
            yield number, ones


def _decoding(answer: Answer, latents: int, ones: int, shape: ImageShape | None, given: Given) -> Decoding:
    sides = tuple(answer.arrays[0].shape[1:])
    try:
        layout, found = layout_of(sides, given.image_shape or shape, given.layout, channels_first=True)
    except UserError as error:
        raise UserError(f"decode gives no images: {error}") from error
    return Decoding(latents, found, Pixels.UNIT, layout, ones)
