"""Model files that this program refuses to write, as another program or a later version would write them."""

from __future__ import annotations

from pathlib import Path

from safetensors.numpy import save_file

from vae_explorer.models import model_file
from vae_explorer.models.model_file import ModelFile


def write_unchecked(path: Path, model: ModelFile) -> None:
    """Write `model` with its right checksum, whatever is wrong with it."""
    tensors = model_file._tensors(model)
    save_file(tensors, path, {"vae_explorer": model.card.to_json(), "sha256": model_file._checksum(tensors)})
