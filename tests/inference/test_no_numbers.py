"""A model whose decoder overflows: its images are drawn, and its evidence is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import vae_explorer as vx
from tests.campaign.mutations import file_of, parts_of
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import to_pixels


@pytest.mark.filterwarnings("error")
def test_that_a_decoder_that_overflows_is_drawn_and_has_no_evidence(tiny_model_path: Path, tmp_path: Path) -> None:
    parts, path = parts_of(tiny_model_path.read_bytes()), tmp_path / "overflows.safetensors"
    for name, array in parts.tensors.items():
        if "decoder" in name and array.ndim > 1:
            parts.tensors[name] = array * np.float32(1e37)
    path.write_bytes(file_of(parts))
    model = vx.load(path)
    assert model.decode_uint8([[0.5, 0.5]]).dtype == np.uint8
    with pytest.raises(UserError, match="the decoder gives NaN or infinite numbers"):
        vx.evidence(model, np.zeros((1, 8, 8)))


@pytest.mark.filterwarnings("error")
def test_that_a_pixel_that_is_no_number_is_black() -> None:
    assert to_pixels(np.array([np.nan, 0.0, 0.5, 1.0], np.float32)).tolist() == [0, 0, 128, 255]
