"""What people bring as an image. Expected pixels are computed by numpy from the numbers that were saved, not by Pillow."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from vae_explorer import picture_files
from vae_explorer.errors import UserError
from vae_explorer.grey_levels import grey_levels
from vae_explorer.image_reading import OwnImage, read_image
from vae_explorer.shapes import image_shape

SHAPE = (6, 8)
GREY = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
RAMP = np.tile(np.arange(8, dtype=np.uint8) * 36, (6, 1))  # from 0 to 252
COLOURS = np.random.default_rng(1).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)


def read_grey(path: Path, shape: tuple[int, ...]) -> OwnImage:
    """What is read for a grey model, with pixels (H, W)."""
    image = read_image(path, image_shape(shape))
    return replace(image, pixels=image.pixels[..., 0])


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., OwnImage]:
    """What is read of an array that Pillow saved as it is."""

    def ask(array: NDArray[np.generic], name: str = "image.tif", **how: object) -> OwnImage:
        Image.fromarray(array).save(tmp_path / name, **how)  # type: ignore[arg-type]
        return read_grey(tmp_path / name, SHAPE)

    return ask


def luma(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Grey of (h, w, 3) by ITU-R BT.601."""
    return colours @ np.array([0.299, 0.587, 0.114])


def is_near(image: OwnImage, expected: NDArray[np.generic], apart: float = 1) -> bool:
    return bool(np.abs(image.pixels.astype(float) - expected).max() <= apart)


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        read_grey(path, SHAPE)
    message = str(refused.value)
    assert str(path) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp", "a.gif", "a.webp", "a.pgm"])
def test_that_grey_bytes_stay_what_they_are(read: Callable[..., OwnImage], name: str) -> None:
    image = read(GREY, name, **({"lossless": True} if name == "a.webp" else {}))
    assert is_near(image, GREY, 1 if name == "a.webp" else 0)
    assert image.notes == ()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK"])
