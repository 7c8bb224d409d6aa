"""Image files in and out, through Pillow: grey pictures, animations and strips. Loads neither torch nor Qt."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file

FRAME_MILLISECONDS = 80
ANIMATIONS = {".gif": "GIF", ".apng": "PNG", ".webp": "WEBP"}
READABLE = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".npy")  # what is offered to be opened
_MOST_PIXELS = 1 << 26  # of an array in a file
_MIN_SIDE = 112  # exported frames are enlarged to at least this, pixel by pixel, so that other programs do not blur them


def read_grey(path: str | os.PathLike[str], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The image in file `path`, grey and scaled to `shape` = (H, W). Raises `UserError` that names the file and what is wrong.

    One of other proportions keeps them, and its border is drawn out. A `.npy` file holds (h, w) or (1, h, w), of bytes or in [0, 1];
    any other is a picture.
    """
    height, width = shape
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with _opened(path) as image:
                grey = _eight_bits(image).convert("RGBA")
                backdrop = Image.new("RGBA", grey.size, (0, 0, 0, 255))
                backdrop.alpha_composite(grey)
                small = backdrop.convert("L")
                if small.size != (width, height):
                    small = ImageOps.pad(small, (width, height), Image.Resampling.LANCZOS, _border(small))
    except FileNotFoundError:
        raise UserError(f"there is no image file {path}") from None
    except UnidentifiedImageError:
        raise UserError(f"{path} is no image that can be read; give a PNG, JPEG, GIF or NPY file") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UserError(f"{path} is far too large for an image of {width}×{height}; scale it down first") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"{path} cannot be read as an image: {why}") from error
    return np.asarray(small, np.uint8)


def in_domain(pixels: NDArray[np.uint8], binarised: str) -> NDArray[np.float32]:
    """A single image (H, W) as a model's p(x|z) is of it, in [0, 1]: black and white where the model was trained on binary pixels.

    The one home of this for drawn, dropped and read images; those of a data set are drawn by chance, as for all figures.
    """
    grey = pixels.astype(np.float32) / np.float32(255)
    return grey.round() if binarised == "dynamic" else grey


def _opened(path: str | os.PathLike[str]) -> Image.Image:
    return Image.fromarray(_array(path)) if Path(path).suffix.lower() == ".npy" else Image.open(path)


def _array(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """What a .npy file holds, (h, w). Its header is looked at before anything is read."""
    values = np.load(path, mmap_mode="r", allow_pickle=False)
    values = values[0] if values.ndim == 3 and len(values) == 1 else values
    if values.ndim != 2 or not values.size:
        raise UserError(f"{path} holds an array of shape {values.shape}; an image has shape (height, width)")
    if values.size > _MOST_PIXELS:
        raise UserError(f"{path} holds {values.size:,} pixels, which is far too large; scale it down first")
    if values.dtype == np.uint8:
        return np.array(values)
    grey = np.asarray(values, np.float32) if values.dtype.kind in "biuf" else np.full(1, np.nan, np.float32)
    if not (grey.min() >= 0 and grey.max() <= 1):
        raise UserError(f"{path} holds {values.dtype} outside of [0, 1]; give bytes, or numbers from 0 to 1")
    pixels: NDArray[np.uint8] = np.rint(255 * grey).astype(np.uint8)
    return pixels


def _border(image: Image.Image) -> int:
    """The grey value along the edge of an image, the median."""
    grey = np.asarray(image)
    return int(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pillow cuts 16-bit grey off at 255 where it should scale it."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.clip(np.asarray(image, np.int64), 0, 65535) // 257).astype(np.uint8))


def write_picture(path: str | os.PathLike[str], picture: NDArray[np.uint8], note: str = "") -> None:
    """Save one picture (H, W), pixel by pixel. `note` says in the file which model made it. Raises `UserError`."""
    _check_suffix(path, {".png": "PNG"})
    _save(path, lambda file: Image.fromarray(picture).save(file, format="PNG", pnginfo=_info(note)))


def write_frames(
    path: str | os.PathLike[str], frames: NDArray[np.uint8], milliseconds: int = FRAME_MILLISECONDS, note: str = ""
) -> None:
    """Save frames (n, H, W) as an animation (.gif, .apng, .webp) or, side by side, as a strip (.png). Raises `UserError`."""
    suffix = _check_suffix(path, ANIMATIONS | {".png": "PNG"})
    if suffix == ".png":
        strip = np.ascontiguousarray(frames.swapaxes(0, 1).reshape(frames.shape[1], -1))
        write_picture(path, strip, note)
        return
    times = max(1, -(-_MIN_SIDE // max(frames.shape[1:])))
    extra: dict[str, Any] = (
        {"comment": note.encode()} if suffix == ".gif" else {"pnginfo": _info(note)} if suffix == ".apng" else {}
    )
    first, *rest = (Image.fromarray(frame.repeat(times, 0).repeat(times, 1)) for frame in frames)

    def save(file: io.BytesIO) -> None:
        first.save(file, format=ANIMATIONS[suffix], save_all=True, append_images=rest, duration=milliseconds, loop=0, **extra)

    _save(path, save)


def _info(note: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    if note:
        info.add_itxt("Description", note)
    return info


def _save(path: str | os.PathLike[str], save: Callable[[io.BytesIO], None]) -> None:
    """Encode in memory, then write atomically: Pillow seeks and rewrites, and a full disk must not leave half a picture."""
    buffer = io.BytesIO()
    save(buffer)
    with atomic_file(path) as file:
        file.write(buffer.getvalue())


def _check_suffix(path: str | os.PathLike[str], known: dict[str, str]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise UserError(f"cannot write {path}: the file's name must end in {' or '.join(sorted(known))}")
    return suffix
