"""Emoji: the pictures of the system's font Noto Color Emoji, with their groups, subgroups, skin tones and names.

The font draws the pictures (OFL 1.1). Unicode's list `emoji-test.txt` (UTS #51) names and groups them. Both come with the system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, features

from vae_explorer.codes import Split
from vae_explorer.data.base import Cancelled, DataMissing, Dataset, Fetching, ImageSet
from vae_explorer.data.columns import MISSING, Column, ColumnKind, Columns, Texts
from vae_explorer.data.drawn import drawn_once
from vae_explorer.data.own.split import split_images
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError

SIDE, NEWEST = 64, 15.0  # pixels, and the version of Unicode whose emoji are taken
GROUPS = DATASETS["emoji"].classes
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")
FONT, FONT_SIZE = "NotoColorEmoji.ttf", 109  # the size of the font's own bitmaps
LISTS = (  # where systems keep Unicode's list
    Path("/usr/share/unicode/emoji/emoji-test.txt"),
    Path("/usr/share/unicode/ucd/emoji/emoji-test.txt"),
)
_GLYPH = (136, 128)  # pixels, width and height
_FIRST_TONE = 0x1F3FB
_LINE = re.compile(r"([0-9A-F ]+?)\s*; fully-qualified\s*# \S+ E(\d+\.\d+) (.+)")
_WAY_OUT = "install the packages fonts-noto-color-emoji and unicode-data (names on Debian and Ubuntu)"


@dataclass(frozen=True, slots=True)
class Emoji:
    text: str
    name: str
    group: str
    subgroup: str

    @property
    def tone(self) -> int:
        """Return the place in `TONES` of the only skin tone, `MISSING` for none or several."""
        tones = {ord(sign) - _FIRST_TONE for sign in self.text} & set(range(len(TONES)))
        return tones.pop() if len(tones) == 1 else MISSING


def load(fetching: Fetching) -> Dataset:
    """Draw all emoji: images (n, 64, 64, 3) on white. Raises `DataMissing` without font or list, and `Cancelled`."""
    listed = sorted(emoji_of(_list_file(fetching.root).read_text("utf-8")), key=lambda each: each.text)
    columns, font = _columns(listed), _font()
    splits = split_images(np.asarray(columns["group"].values), len(listed), None, 0)
    order, training = np.argsort(splits, kind="stable"), int((splits == Split.TRAIN).sum())
    columns, texts = columns.rows(order), [listed[place].text for place in order]
    facts = f"{SIDE} {Path(str(font.path)).stat().st_size} {texts}"
    shape = (len(texts), SIDE, SIDE, 3)
    images = drawn_once(fetching.root, "emoji", facts, shape, lambda: draw(texts, font, fetching))
    labels = columns["group"].labels
    return Dataset(
        ImageSet(images[:training], labels[:training]), ImageSet(images[training:], labels[training:]), columns=columns
    )


def emoji_of(text: str) -> Iterator[Emoji]:
    """Yield the fully-qualified emoji of Unicode's list up to version `NEWEST`."""
    group = subgroup = ""
    for line in text.splitlines():
        if line.startswith("# group: "):
            group = line.removeprefix("# group: ").strip()
        elif line.startswith("# subgroup: "):
            subgroup = line.removeprefix("# subgroup: ").strip()
        elif (match := _LINE.match(line)) and float(match[2]) <= NEWEST and group in GROUPS:
            yield Emoji("".join(chr(int(code, 16)) for code in match[1].split()), match[3].strip(), group, subgroup)


def draw(texts: Sequence[str], font: ImageFont.FreeTypeFont, fetching: Fetching) -> NDArray[np.uint8]:
    """Draw emoji (n, SIDE, SIDE, 3) in the middle of a white square."""
    images = np.empty((len(texts), SIDE, SIDE, 3), np.uint8)
    width, height = _GLYPH
    for place, text in enumerate(texts):
        if fetching.should_stop():
            raise Cancelled("drawing the emoji was stopped")
        canvas = Image.new("RGB", (width, width), "white")
        ImageDraw.Draw(canvas).text((0, (width - height) // 2), text, font=font, embedded_color=True)
        images[place] = np.asarray(canvas.resize((SIDE, SIDE), Image.Resampling.BOX))
        fetching.progress("emoji", place + 1, len(texts))
    return images


def _font() -> ImageFont.FreeTypeFont:
    if not features.check("raqm"):
        raise UserError("Pillow lacks Raqm, which puts emoji of several signs together; install Pillow from its wheel")
    try:
        return ImageFont.truetype(FONT, FONT_SIZE, layout_engine=ImageFont.Layout.RAQM)
    except OSError as error:
        raise DataMissing(f"the font Noto Color Emoji ({FONT}) is not here; {_WAY_OUT}") from error


def _list_file(root: Path) -> Path:
    for path in (root / "emoji-test.txt", *LISTS):
        if path.is_file():
            return path
    raise DataMissing(f"Unicode's list of emoji (emoji-test.txt) is not here; {_WAY_OUT}, or put it into {root}")


def _columns(listed: Sequence[Emoji]) -> Columns:
    subgroups = tuple(sorted({each.subgroup for each in listed}))
    kind = ColumnKind.CATEGORICAL
    return Columns(
        (
            Column("group", kind, np.array([GROUPS.index(each.group) for each in listed], np.int32), GROUPS),
            Column("subgroup", kind, np.array([subgroups.index(each.subgroup) for each in listed], np.int32), subgroups),
            Column("skin tone", kind, np.array([each.tone for each in listed], np.int32), TONES),
            Column("name", ColumnKind.TEXT, Texts.of([each.name for each in listed])),
        ),
        "group",
    )
