"""How a person wants own images to be read: plain values, equal for equal stores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from vae_explorer.data.columns import ColumnKind
from vae_explorer.errors import UserError
from vae_explorer.foreign import short
from vae_explorer.kinds import Fit, Word

SIDES, MOST_CHANNELS = (4, 256), 16  # of prepared images
MOST_SHARE = 0.9
_LONGEST_SIZE = 40  # characters; Python reads no number of thousands of digits


class Colour(Word):
    """Whether prepared images are grey or coloured."""

    OWN = "own"  # coloured if any image has a colour
    GREY = "grey"
    COLOUR = "colour"


class Axes(Word):
    """The order of an array's axes: N images, H rows, W columns, C channels."""

    NHW = "nhw"
    NHWC = "nhwc"
    NCHW = "nchw"


class Pages(Word):
    """What the pages of a TIFF are."""

    IMAGES = "images"
    CHANNELS = "channels"
    FIRST = "first"  # one image; the other pages are left out


@dataclass(frozen=True, slots=True)
class Reading:
    """The choices of a person; each default leaves the choice to the images.

    Raises `UserError` on a value out of range.
    """

    size: tuple[int, int] | None = None  # (H, W); None: the most common size
    fit: Fit = Fit.PAD
    colour: Colour = Colour.OWN
    invert: bool = False
    background: int = 255  # grey level behind transparent pixels
    ranges: tuple[tuple[float, float], ...] = ()  # black and white of all channels, or of each; (): chosen by the images
    percentiles: tuple[float, float] = (0.1, 99.9)  # of deep images that have no usual range
    layout: Axes | None = None  # of an array; None: found out
    pages: Pages = Pages.IMAGES
    file_column: str | None = None  # of a table; None: found out
    split_column: str | None = None  # of a table; None: a column with a usual name
    kinds: tuple[tuple[str, ColumnKind], ...] = ()  # of label columns; others are found out
    class_column: str | None = None  # None: chosen by the source and the names of the columns; "none": no class
    test_share: float | None = None  # None: a fifth, at most 10,000 images
    seed: int = 0  # of the split into training and test images

    def __post_init__(self) -> None:
        if self.size is not None and not all(SIDES[0] <= side <= SIDES[1] for side in self.size):
            raise UserError(
                f"the size {self.size[0]}x{self.size[1]} is out of range; give sides of {SIDES[0]} to {SIDES[1]} pixels"
            )
        for low, high in self.ranges:
            if not -math.inf < low < high < math.inf:
                raise UserError(f"the range {low:g} {high:g} is none; give two finite numbers, the smaller first")
        if not 0 <= self.percentiles[0] < self.percentiles[1] <= 100:
            raise UserError(
                "the percentiles {:g} {:g} are none; give two numbers from 0 to 100, the smaller first".format(
                    *self.percentiles
                )
            )
        if self.test_share is not None and not 0 < self.test_share <= MOST_SHARE:
            raise UserError(f"the test share {self.test_share:g} is out of range; give a share above 0, at most {MOST_SHARE}")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(**choices: Any) -> Reading:
        """Return the reading of `choices`, whose kinds may be words. Raises `UserError` on a choice that does not exist."""
        unknown = set(choices) - {each.name for each in fields(Reading)}
        if unknown:
            known = ", ".join(each.name for each in fields(Reading))
            raise UserError(f"unknown choice {sorted(unknown)[0]!r}; known: {known}")
        try:
            return Reading.from_json(choices)
        except (TypeError, ValueError) as error:
            raise UserError(f"a choice of the reading is wrong: {error}; see Reading") from error

    @staticmethod
    def from_json(held: Mapping[str, Any]) -> Reading:
        """Return the reading of a manifest. Raises `UserError`, `TypeError` or `ValueError` on other content."""
        known = {each.name: held[each.name] for each in fields(Reading) if each.name in held}
        return Reading(
            **{name: _READ[name](value) if name in _READ and value is not None else value for name, value in known.items()}
        )


def size_of(text: str) -> tuple[int, int]:
    """Return (H, W) of a text such as 64x48, or 64 for a square. Raises `UserError`."""
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) not in (1, 2) or len(text) > _LONGEST_SIZE or not all(side.strip().isdecimal() for side in sides):
        raise UserError(f"{short(text)!r} is no size; write 64x48 for a height of 64 and a width of 48")
    return int(sides[0]), int(sides[-1])


_READ: dict[str, Callable[[Any], Any]] = {
    "size": tuple,
    "fit": Fit,
    "colour": Colour,
    "ranges": lambda ranges: tuple((float(low), float(high)) for low, high in ranges),
    "percentiles": tuple,
    "layout": Axes,
    "pages": Pages,
    "kinds": lambda kinds: tuple((str(name), ColumnKind(kind)) for name, kind in kinds),
}
