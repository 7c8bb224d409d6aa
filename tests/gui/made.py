"""Made models, images and answers for tests below the window: plain values, no torch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.models.specs import a_spec
from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset, ImageSet
from vae_explorer.models.model_file import ModelFile


def made_images_of(codes: Codes, side: int = 8) -> Dataset:
    """One image (side, side) for each code, of the class of the code. No two images are alike."""
    pixels = np.random.default_rng(0).integers(0, 256, (len(codes), side, side), dtype=np.uint8)
    splits = (codes.split == split for split in (Split.TRAIN, Split.TEST))
    return Dataset(*(ImageSet(pixels[rows], codes.label[rows]) for rows in splits))


def of_family(file: ModelFile, family: str, **card: Any) -> ModelFile:
    """The codes of `file` under a card of another family, for a decoder that asks for no weights."""
    changed = replace(file.card, name=family, spec=a_spec(family, small=True), metrics={}, training={}, **card)
    return ModelFile(changed, {}, file.codes)


def without_codes(file: ModelFile) -> ModelFile:
    return replace(file, codes=Codes.empty())
