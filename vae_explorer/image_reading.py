"""Reads a person's image file as grey pixels, and notes its choices.

Loads neither torch nor Qt.
"""

from __future__ import annotations

import logging
import os
import stat
import struct
import tokenize
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat, UnidentifiedImageError

from vae_explorer.errors import UserError
from vae_explorer.files import kind_of
from vae_explorer.foreign import short
from vae_explorer.grey_levels import grey_levels

logging.getLogger("PIL").addHandler(logging.NullHandler())  # without a handler, Pillow's errors appear on stderr

READABLE = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".npy")  # endings that file dialogs offer
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "TIFF", "PPM")  # Pillow runs no other decoders on the file
MOST_PIXELS = 1 << 26
_FAR_PROPORTIONS = 3.0  # an image whose proportions differ by this factor is noted
_ARRAY, _ZIP = b"\x93NUMPY", b"PK\x03\x04"
_ORIENTATION = 0x0112  # the EXIF tag
_TURNS: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {  # EXIF 2.32, section 4.6.4
    2: np.fliplr,
    3: lambda grey: np.rot90(grey, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda grey: np.rot90(grey, -1),
    7: lambda grey: np.rot90(grey, 2).T,
    8: np.rot90,
}
# Pillow and numpy raise all of these on damaged files: their decoders trust the data.
_DAMAGED = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError),
    *(MemoryError, struct.error, zlib.error, tokenize.TokenError),
)


@dataclass(frozen=True, slots=True)
class GreyImage:
    """A person's image in the size that a model takes."""

    pixels: NDArray[np.uint8]  # (H, W)
    notes: tuple[str, ...] = ()  # one sentence for each choice that the reader made


def read_grey(path: str | os.PathLike[str], shape: tuple[int, int]) -> GreyImage:
    """Read image file `path`, grey, upright and scaled to `shape` = (H, W).

    The content tells the kind of file, not the name: a picture, or a numpy array (h, w), (1, h, w), (h, w, 1) or (h, w, 3). The
    image keeps its proportions; grey of its border fills the rest. Raises `UserError` naming file and fault.
    """
    notes: list[str] = []
    try:
        _check_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged tags do not matter here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            grey = _from_array(path, notes) if _begins_with(path, _ARRAY) else _from_picture(path, notes)
            _note_proportions(grey.shape, shape, notes)
            return GreyImage(_fitted(grey, shape), tuple(notes))
    except FileNotFoundError:
        raise UserError(f"there is no image file {path}") from None
    except UnidentifiedImageError:
        raise UserError(f"{path} is no image that can be read; give a PNG, JPEG, GIF, BMP, WebP, TIFF or NPY file") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_large(path) from None
    except _DAMAGED as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else short(str(error), 200)
        raise UserError(f"{path} cannot be read as an image: {why or type(error).__name__}") from error


def _check_file(path: str | os.PathLike[str]) -> None:
    """Raise `UserError` unless `path` is a plain, non-empty file.

    Opening a pipe could wait for ever.
    """
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise UserError(f"{path} cannot be read as an image: it is {kind_of(found.st_mode)}; give an image file")
    if not found.st_size:
        raise UserError(f"{path} cannot be read as an image: it is empty; fetch or save the image again")
    if _begins_with(path, _ZIP):
        raise UserError(f"{path} is a zip archive, as .npz files are; take one image out and give its file")


def _begins_with(path: str | os.PathLike[str], magic: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(magic)) == magic


def _check_size(path: str | os.PathLike[str], pixels: int) -> None:
    if pixels > MOST_PIXELS:
        raise _too_large(path)


def _too_large(path: str | os.PathLike[str]) -> UserError:
    return UserError(f"{path} is far too large: an image has at most {MOST_PIXELS:,} pixels; scale it down first")


