"""Writes image files through Pillow: pictures, animations and strips.

Loads neither torch nor Qt.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from vae_explorer.channels import Channels, blended
from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file, check_writable
from vae_explorer.kinds import Binarised

FRAME_MILLISECONDS = 80
ANIMATIONS = {".gif": "GIF", ".apng": "PNG", ".webp": "WEBP"}
_PICTURES = {".png": "PNG"}
_MIN_SIDE = 112  # least side of exported frames; enlarging by whole pixels keeps other programs from blurring them


def in_domain(pixels: NDArray[np.uint8], binarised: Binarised) -> NDArray[np.float32]:
    """Return image (H, W, C) in [0, 1], thresholded to 0 and 1 for a model of binary pixels.

    Every drawn, dropped or read image passes here. Images of a data set are binarised by chance instead.
    """
    grey = pixels.astype(np.float32) / np.float32(255)
    return grey.round() if binarised is Binarised.DYNAMIC else grey


def check_picture_place(path: str | os.PathLike[str]) -> None:
    """Raise `UserError` if `write_picture` cannot write `path`. Call it before long work."""
    _check_suffix(path, _PICTURES)
    check_writable(path)


def check_frames_place(path: str | os.PathLike[str]) -> None:
    """Raise `UserError` if `write_frames` cannot write `path`. Call it before long work."""
    _check_suffix(path, ANIMATIONS | _PICTURES)
    check_writable(path)


def is_animation(path: str | os.PathLike[str]) -> bool:
    return os.path.splitext(path)[1].lower() in ANIMATIONS


def write_picture(path: str | os.PathLike[str], picture: NDArray[np.uint8], note: str = "", channels: Channels = ()) -> None:
    """Save one picture (H, W, C) without scaling, as `channels` show it. `note` in the file names the model.

    Raises `UserError`.
    """
    _check_suffix(path, _PICTURES)
    _save(path, lambda file: _pillow(picture, channels).save(file, format="PNG", pnginfo=_info(note)))


def write_frames(
    path: str | os.PathLike[str],
    frames: NDArray[np.uint8],
    milliseconds: int = FRAME_MILLISECONDS,
    note: str = "",
    channels: Channels = (),
) -> None:
    """Save frames (n, H, W, C), as `channels` show them, as an animation (.gif, .apng, .webp) or a strip (.png).

    All formats keep every pixel, but a .gif takes at most 256 colours a frame. Raises `UserError`.
    """
    suffix = _check_suffix(path, ANIMATIONS | _PICTURES)
    if suffix == ".png":
        write_picture(path, np.concatenate(list(frames), axis=1), note, channels)
        return
    times = max(1, -(-_MIN_SIDE // max(frames.shape[1:3])))
    extra: dict[str, dict[str, Any]] = {
        ".gif": {"comment": note.encode()},
        ".apng": {"pnginfo": _info(note)},
        ".webp": {"lossless": True},
    }
    first, *rest = (_pillow(frame.repeat(times, 0).repeat(times, 1), channels) for frame in frames)

    def save(file: io.BytesIO) -> None:
        first.save(
            file, format=ANIMATIONS[suffix], save_all=True, append_images=rest, duration=milliseconds, loop=0, **extra[suffix]
        )

    _save(path, save)


def _pillow(picture: NDArray[np.uint8], channels: Channels) -> Image.Image:
    shown = blended(picture, channels)
    return Image.fromarray(shown[..., 0] if shown.shape[2] == 1 else shown)


def _info(note: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    if note:
        info.add_itxt("Description", note)
    return info


def _save(path: str | os.PathLike[str], save: Callable[[io.BytesIO], None]) -> None:
    """Encode in memory, then write atomically.

    Pillow seeks and rewrites, which a full disk would cut short.
    """
    buffer = io.BytesIO()
    save(buffer)
    with atomic_file(path) as file:
        file.write(buffer.getvalue())


def _check_suffix(path: str | os.PathLike[str], known: dict[str, str]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise UserError(f"cannot write {path}: the file's name must end in {' or '.join(sorted(known))}")
    return suffix
