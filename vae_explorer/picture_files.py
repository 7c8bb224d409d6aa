"""Opens picture files that anybody may have written: content, size and decoders are checked first.

Loads neither torch nor Qt.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import stat
import struct
import tokenize
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from vae_explorer.errors import UserError
from vae_explorer.files import kind_of
from vae_explorer.foreign import short

logging.getLogger("PIL").addHandler(logging.NullHandler())  # without a handler, Pillow's errors appear on stderr

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "TIFF", "PPM")  # Pillow runs no other decoders on a file
MOST_PIXELS = 1 << 26
_SMALL = 1 << 20  # bytes of a file that is read at once
_ARRAY, _ZIP = b"\x93NUMPY", b"PK\x03\x04"
_ORIENTATION = 0x0112  # the EXIF tag
_Pixels = TypeVar("_Pixels", bound=NDArray[Any])  # (h, w) or (h, w, c)
_TURNS: dict[int, Callable[[Any], Any]] = {  # EXIF 2.32, section 4.6.4
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}
# Pillow and numpy raise all of these on damaged files: their decoders trust the data.
_DAMAGED = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError),
    *(MemoryError, struct.error, zlib.error, tokenize.TokenError),
)


class Unreadable(UserError):
    """A file that gives no image. `reason` says why, without the file's name."""

    def __init__(self, path: str | os.PathLike[str], reason: str, line: str = "") -> None:
        super().__init__(line or f"{path} {reason}")
        self.reason = reason


@contextlib.contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn every fault of file `path` inside the block into `Unreadable`.

    The block ignores Pillow's warnings, except the warning of a decompression bomb.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged tags do not matter here
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except FileNotFoundError:
        raise Unreadable(path, "does not exist", f"there is no image file {path}") from None
    except UnidentifiedImageError:
        raise Unreadable(path, "is no image that can be read; give a PNG, JPEG, GIF, BMP, WebP, TIFF or NPY file") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_large(path) from None
    except _DAMAGED as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else short(str(error), 200)
        raise Unreadable(path, f"cannot be read as an image: {why or type(error).__name__}") from error


def content_of(path: str | os.PathLike[str]) -> bytes:
    """Return all bytes of a small file, and the first bytes of a large file.

    Raises `Unreadable` unless `path` is a plain, non-empty file and no zip archive. Opening a pipe could wait for ever.
    """
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(path, f"cannot be read as an image: it is {kind_of(found.st_mode)}; give an image file")
    if not found.st_size:
        raise Unreadable(path, "cannot be read as an image: it is empty; fetch or save the image again")
    with open(path, "rb", buffering=0) as file:
        content = file.read(found.st_size if found.st_size <= _SMALL else len(_ARRAY))
    if content.startswith(_ZIP):
        raise Unreadable(path, "is a zip archive, as .npz files are; take one image out and give its file")
    return content


def is_array(content: bytes) -> bool:
    """Tell whether a file with the first bytes `content` begins as a .npy file."""
    return content.startswith(_ARRAY)


def check_size(path: str | os.PathLike[str], pixels: int) -> None:
    """Raise `Unreadable` for more than MOST_PIXELS. Call it before `pixels` are decoded."""
    if pixels > MOST_PIXELS:
        raise _too_large(path)


def _too_large(path: str | os.PathLike[str]) -> Unreadable:
    return Unreadable(path, f"is far too large: an image has at most {MOST_PIXELS:,} pixels; scale it down first")


def opened(path: str | os.PathLike[str], content: bytes = b"") -> Image.Image:
    """Open a picture, an uncompressed sideways TIFF through libtiff. Pillow's own reader (13.0) garbles such a file.

    `content` is the answer of `content_of`. A file that lies whole in it is not opened again, which saves a tenth of the time.
    """
    from PIL import TiffImagePlugin

    is_whole = len(_ARRAY) < len(content) <= _SMALL

    def source() -> str | os.PathLike[str] | io.BytesIO:
        return io.BytesIO(content) if is_whole else path

    image = Image.open(source(), formats=FORMATS)
    if image.format != "TIFF" or image.getexif().get(_ORIENTATION) not in (5, 6, 7, 8):
        return image
    image.close()
    TiffImagePlugin.READ_LIBTIFF = True
    try:
        return Image.open(source(), formats=FORMATS)
    finally:
        TiffImagePlugin.READ_LIBTIFF = False  # libtiff prints lines about damaged files


def upright(pixels: _Pixels, image: Image.Image) -> _Pixels:
    """Turn the `pixels` (h, w, …) of a loaded `image` as its EXIF orientation says.

    Pillow has already turned a TIFF, and removed its tag.
    """
    orientation = image.getexif().get(_ORIENTATION)
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return pixels if turn is None else turn(pixels)


def pages_of(image: Image.Image) -> int:
    """Return the number of pages or frames, 1 if a later page is damaged."""
    try:
        return int(getattr(image, "n_frames", 1))
    except _DAMAGED:
        return 1


def is_deep(image: Image.Image) -> bool:
    """Tell whether a pixel is one number of more than 8 bits."""
    return image.mode.startswith("I") or image.mode == "F"
