"""Every kind of file that is no model, made from a good one."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tests.unchecked import write_unchecked
from vae_explorer.models.model_file import ModelFile, read_model_file

Spoil = Callable[[Path, Path], None]  # (good file, bad file to make)


def _with_card(good: Path, bad: Path, change: Callable[[ModelFile], ModelFile]) -> None:
    write_unchecked(bad, change(read_model_file(good)))


def _empty(good: Path, bad: Path) -> None:
    bad.touch()


def _cut(good: Path, bad: Path) -> None:
    bad.write_bytes(good.read_bytes()[:-1000])


def _garbage(good: Path, bad: Path) -> None:
    bad.write_bytes(np.random.default_rng(0).bytes(5000))


def _flipped_byte(good: Path, bad: Path) -> None:
    data = bytearray(good.read_bytes())
    data[len(data) // 2] ^= 1
    bad.write_bytes(data)


def _foreign(good: Path, bad: Path) -> None:
    save_file({"weight": np.zeros((2, 2), np.float32)}, bad)


def _pickle(good: Path, bad: Path) -> None:
    bad.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))


def _zipped_pickle(good: Path, bad: Path) -> None:
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps([1]))


def _wrong_keys(good: Path, bad: Path) -> None:
    _with_card(good, bad, lambda file: replace(file, weights={f"other.{name}": array for name, array in file.weights.items()}))


def _wrong_shapes(good: Path, bad: Path) -> None:
    _with_card(good, bad, lambda file: replace(file, card=replace(file.card, spec=replace(file.card.spec, hidden=(7, 5)))))


def _other_latent_size(good: Path, bad: Path) -> None:
    _with_card(good, bad, lambda file: replace(file, card=replace(file.card, spec=replace(file.card.spec, latent_dim=3))))


def _newer_format(good: Path, bad: Path) -> None:
    _with_card(good, bad, lambda file: replace(file, card=replace(file.card, format=99)))


def _no_number(good: Path, bad: Path) -> None:
    _with_card(good, bad, lambda file: replace(file, weights={name: array * np.nan for name, array in file.weights.items()}))


def _folder(good: Path, bad: Path) -> None:
    bad.mkdir()


def _missing(good: Path, bad: Path) -> None:
    pass


def _broken_card(good: Path, bad: Path) -> None:
    save_file({"a": np.zeros(1, np.float32)}, bad, metadata={"vae_explorer": json.dumps({"format": 1, "name": "x"})})


SPOILS: dict[str, Spoil] = {
    "empty": _empty,
    "cut": _cut,
    "garbage": _garbage,
    "flipped byte": _flipped_byte,
    "another program's": _foreign,
    "pickle": _pickle,
    "zipped pickle": _zipped_pickle,
    "wrong keys": _wrong_keys,
    "wrong shapes": _wrong_shapes,
    "other latent size": _other_latent_size,
    "newer format": _newer_format,
    "not a number": _no_number,
    "folder": _folder,
    "missing": _missing,
    "broken card": _broken_card,
}