def test_that_colours_become_the_grey_that_an_eye_sees(tmp_path: Path, mode: str) -> None:
    few = COLOURS // 128 * 255 if mode == "P" else COLOURS  # as many colours as a palette holds
    picture = Image.fromarray(few)
    made = picture.quantize(8) if mode == "P" else picture.convert(mode)
    made.save(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"))
    image = read_grey(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"), SHAPE)
    assert is_near(image, luma(few))
    assert image.notes == ()


def test_that_one_bit_a_pixel_is_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(GREY > 127).save(tmp_path / "a.png")
    assert np.array_equal(read_grey(tmp_path / "a.png", SHAPE).pixels, np.where(GREY > 127, 255, 0))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.webp"])
def test_that_a_picture_is_read_upright(tmp_path: Path, name: str, orientation: int) -> None:
    turned = {  # EXIF: where the first row and the first column of what is stored belong
        1: GREY,  # top, left
        2: GREY[:, ::-1],  # top, right
        3: GREY[::-1, ::-1],  # bottom, right
        4: GREY[::-1],  # bottom, left
        5: GREY.T,  # left, top
        6: GREY.T[:, ::-1],  # right, top
        7: GREY.T[::-1, ::-1],  # right, bottom
        8: GREY.T[::-1],  # left, bottom
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    smooth = np.kron(GREY // 64 * 64, np.ones((8, 8), np.uint8)).astype(np.uint8)  # which JPEG keeps
    how = {"a.jpg": {"quality": 100, "subsampling": 0}, "a.webp": {"lossless": True}}.get(name, {})
    Image.fromarray(smooth).save(tmp_path / name, exif=exif, **how)
    expected = np.kron(turned // 64 * 64, np.ones((8, 8), np.uint8))
    image = read_grey(tmp_path / name, expected.shape)
    assert is_near(image, expected, 6)
    assert image.notes == ()


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_that_16_bits_are_scaled_to_8(tmp_path: Path, name: str, order: str) -> None:
    deep = np.random.default_rng(2).integers(0, 65536, SHAPE).astype(np.uint16)
    deep[0, 0] = 65535
    picture = Image.fromarray(deep) if order == "<u2" else Image.frombytes("I;16B", SHAPE[::-1], deep.astype(order).tobytes())
    picture.save(tmp_path / name)
    image = read_grey(tmp_path / name, SHAPE)
    assert is_near(image, np.rint(deep / 257), 0)
    assert image.notes == ()


CAMERAS = {8: "255", 10: "1,023", 12: "4,095", 14: "16,383"}


@pytest.mark.parametrize("bits", list(CAMERAS))
def test_that_fewer_bits_in_16_are_seen_and_said(read: Callable[..., OwnImage], bits: int) -> None:
    levels = np.rint(GREY / 255 * (2**bits - 1)).astype(np.uint16)
    levels[0, 0] = 2**bits - 1
    image = read(levels)
    assert is_near(image, levels / (2**bits - 1) * 255, 0.5)
    assert image.notes == (
        f"Its values lie from {levels.min():,} to {levels.max():,}; 0 is shown black and {CAMERAS[bits]} white.",
    )


def test_that_floats_up_to_one_have_one_for_white(read: Callable[..., OwnImage]) -> None:
    image = read((GREY / np.float32(255)).astype(np.float32))
    assert is_near(image, GREY, 0)
    assert image.notes == ()


def test_that_32_bits_that_hold_bytes_are_bytes(read: Callable[..., OwnImage]) -> None:
    image = read(RAMP.astype(np.int32))
    assert is_near(image, RAMP, 0)
    assert image.notes == ()


RANGES = {
    "floats that hold bytes": (RAMP.astype(np.float32), RAMP, "0 is shown black and 255 white"),
    "signed floats": ((RAMP / 126 - 1).astype(np.float32), RAMP / 252 * 255, "−1 is shown black and 1 white"),
    "floats a bit over one": ((RAMP / 240).astype(np.float32), RAMP / 252 * 255, "0 is shown black and 1.05 white"),
    "floats of any range": ((RAMP * 1e3 - 5).astype(np.float32), RAMP / 252 * 255, "−5 is shown black and 251,995 white"),
    "32 bits below zero": (RAMP.astype(np.int32) - 100, RAMP / 252 * 255, "−100 is shown black and 152 white"),
    "32 bits beyond 16": (RAMP.astype(np.int32) * 1000 + 7, RAMP / 252 * 255, "7 is shown black and 252,007 white"),
    "a mask of 0 and 1": (RAMP.astype(np.int32) // 200, RAMP // 200 * 255, "0 is shown black and 1 white"),
}


@pytest.mark.parametrize(("values", "expected", "said"), RANGES.values(), ids=RANGES.keys())
def test_that_another_range_is_scaled_and_said(
    read: Callable[..., OwnImage], values: NDArray[np.generic], expected: NDArray[np.generic], said: str
) -> None:
    image = read(values)
    assert is_near(image, expected, 0.51)
    assert len(image.notes) == 1
    assert image.notes[0].endswith(f"; {said}.")


def test_that_pixels_that_are_no_numbers_are_counted(read: Callable[..., OwnImage]) -> None:
    values = (RAMP / np.float32(255)).astype(np.float32)
    values[2, 3:6], values[3, 0] = np.nan, np.inf
    image = read(values)
    assert image.notes == ("4 of its 48 values are no finite numbers; they are shown black.",)
    assert is_near(image, np.where(np.isfinite(values), RAMP, 0), 0)


def test_that_an_image_without_a_number_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full(SHAPE, np.nan, np.float32)).save(tmp_path / "a.tif")
    assert "none of its pixels is a finite number" in refusal(tmp_path / "a.tif")


@settings(deadline=None, max_examples=60)
@given(low=st.floats(-1e308, 1e308), high=st.floats(-1e308, 1e308))
@example(low=-1.7e308, high=1.7e308)
@example(low=5e-324, high=5e-324)
@example(low=0, high=0)
def test_that_darker_numbers_never_become_lighter_grey(low: float, high: float) -> None:
    numbers = np.linspace(0, 1, 24) * high + (1 - np.linspace(0, 1, 24)) * low
    levels = grey_levels(numbers.reshape(4, 6), []).ravel().astype(int)
    assert (np.diff(levels[np.argsort(numbers, kind="stable")]) >= 0).all()


INK = np.zeros((*SHAPE, 4), np.uint8)
INK[1:5, 2:6, 3] = [0, 90, 255, 255]


@pytest.mark.parametrize(
    ("ink", "background", "said"), [(0, 255, "white"), (90, 255, "white"), (200, 0, "black"), (255, 0, "black")]
)
@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_that_ink_on_transparent_is_seen(tmp_path: Path, mode: str, ink: int, background: int, said: str) -> None:
    drawn = INK.copy()
    drawn[..., :3] = ink
    name = tmp_path / "a.png"
    if mode == "PA":  # a palette with a colour that is transparent
        paletted = Image.new("P", SHAPE[::-1])
        paletted.putpalette([0, 0, 0, ink, ink, ink])
        paletted.putdata((drawn[..., 3] > 128).astype(np.uint8).ravel().tolist())
        paletted.save(name, transparency=0)
        opacity = np.where(drawn[..., 3] > 128, 1.0, 0.0)
    else:
        Image.fromarray(drawn).convert(mode).save(name)
        opacity = drawn[..., 3] / 255
    image = read_grey(name, SHAPE)
    assert is_near(image, opacity * ink + (1 - opacity) * background)
    assert image.notes == (f"Its transparent parts are shown {said}.",)


def test_that_a_wholly_transparent_image_is_said_to_be_one(tmp_path: Path) -> None:
    Image.new("RGBA", SHAPE[::-1], (255, 255, 255, 0)).save(tmp_path / "clear.png")
    image = read_grey(tmp_path / "clear.png", SHAPE)
    assert not image.pixels.any()
    assert image.notes == ("It is wholly transparent, and shown black.",)


@pytest.mark.parametrize("name", ["a.tif", "a.gif", "a.png", "a.webp"])
def test_that_the_first_of_several_pages_is_read_and_the_others_counted(tmp_path: Path, name: str) -> None:
    pages = [Image.fromarray(np.roll(RAMP, place, 1)) for place in range(4)]
    how = {"lossless": True} if name == "a.webp" else {}
    pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:], **how)
    image = read_grey(tmp_path / name, SHAPE)
    assert is_near(image, RAMP)
    assert image.notes == ("It holds 4 pages or frames; the first is read.",)


def test_that_the_content_decides_what_a_file_is(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.npy", "PNG")
    with (tmp_path / "b.png").open("wb") as file:
        np.save(file, GREY)
    assert all(np.array_equal(read_grey(tmp_path / name, SHAPE).pixels, GREY) for name in ("a.npy", "b.png"))


@pytest.mark.parametrize("shape", [SHAPE, (1, *SHAPE), (*SHAPE, 1)])
@pytest.mark.parametrize("kind", ["u1", ">f8", "f4", "f2", "?", ">i8", "u4"])
def test_that_an_array_is_read_as_the_image_that_it_is(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    grey = np.where(GREY > 127, 255, 0).astype(np.uint8)
    np.save(tmp_path / "x.npy", (grey / 255 if kind[-2:-1] == "f" or kind == "?" else grey).astype(kind).reshape(shape))
    image = read_grey(tmp_path / "x.npy", SHAPE)
    assert np.array_equal(image.pixels, grey)
    assert image.notes == ()


def test_that_an_array_with_colours_becomes_grey(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", COLOURS)
    assert is_near(read_grey(tmp_path / "x.npy", SHAPE), luma(COLOURS))


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (np.zeros((2, *SHAPE)), "shape (2, 6, 8); an image has shape (height, width)"),
        (np.zeros((0, 6)), "shape (0, 6); an image has shape (height, width)"),
        (np.float64(1), "an image has shape"),
        (np.full(SHAPE, np.nan), "none of its pixels is a finite number"),
        (np.full(SHAPE, "a"), "holds <U1, which is no grey level"),
        (np.full(SHAPE, 1j), "holds complex128, which is no grey level"),
        (np.zeros(SHAPE, "M8[s]"), "which is no grey level"),
        (np.zeros(SHAPE, [("r", "u1"), ("g", "u1")]), "which is no grey level"),
        (np.array([[{}]], object), "cannot be read as an image"),
    ],
)
def test_that_an_array_that_is_no_image_is_refused(tmp_path: Path, array: NDArray[np.generic], complaint: str) -> None:
    np.save(tmp_path / "x.npy", array)
    assert complaint in refusal(tmp_path / "x.npy")


def test_that_an_array_that_is_cut_off_or_promises_too_much_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", GREY)
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(whole[:-10])
    assert "cannot be read as an image" in refusal(tmp_path / "x.npy")
    (tmp_path / "x.npy").write_bytes(whole.replace(b"(6, 8), }   ", b"(9**9, 8), }")[:-10])
    assert "cannot be read as an image" in refusal(tmp_path / "x.npy")
    np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint8, (1 << 14, 1 << 13)).flush()  # a hole on the disk
    assert "an image has at most 67,108,864 pixels; scale it down first" in refusal(tmp_path / "x.npy")


def test_that_an_archive_called_npy_is_refused_in_one_line(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.npy", "w") as archive:
        archive.writestr("a.npy", b"")
    assert "is a zip archive, as .npz files are; take one image out" in refusal(tmp_path / "x.npy")


def test_that_what_is_no_file_is_named(tmp_path: Path) -> None:
    assert "there is no image file" in refusal(tmp_path / "nothing.png")
    assert "it is a folder; give an image file" in refusal(tmp_path)
    (tmp_path / "empty.png").touch()
    assert "it is empty" in refusal(tmp_path / "empty.png")
    (tmp_path / "text.png").write_text("no image")
    assert "is no image that can be read; give a PNG, JPEG, GIF, BMP, WebP, TIFF or NPY file" in refusal(tmp_path / "text.png")
    assert "cannot be read as an image" in refusal(tmp_path / ("x" * 300))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_that_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "it is a named pipe; give an image file" in refusal(tmp_path / "pipe.png")


def test_that_a_program_in_disguise_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n")
    assert "is no image that can be read" in refusal(tmp_path / "page.png")


@pytest.mark.parametrize("limit", [47, 20])
def test_that_an_image_of_far_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    Image.fromarray(GREY).save(tmp_path / "large.png")
    monkeypatch.setattr(picture_files, "MOST_PIXELS", limit)
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it was decoded"))
    assert "is far too large: an image has at most" in refusal(tmp_path / "large.png")


@pytest.mark.parametrize("limit", [30, 20])  # Pillow only warns of an image of up to twice its limit
def test_that_pillows_own_limit_holds_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    Image.fromarray(GREY).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    assert "is far too large" in refusal(tmp_path / "large.png")


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (2000, 3)])
def test_that_an_image_of_any_proportions_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 200).save(tmp_path / "a.png")
    image = read_grey(tmp_path / "a.png", SHAPE)
    assert image.pixels.shape == SHAPE
    assert (image.pixels == 200).all()


def test_that_a_wide_picture_keeps_its_proportions_and_its_border_is_drawn_out(tmp_path: Path) -> None:
    paper = np.full((10, 40), 255, np.uint8)
    paper[2:8, 17:23] = 0  # a square
    Image.fromarray(paper).save(tmp_path / "wide.png")
    dark = read_grey(tmp_path / "wide.png", (40, 40)).pixels < 128
    assert dark.sum() == 36
    assert np.ptp(np.argwhere(dark), axis=0).tolist() == [5, 5]
    assert np.argwhere(dark).mean(axis=0).tolist() == [19.5, 19.5]


def whole_files() -> dict[str, bytes]:
    """A small file of each kind, with all that a kind may carry."""
    exif = Image.Exif()
    exif[0x0112] = 6
    colours, pages = Image.fromarray(COLOURS), {"save_all": True, "append_images": [Image.fromarray(COLOURS[::-1])]}
    found = {}
    for kind, how in {
        "PNG": {"exif": exif},
        "JPEG": {"exif": exif},
        "GIF": pages,
        "TIFF": pages,
        "WEBP": pages,
        "BMP": {},
    }.items():
        buffer = io.BytesIO()
        colours.save(buffer, kind, **how)
        found[kind] = buffer.getvalue()
    buffer = io.BytesIO()
    np.save(buffer, GREY / 255)
    return found | {"NPY": buffer.getvalue()}


WHOLE = whole_files()


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(WHOLE)), place=st.integers(0, 2_000), byte=st.integers(0, 255), cut=st.booleans())
def test_that_a_damaged_image_is_read_or_refused_in_one_line(
    tmp_path: Path, kind: str, place: int, byte: int, cut: bool
) -> None:
    path = tmp_path / "damaged.png"
    data = bytearray(WHOLE[kind])
    place %= len(data)
    data[place] = byte
    path.write_bytes(data[:place] if cut else data)
    try:
        assert read_grey(path, SHAPE).pixels.shape == SHAPE
    except UserError as error:
        message = str(error)
        assert (path.name in message, "\n" in message) == (True, False)


