"""Model files that this program refuses to write, as another program or a later version would write them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from safetensors.numpy import save_file

from vae_explorer.models import model_file
from vae_explorer.models.model_file import ModelFile


def write_unchecked(path: Path, model: ModelFile) -> None:
    """Write `model` with its right checksum, whatever is wrong with it."""
    tensors = model_file.tensors_of(model)
    card = model.card.to_json()
    checksums = {"sha256": model_file.checksum_of(tensors), "card_sha256": hashlib.sha256(card.encode()).hexdigest()}
    save_file(tensors, path, {"vae_explorer": card} | checksums)
