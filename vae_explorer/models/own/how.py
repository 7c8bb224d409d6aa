"""What a person says about a file that holds an own model. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vae_explorer.models.own.given import Given

STATE_DICTS = (".pt", ".pth", ".ckpt", ".bin")  # or TorchScript; a .safetensors file may be one, too
PROGRAMS = (".pt2", ".onnx", ".torchscript", ".ts")
SUFFIXES = (*PROGRAMS, *STATE_DICTS)


@dataclass(frozen=True, slots=True)
class How:
    """How to open a file: its network and its encoder, if a person named them, and what the model takes and gives."""

    network: str = ""  # "file.py:Name(arguments)" or "package.module:Name(arguments)"
    encoder: Path | None = None  # a file with the encoder, beside the file of the decoder
    given: Given = field(default_factory=Given)

    @property
    def is_plain(self) -> bool:
        return self == How()