@pytest.mark.parametrize(("shape", "noted"), [((50, 784), "784 × 50"), ((784, 50), "50 × 784"), ((28, 56), ""), ((9, 9), "")])
def test_that_proportions_far_from_the_models_are_noted(shape: tuple[int, int], noted: str, tmp_path: Path) -> None:
    np.save(tmp_path / "image.npy", np.full(shape, 200, np.uint8))
    notes = read_grey(tmp_path / "image.npy", (28, 28)).notes
    assert notes == ((f"It is scaled from {noted} pixels, so it fills only a strip.",) if noted else ())


COLOURED = (*SHAPE, 3)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp", "a.webp", "a.ppm"])
def test_that_a_colour_model_gets_the_colours_of_a_file(tmp_path: Path, name: str) -> None:
    Image.fromarray(COLOURS).save(tmp_path / name, **({"lossless": True} if name == "a.webp" else {}))
    image = read_image(tmp_path / name, COLOURED)
    assert np.array_equal(image.pixels, COLOURS)
    assert image.notes == ()


def test_that_a_colour_model_gets_the_colours_of_a_palette(tmp_path: Path) -> None:
    table = np.array([[200, 10, 30], [0, 90, 250]], np.uint8)
    picture = Image.frombytes("P", GREY.shape[::-1], (GREY > 127).astype(np.uint8).tobytes())
    picture.putpalette(table.ravel().tolist())
    picture.save(tmp_path / "a.png")
    assert np.array_equal(read_image(tmp_path / "a.png", COLOURED).pixels, table[(GREY > 127).astype(int)])


