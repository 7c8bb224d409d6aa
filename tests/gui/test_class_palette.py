"""The colours of classes: how far apart they are for those who see fewer colours, and which classes share one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from vae_explorer.codes import UNKNOWN
from vae_explorer.gui.kit.class_palette import MOST_OWN, OTHER, PETROFF10, WIDE24, class_palette
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.models.model_file import read_model_file

from .looking import settle

# Machado, Oliveira & Fernandes 2009, table 1, severity 1: on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def smallest_distance(colours: tuple[str, ...], seen_by: str) -> float:
    """In OKLab (Ottosson 2020)."""
    encoded = np.array([[int(colour[place : place + 2], 16) for place in (1, 3, 5)] for colour in colours]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(DEFICIENCIES[seen_by]).T, 0, 1)
    lab = np.cbrt(seen @ TO_CONE.T) @ TO_LAB.T
    apart: NDArray[np.float64] = np.linalg.norm(lab[:, None] - lab, axis=-1)
    return float(apart[~np.eye(len(lab), dtype=bool)].min())


@pytest.mark.parametrize("seen_by", DEFICIENCIES)
def test_that_24_colours_stay_as_far_apart_as_the_ten(seen_by: str) -> None:
    ten = min(smallest_distance(PETROFF10, each) for each in DEFICIENCIES)
    assert smallest_distance(WIDE24, seen_by) >= 0.07 > ten > 0.06


def test_that_ten_classes_keep_their_colours() -> None:
    palette = class_palette(np.ones(10, np.int64))
    assert [palette.color(number).name() for number in range(10)] == list(PETROFF10)
    assert palette.own == 10


def test_that_each_of_24_classes_has_a_colour_of_its_own() -> None:
    palette = class_palette(np.ones(24, np.int64))
    assert len({palette.color(number).name() for number in range(24)}) == 24
    assert palette.own == 24


def test_that_the_largest_23_of_300_classes_have_colours_and_all_others_one() -> None:
    counts = np.arange(300)
    counts[7] = 1000
    palette = class_palette(counts)
    own = [number for number in range(300) if palette.color(number).name() != OTHER]
    assert own == [7, *range(278, 300)]
    assert len({palette.color(number).name() for number in own}) == palette.own == MOST_OWN == 23
    labels = np.array([7, 0, 299], np.uint16)
    assert [palette.table[place] for place in palette.places(labels)] == [
        palette.color(label).name() for label in labels.tolist()
    ]


def test_that_a_class_beyond_those_known_is_another() -> None:
    assert class_palette(np.ones(3, np.int64)).color(5).name() == OTHER


@pytest.mark.parametrize("known", [0, 3, 10, 24, 300])
def test_that_a_missing_class_is_grey_and_changes_no_other_colour(known: int) -> None:
    counts = np.arange(known + 1)[::-1]
    names = (*(f"class {number}" for number in range(known)), UNKNOWN)
    palette, without = class_palette(counts, names), class_palette(counts[:-1])
    colours = [palette.color(number).name() for number in range(known + 1)]
    assert colours == [*(without.color(number).name() for number in range(known)), OTHER]
    assert palette.own == without.own
    assert [palette.table[place] for place in palette.places(np.arange(known + 1, dtype=np.uint16))] == colours


def test_that_a_class_called_unknown_among_others_keeps_its_colour() -> None:
    assert class_palette(np.ones(3, np.int64), ("a", UNKNOWN, "z")).color(1).name() == PETROFF10[1]


def test_that_legend_map_and_strip_count_the_codes_of_classes_once(
    window: MainWindow, qtbot: QtBot, tiny_model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.comparison.compare_with(tiny_model_path)
    settle(qtbot, window)
    counted: list[object] = []
    bincount = np.bincount

    def counting(values: NDArray[np.int64], *more: object, **options: Any) -> NDArray[np.int64]:
        if options.get("minlength") != 256:  # the tiles count all numbers of 8 bits
            counted.append(values)
        return bincount(values, *more, **options)

    monkeypatch.setattr(np, "bincount", counting)
    file = read_model_file(tiny_model_path)
    window.session.show_model(file)
    settle(qtbot, window)
    assert sum(values is file.codes.label for values in counted) == 1
