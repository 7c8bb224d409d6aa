"""Reads and writes a model's .safetensors file: weights, model card and codes. Knows no torch.

Tensors are `weights/<name>` and `codes/{mean,std,label,split}`, as float32 or packed (see `packing`). The header has three
entries: the model card, the checksum of all tensors and, from format 2 on, the checksum of the card's text. Files are written
atomically, and verified before use.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from vae_explorer.codes import Codes
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file, kind_of
from vae_explorer.latent.section import information
from vae_explorer.limits import LIMITS
from vae_explorer.models.card import CARD_HAS_CHECKSUM, FORMAT, ModelCard
from vae_explorer.models.packing import CODES, WEIGHTS, pack, unpack
from vae_explorer.models.rules import card_of, check_card, check_codes, check_weights, one_line

if TYPE_CHECKING:
    from vae_explorer.models.base import LatentModel

_CARD, _CHECKSUM, _CARD_CHECKSUM = "vae_explorer", "sha256", "card_sha256"
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_CHUNK = 1 << 26  # bytes between two checks

Check = Callable[[], None]  # called during a read; its exception ends the read


class ModelFileError(UserError):
    """The file is no model, or damaged. The message names file, fault and remedy."""


@dataclass(frozen=True)
class ModelFile:
    """A model as numbers and words, for use across threads and processes.

    An own model in this process has `make` in place of weights.
    """

    card: ModelCard
    weights: Mapping[str, NDArray[Any]]
    codes: Codes
    make: Callable[[], LatentModel] | None = None

    @cached_property
    def information(self) -> NDArray[np.float64]:
        """What each latent tells of an image, (d,), see `latent.section.information`."""
        return information(self.codes.mean, self.codes.std)

    @cached_property
    def has_widths(self) -> bool:
        """Whether the codes are more than points. `information` is in nats then, otherwise a variance."""
        return bool(self.codes.std.any())


def write_model_file(path: str | Path, model: ModelFile, new: bool = False) -> None:
    """Save `model` atomically; an older file stays if this raises.

    With `new`, raises `FileExistsError` instead of replacing a file. Raises `CannotWrite` if folder or disk refuses, and
    `UserError` if `read_model_file` would refuse the file.
    """
    card, tensors = _checked(model)
    metadata = {_CARD: card, _CHECKSUM: checksum_of(tensors), _CARD_CHECKSUM: _checksum_of_text(card)}
    with atomic_file(path, new) as file:
        file.write(save(tensors, metadata))


def no_check() -> None:
    """Let a read go on."""


def read_model_file(path: str | Path, check: Check = no_check) -> ModelFile:
    """Return the verified model in file `path`.

    Raises `ModelFileError` with one clear line on a bad file, and the exceptions of `check`. Building the model shows whether
    the weights fit.
    """
    path = Path(path)
    _refuse_foreign(path)
    card, tensors, checksum = _read(path, check)
    if checksum is None:
        raise _damaged(path, "it has no checksum")
    if checksum != checksum_of(tensors, check):
        raise _damaged(path, "its checksum differs from what was saved")
    try:
        codes, weights = _parts(tensors)
        check()
        check_codes(codes, card)
        check()
        check_weights(weights)
    except UserError as error:
        raise _refused(path, error) from error
    return ModelFile(card, weights, codes)


def read_card(path: str | Path) -> ModelCard:
    """Return the model card, without reading the tensors. Raises `ModelFileError`."""
    path = Path(path)
    _refuse_foreign(path)
    try:
        with safe_open(path, framework="numpy") as file:
            return _card(path, file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise _not_whole(path, error) from error


def _checked(model: ModelFile) -> tuple[str, dict[str, NDArray[Any]]]:
    """Return card text and tensors of a valid file. Raises `UserError` if there is none."""
    try:
        card = check_card(replace(model.card, format=max(model.card.format, FORMAT)))
        check_codes(model.codes, model.card)
        check_weights(model.weights)
        tensors = tensors_of(model)
        if model.card.is_halved:
            check_codes(_parts(tensors)[0], model.card)
    except UserError as error:
        raise UserError(f"the model {model.card.name} cannot be saved: {error}") from error
    return card, tensors


def tensors_of(model: ModelFile) -> dict[str, NDArray[Any]]:
    tensors = {WEIGHTS + name: np.require(array, requirements="C") for name, array in model.weights.items()}
    tensors |= {CODES + name: np.ascontiguousarray(array) for name, array in model.codes.arrays().items()}
    return pack(tensors) if model.card.is_halved else tensors


def checksum_of(tensors: Mapping[str, NDArray[Any]], check: Check = no_check) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        array = tensors[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        values = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        for start in range(0, len(values), _CHUNK):
            check()
            digest.update(values[start : start + _CHUNK].data)
    return digest.hexdigest()


def _checksum_of_text(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _refuse_foreign(path: Path) -> None:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # opening a pipe could wait for ever
            raise ModelFileError(f"{path} is {kind_of(mode)} and no model; name a .safetensors file")
        with path.open("rb") as file:
            start, size = file.read(9), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise ModelFileError(f"there is no file {path}; see 'vae-explorer list models' for models that come along") from None
    except ValueError as error:  # a NUL in the name
        raise ModelFileError(f"cannot read {path}: {error}") from error
    except OSError as error:
        raise ModelFileError(f"cannot read {path}: {error.strerror}") from error
    if not start:
        raise ModelFileError(f"{path} is empty; fetch or train it again")
    # The length of a safetensors header can begin with the same byte; its ninth byte is always the brace of the header itself.
    if start.startswith((_ZIP, _PICKLE)) and start[8:] != b"{":
        raise ModelFileError(f"{path} is a pickle, which could run code, and is not opened; models are .safetensors files")
    header = int.from_bytes(start[:8], "little")
    for name, count in (("file", size), ("header", header if header < size else 0)):
        if LIMITS[name].refusal(count):
            raise ModelFileError(f"{path} cannot be opened: {LIMITS[name].refusal(count)}")


def _read(path: Path, check: Check) -> tuple[ModelCard, dict[str, NDArray[Any]], str | None]:
    """Return the card, all tensors, and the saved checksum; the card is checked first."""
    try:
        with safe_open(path, framework="numpy") as file:
            metadata, names = file.metadata() or {}, list(file.keys())
            card = _card(path, metadata)
            _check_tensors(path, names)
            tensors = {}
            for name in names:
                check()
                tensors[name] = file.get_tensor(name)
            return card, tensors, metadata.get(_CHECKSUM)
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _not_whole(path, error) from error


def _check_tensors(path: Path, names: list[str]) -> None:
    try:
        LIMITS["tensors"].check(len(names))
        for name in names:
            LIMITS["tensor_name"].check(len(name))
    except UserError as error:
        raise _refused(path, error) from error


def _not_whole(path: Path, error: Exception) -> ModelFileError:
    return ModelFileError(f"{path} is not a whole .safetensors file ({one_line(error)}); fetch or train it again")


def _card(path: Path, metadata: Mapping[str, str]) -> ModelCard:
    if _CARD not in metadata:
        raise ModelFileError(f"{path} is a .safetensors file but no VAE Explorer model: it holds no model card")
    checksum = metadata.get(_CARD_CHECKSUM)
    if checksum is not None and checksum != _checksum_of_text(metadata[_CARD]):
        raise _damaged(path, "the checksum of its model card differs from what was saved")
    try:
        card = card_of(metadata[_CARD])
    except UserError as error:
        raise _refused(path, error) from error
    if checksum is None and card.format >= CARD_HAS_CHECKSUM:
        raise _damaged(path, "its model card has no checksum")
    return card


def _parts(tensors: Mapping[str, NDArray[Any]]) -> tuple[Codes, dict[str, NDArray[Any]]]:
    """Return the codes and weights in a file's tensors, at full size. Raises `UserError`."""
    try:
        full = unpack(dict(tensors))
    except ValueError as error:
        raise UserError(f"its codes cannot be read ({error}); train the model again") from error
    try:
        codes = Codes(*(full[CODES + name] for name in ("mean", "std", "label", "split")))
    except KeyError as error:
        raise UserError(f"it lacks its {error.args[0]}; train the model again") from error
    return codes, {name.removeprefix(WEIGHTS): array for name, array in full.items() if name.startswith(WEIGHTS)}


def _damaged(path: Path, fault: str) -> ModelFileError:
    return ModelFileError(f"{path} is damaged: {fault}; fetch or train it again")


def _refused(path: Path, error: UserError) -> ModelFileError:
    return ModelFileError(f"{path} cannot be opened: {error}")