@pytest.mark.parametrize(("ink", "background"), [((200, 40, 20), 255), ((250, 240, 10), 0)])
def test_that_colours_on_transparent_lie_on_what_shows_them(tmp_path: Path, ink: tuple[int, int, int], background: int) -> None:
    drawn = INK.copy()
    drawn[..., :3] = ink
    Image.fromarray(drawn).save(tmp_path / "a.png")
    opacity = drawn[..., 3:] / 255
    image = read_image(tmp_path / "a.png", COLOURED)
    assert np.abs(image.pixels - (opacity * np.array(ink) + (1 - opacity) * background)).max() <= 1
    assert image.notes == (f"Its transparent parts are shown {'white' if background else 'black'}.",)


@pytest.mark.parametrize("shape", [COLOURED, (3, *SHAPE)])
@pytest.mark.parametrize("white", [1.0, 65535])
def test_that_a_colour_model_gets_the_colours_of_a_deep_array(tmp_path: Path, shape: tuple[int, ...], white: float) -> None:
    scaled = COLOURS / 255 if white == 1 else (COLOURS.astype(np.uint16) * 257)
    np.save(tmp_path / "x.npy", scaled if shape == COLOURED else np.moveaxis(scaled, -1, 0))
    assert np.array_equal(read_image(tmp_path / "x.npy", COLOURED).pixels, COLOURS)


