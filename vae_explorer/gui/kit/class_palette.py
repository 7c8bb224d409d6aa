"""The colours of classes, for any number of classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from vae_explorer.codes import UNKNOWN, Labels
from vae_explorer.gui.kit.theme import rgb

# petroff10 (Petroff 2021, arXiv:2107.02270): ten colours that stay apart under the common colour-vision deficiencies.
PETROFF10 = ("#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")

# 24 colours. Their smallest distance in OKLab is 0.074 for all three colour-vision deficiencies; that of petroff10 is 0.061.
# Found by exchanging one colour after the other for the farthest colour of a grid, from 12 starts.
WIDE24 = (
    *("#ddccbb", "#5500aa", "#aa2200", "#4499ff", "#dd7700", "#776688", "#1100ff", "#663355", "#889977", "#99bb77", "#5566ff"),
    *("#66ee66", "#bb88bb", "#880000", "#ccaabb", "#9933bb", "#aa6600", "#ee9911", "#aa66bb", "#bbccff", "#664488", "#336644"),
    *("#00bbff", "#cc2266"),
)
OTHER = "#8c8f94"  # of all classes beyond the largest 23, and of UNKNOWN
MOST_OWN = len(WIDE24) - 1  # classes with a colour of their own where there are more than 24


@dataclass(frozen=True, slots=True, eq=False)
class ClassPalette:
    """The colour of each class, and its number of codes."""

    table: tuple[str, ...]  # the colours in use
    place: NDArray[np.uint8]  # (classes,) each class's place in `table`
    counts: NDArray[np.int64]  # (classes,) codes of each class

    @property
    def own(self) -> int:
        """How many classes have a colour that no other class has."""
        shared = self.table[-1] == OTHER
        return int((self.place < len(self.table) - 1).sum()) if shared else len(self.place)

    def has_own(self, label: int) -> bool:
        """Return whether class `label` has a colour that no other class has."""
        return label < len(self.place) and self.table[self.place[label]] != OTHER

    def color(self, label: int, alpha: int = 255) -> QColor:
        """Return the colour of class `label`, or of "other" for a class without a colour."""
        color = QColor(self.table[self.place[label]] if 0 <= label < len(self.place) else OTHER)
        color.setAlpha(alpha)
        return color

    @property
    def table_colours(self) -> NDArray[np.float64]:
        """The colours (colours, 3) of `table`, from 0 to 255."""
        return np.array([rgb(QColor(color)) for color in self.table], np.float64)

    def colours(self, labels: int) -> NDArray[np.float64]:
        """The colours (labels, 3) of classes 0 to `labels` − 1, from 0 to 255."""
        return np.array([rgb(self.color(label)) for label in range(labels)], np.float64).reshape(-1, 3)

    def places(self, label: Labels) -> NDArray[np.uint8]:
        """The places in `table` (n,) of codes' classes (n,)."""
        return np.asarray(self.place[label], np.uint8)


def class_palette(counts: NDArray[np.int64], names: tuple[str, ...] = ()) -> ClassPalette:
    """Choose the colours of classes with `counts` (classes,) codes.

    Up to 10 classes take petroff10, up to 24 take `WIDE24`. Beyond 24 the largest 23 classes have colours of their own. A last
    class named UNKNOWN does not count, and is grey.
    """
    if names[-1:] == (UNKNOWN,):
        known = class_palette(counts[:-1])
        table = known.table if known.table[-1] == OTHER else (*known.table, OTHER)
        return ClassPalette(table, np.append(known.place, np.uint8(len(table) - 1)), counts)
    classes = len(counts)
    if classes <= len(WIDE24):
        table = PETROFF10 if classes <= len(PETROFF10) else WIDE24
        return ClassPalette(table, np.arange(classes, dtype=np.uint8), counts)
    place = np.full(classes, MOST_OWN, np.uint8)
    largest = np.argsort(-counts, kind="stable")[:MOST_OWN]
    place[np.sort(largest)] = np.arange(MOST_OWN)
    return ClassPalette((*WIDE24[:MOST_OWN], OTHER), place, counts)


def palette_of(label: Labels, names: tuple[str, ...]) -> ClassPalette:
    """Choose the colours of the classes called `names`, by the classes (n,) of the codes."""
    return class_palette(np.bincount(label, minlength=len(names)), names)


ONE_CLASS = class_palette(np.ones(1, np.int64))
