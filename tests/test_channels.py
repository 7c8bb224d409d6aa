"""Images of several channels as colours: the blend beside a sum by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vae_explorer.channels import Channel, blended, usual_channels
from vae_explorer.images import write_frames, write_picture


@pytest.mark.parametrize("count", [1, 3])
def test_that_grey_and_colour_are_shown_as_they_are(count: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 4, count), dtype=np.uint8)
    assert blended(image) is image
    assert usual_channels(count) == ()


@pytest.mark.parametrize("count", [2, *range(4, 17)])
def test_that_each_usual_colour_is_another_and_bright(count: int) -> None:
    table = usual_channels(count)
    assert len({channel.colour for channel in table}) == len(table) == count
    for place, channel in enumerate(table):
        image = np.zeros((1, 1, count), np.uint8)
        image[..., place] = 255
        (shown,) = blended(image).reshape(-1, 3).tolist()
        assert "#" + bytes(shown).hex() == channel.colour
        assert max(shown) == 255


def test_that_colours_add_up_as_by_hand() -> None:
    table = (
        Channel("nuclei", "#0000ff", 0, 255),
        Channel("actin", "#00ff80", 50, 150),
        Channel("off", "#ffffff", on=False),
        Channel("rim", "#ff0040", 100, 101),
        Channel("haze", "#404040"),
    )
    pixels = {(100, 100, 255, 0, 0): (0, 128, 164), (0, 150, 9, 101, 0): (255, 255, 192), (51, 20, 0, 100, 255): (64, 64, 115)}
    for levels, wanted in pixels.items():
        assert blended(np.array([[levels]], np.uint8), table)[0, 0].tolist() == list(wanted)


def test_that_names_of_a_data_set_stand_in_the_usual_table() -> None:
    assert [channel.name for channel in usual_channels(2, ("DAPI", "7"))] == ["DAPI", "channel 7"]
    assert usual_channels(2, ("DAPI",)) == usual_channels(2)
    assert usual_channels(3, ("a", "b", "c")) == ()


def test_that_a_table_of_another_model_is_not_used() -> None:
    image = np.full((1, 1, 5), 40, np.uint8)
    other = tuple(replace(channel, on=False) for channel in usual_channels(4))
    assert np.array_equal(blended(image, other), blended(image))


def test_that_files_show_channels_by_the_table(tmp_path: Path) -> None:
    frames = np.random.default_rng(1).integers(0, 256, (3, 6, 5, 4), dtype=np.uint8)
    table = usual_channels(4)[::-1]
    write_picture(tmp_path / "one.png", frames[0])
    write_frames(tmp_path / "strip.png", frames, channels=table)
    with Image.open(tmp_path / "one.png") as picture:
        assert np.array_equal(np.asarray(picture), blended(frames[0]))
    with Image.open(tmp_path / "strip.png") as picture:
        assert np.array_equal(np.asarray(picture), np.concatenate(list(blended(frames, table)), axis=1))