@pytest.mark.parametrize("deep", [False, True])
def test_that_a_grey_file_fills_three_channels_and_says_so(tmp_path: Path, deep: bool) -> None:
    levels = GREY.astype(np.uint16) * 257 if deep else GREY
    levels[0, 0] = np.iinfo(levels.dtype).max
    Image.fromarray(levels).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png", COLOURED)
    wanted = np.rint(levels / 257) if deep else levels
    assert np.array_equal(image.pixels, np.repeat(wanted[..., None], 3, axis=2))
    assert image.notes == ("It is grey; all three channels get its grey level.",)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_that_colours_are_read_upright(tmp_path: Path, orientation: int) -> None:
    turns = {3: 2, 6: -1, 8: 1}  # quarters of a turn to the left
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(COLOURS).save(tmp_path / "a.png", exif=exif)
    wanted = np.rot90(COLOURS, turns[orientation])
    assert np.array_equal(read_image(tmp_path / "a.png", image_shape(wanted.shape)).pixels, wanted)


def test_that_the_edge_of_a_coloured_picture_is_drawn_out(tmp_path: Path) -> None:
    Image.new("RGB", (40, 10), (200, 30, 60)).save(tmp_path / "wide.png")
    assert (read_image(tmp_path / "wide.png", (8, 8, 3)).pixels == (200, 30, 60)).all()