def _from_array(path: str | os.PathLike[str], notes: list[str]) -> NDArray[np.uint8]:
    """Return the grey levels (h, w) of a .npy file.

    numpy compares header and file size before reading.
    """
    values: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    shape, values = values.shape, values[0] if values.ndim == 3 and len(values) == 1 else values
    values = values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values
    is_colour = values.ndim == 3 and values.shape[-1] == 3
    if not (values.ndim == 2 or is_colour) or not values.size:
        raise UserError(
            f"{path} holds an array of shape {shape}; an image has shape (height, width), or (height, width, 3) with colours"
        )
    _check_size(path, values.size)
    if values.dtype.kind not in "biuf":
        raise UserError(f"{path} holds {values.dtype}, which is no grey level; save whole numbers or floats")
    levels = grey_levels(values, notes)
    return np.asarray(Image.fromarray(levels).convert("L")) if is_colour else levels


def _from_picture(path: str | os.PathLike[str], notes: list[str]) -> NDArray[np.uint8]:
    with _opened(path) as image:
        _check_size(path, image.width * image.height)
        image.load()
        deep = image.mode.startswith("I") or image.mode == "F"
        grey = grey_levels(np.asarray(image), notes) if deep else np.asarray(_on_background(image, notes))
        orientation = image.getexif().get(_ORIENTATION)  # Pillow has already turned a TIFF, and removed its tag
        pages = _pages(image)
    if pages > 1:
        notes.append(f"It holds {pages} pages or frames; the first is read.")
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return grey if turn is None else turn(grey)


def _opened(path: str | os.PathLike[str]) -> Image.Image:
    """Open a picture, an uncompressed sideways TIFF through libtiff.

    Pillow's own reader (13.0) garbles such a file.
    """
    from PIL import TiffImagePlugin

    image = Image.open(path, formats=_FORMATS)
    if image.format != "TIFF" or image.getexif().get(_ORIENTATION) not in (5, 6, 7, 8):
        return image
    image.close()
    TiffImagePlugin.READ_LIBTIFF = True
    try:
        return Image.open(path, formats=_FORMATS)
    finally:
        TiffImagePlugin.READ_LIBTIFF = False  # libtiff prints lines about damaged files


def _pages(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except _DAMAGED:  # a later page is damaged
        return 1


def _on_background(image: Image.Image, notes: list[str]) -> Image.Image:
    """Return an image of 8-bit channels as grey, (h, w).

    Transparent pixels become white behind dark ink, and black behind light ink.
    """
    if not image.has_transparency_data:
        return image.convert("L")
    coloured = image.convert("RGBA")
    opacity, grey = coloured.getchannel("A"), coloured.convert("L")
    least, most = opacity.getextrema()
    if least == 255:
        return grey
    if not most:
        notes.append("It is wholly transparent, and shown black.")
        return Image.new("L", grey.size)
    background = 255 if ImageStat.Stat(grey, opacity).mean[0] < 128 else 0
    notes.append(f"Its transparent parts are shown {'white' if background else 'black'}.")
    return Image.composite(grey, Image.new("L", grey.size, background), opacity)


def _note_proportions(own: tuple[int, ...], shape: tuple[int, int], notes: list[str]) -> None:
    """Note proportions far from those of `shape` (H, W), since such an image fills only a strip."""
    ratio = own[1] * shape[0] / (own[0] * shape[1])
    if max(ratio, 1 / ratio) >= _FAR_PROPORTIONS:
        notes.append(f"It is scaled from {own[1]} × {own[0]} pixels, so it fills only a strip.")


def _fitted(grey: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Scale `grey` to (H, W), keeping its proportions, centred on the grey level of its border."""
    if grey.shape == shape:
        return np.array(grey)
    scale = min(side / own for side, own in zip(shape, grey.shape, strict=True))
    height, width = (max(1, round(own * scale)) for own in grey.shape)
    small = Image.fromarray(np.ascontiguousarray(grey)).resize((width, height), Image.Resampling.LANCZOS)
    canvas = np.full(shape, _border(grey), np.uint8)
    top, left = (shape[0] - height) // 2, (shape[1] - width) // 2
    canvas[top : top + height, left : left + width] = np.asarray(small)
    return canvas


def _border(grey: NDArray[np.uint8]) -> int:
    return int(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
