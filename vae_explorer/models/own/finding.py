"""Finds out what a person's functions take and give, by calling them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from vae_explorer.models.own.arrays import to_unit
from vae_explorer.models.own.callers import Caller, Function, module_of
from vae_explorer.models.own.contract import Contract, Decoding
from vae_explorer.models.own.decoders import TriedDecoder, find_decoder, numbers_of_latents
from vae_explorer.models.own.encoders import TriedEncoder, find_encoder, width_of_codes
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.looks import pixels_of
from vae_explorer.models.own.network import decoded, encoded
from vae_explorer.models.own.own_images import OwnImages

_MOST_IMAGES = 64  # that an encoder is tried with


@dataclass(frozen=True, slots=True)
class Found:
    """A contract, and the functions called as it says."""

    contract: Contract
    decode: Caller
    encode: Caller | None


@torch.inference_mode()
def find_out(decode: Function, encode: Function | None, images: OwnImages | None, given: Given) -> Found:
    """Return what `decode` and `encode` take and give.

    Raises `UserError` that says what to give if a function cannot be called or read. The caller's random numbers stay.
    """
    lock = threading.RLock()
    with torch.random.fork_rng(devices=[]):
        widths = width_of_codes(encode, lock, images) if encode is not None and images is not None else ()
        latents = widths if widths and given.latents is None else numbers_of_latents(decode, given)
        decoder = find_decoder(decode, lock, latents, images.shape if images is not None else None, given)
        pixels, note = pixels_of(decoder.values)
        made = replace(decoder.decoding, pixels=given.pixels or pixels)
        encoder: TriedEncoder | None = None
        if encode is not None:
            seen = to_unit(decoder.values, made.pixels) if images is None else images.unit(made.image_shape, _MOST_IMAGES)
            encoder = find_encoder(encode, lock, made, seen[:_MOST_IMAGES], images, given)
            if images is not None and note and given.pixels is None:
                made, note = _fitted(decoder, made, encoder, seen)
    notes = [f"{note}; pixels=… says otherwise"] if note and given.pixels is None else []
    notes += _notes(decoder, encoder, decode, encode)
    contract = Contract(made, encoder.encoding if encoder is not None else None, tuple(notes))
    return Found(contract, decoder.caller, encoder.caller if encoder is not None else None)


def _fitted(decoder: TriedDecoder, made: Decoding, encoder: TriedEncoder, images: Tensor) -> tuple[Decoding, str]:
    """Return the decoding with the pixel range in which reconstructions are nearest to the images (n, D), and a note."""
    codes = encoded(encoder.caller, images, made.image_shape, encoder.encoding).mean
    pixels, note = pixels_of(decoded(decoder.caller, codes, made), images)
    return replace(made, pixels=pixels), note


def _notes(decoder: TriedDecoder, encoder: TriedEncoder | None, *functions: Function | None) -> list[str]:
    notes = []
    if decoder.draws:
        notes.append("decode gives another image each time for the same point")
    if encoder is not None and encoder.draws:
        notes.append("encode gives another code each time for the same image, so each code is one draw")
    modules = [module_of(each) for each in functions if each is not None]
    if any(each is not None and each.training for each in modules):
        notes.append("the module is in training mode: call .eval() first")
    return notes