FIVE = np.random.default_rng(4).integers(0, 256, (*SHAPE, 5), dtype=np.uint8)


@pytest.mark.parametrize("form", ["last", "first", "pages"])
def test_that_a_model_of_five_channels_gets_five(tmp_path: Path, form: str) -> None:
    path = tmp_path / ("a.tif" if form == "pages" else "a.npy")
    if form == "pages":
        pages = [Image.fromarray(np.ascontiguousarray(FIVE[..., place])) for place in range(5)]
        pages[0].save(path, save_all=True, append_images=pages[1:])
    else:
        np.save(path, FIVE if form == "last" else np.moveaxis(FIVE, -1, 0))
    image = read_image(path, (*SHAPE, 5))
    assert np.array_equal(image.pixels, FIVE)
    assert image.notes == ()


@pytest.mark.parametrize("held", [GREY, COLOURS])
def test_that_other_channels_than_five_are_refused(tmp_path: Path, held: NDArray[np.uint8]) -> None:
    Image.fromarray(held).save(tmp_path / "a.png")
    np.save(tmp_path / "a.npy", held)
    with pytest.raises(UserError, match=r"a.png has no 5 channels, .* give a TIFF of 5 grey pages, or an array"):
        read_image(tmp_path / "a.png", (*SHAPE, 5))
    with pytest.raises(UserError, match=r"a.npy holds an array of shape .*; an image has shape \(height, width, 5\)"):
        read_image(tmp_path / "a.npy", (*SHAPE, 5))


def png_of_16_bits(colours: NDArray[np.uint16]) -> bytes:
    """A PNG with 16 bits a channel, which Pillow cannot write: PNG 1.2, sections 3 and 4."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = colours.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colours)
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_that_a_coloured_png_of_16_bits_is_scaled_to_8(tmp_path: Path) -> None:
    deep = np.random.default_rng(6).integers(0, 65536, COLOURED).astype(np.uint16)
    (tmp_path / "deep.png").write_bytes(png_of_16_bits(deep))
    image = read_image(tmp_path / "deep.png", COLOURED)
    assert np.abs(image.pixels - deep / 257).max() <= 1


def test_that_a_later_page_of_another_size_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow checks the size of the first page alone, and a few bytes may unpack to a page of any size."""
    first, bomb = Image.new("L", (8, 8)), Image.new("L", (4000, 4000))
    first.save(tmp_path / "x.tif", save_all=True, append_images=[bomb], compression="tiff_deflate")
    decoded: list[tuple[int, int]] = []
    load = TiffImagePlugin.TiffImageFile.load
    monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "load", lambda image: decoded.append(image.size) or load(image))
    with pytest.raises(UserError, match="has no 2 channels"):
        read_image(tmp_path / "x.tif", (8, 8, 2))
    assert (4000, 4000) not in decoded
