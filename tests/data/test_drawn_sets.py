"""Emoji and robots: what lists and folders say, drawn as Pillow draws it another way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from vae_explorer.data import emoji, robots
from vae_explorer.data.base import Cancelled, DataMissing, Fetching
from vae_explorer.data.columns import MISSING
from vae_explorer.data.sources import DATASETS

LIST = """\
# group: Smileys & Emotion
# subgroup: face-smiling
1F600 ; fully-qualified     # 😀 E1.0 grinning face
263A FE0F ; fully-qualified # ☺️ E0.6 smiling face
263A ; unqualified          # ☺ E0.6 smiling face
# group: People & Body
# subgroup: hands
1F44B 1F3FD ; fully-qualified # 👋🏽 E1.0 waving hand: medium skin tone
1F91D 1F3FB ; fully-qualified # 🤝🏻 E14.0 handshake: light skin tone
1FAE9 ; fully-qualified # 🫩 E16.0 face with bags under eyes
# group: Component
1F3FB ; component # 🏻 E1.0 light skin tone
"""


def has_font() -> bool:
    try:
        ImageFont.truetype(emoji.FONT, emoji.FONT_SIZE)
    except OSError:
        return False
    return True


def test_that_unicodes_list_gives_names_groups_and_tones() -> None:
    found = list(emoji.emoji_of(LIST))
    assert [(each.text, each.name, each.group, each.subgroup) for each in found] == [
        ("😀", "grinning face", "Smileys & Emotion", "face-smiling"),
        ("☺️", "smiling face", "Smileys & Emotion", "face-smiling"),
        ("👋🏽", "waving hand: medium skin tone", "People & Body", "hands"),
        ("🤝🏻", "handshake: light skin tone", "People & Body", "hands"),
    ]
    assert [each.tone for each in found] == [MISSING, MISSING, emoji.TONES.index("medium"), emoji.TONES.index("light")]


@pytest.mark.skipif(not has_font(), reason="the font Noto Color Emoji is not here")
def test_that_the_fonts_pictures_are_drawn_and_kept(tmp_path: Path) -> None:
    (tmp_path / "emoji-test.txt").write_text(LIST, "utf-8")
    dataset = emoji.load(Fetching(tmp_path))
    assert (len(dataset.train), len(dataset.test)) == (3, 1)
    names = list(dataset.columns["name"].values)  # type: ignore[arg-type]
    images = np.concatenate([dataset.train.images, dataset.test.images])
    face = images[names.index("grinning face")].astype(int)
    assert face[0, 0].tolist() == [255, 255, 255]
    red, green, blue = face[20:44, 20:44].mean(axis=(0, 1))
    assert red > 180 > blue
    assert green > blue
    (kept,) = (tmp_path / "emoji").iterdir()
    again = emoji.load(Fetching(tmp_path, should_stop=lambda: True))
    np.testing.assert_array_equal(np.load(kept), images)
    np.testing.assert_array_equal(again.train.images, dataset.train.images)


@pytest.mark.skipif(not has_font(), reason="the font Noto Color Emoji is not here")
def test_that_drawing_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "emoji-test.txt").write_text(LIST, "utf-8")
    with pytest.raises(Cancelled):
        emoji.load(Fetching(tmp_path, should_stop=lambda: True))
    assert not (tmp_path / "emoji").exists()


def test_that_what_is_missing_is_named_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji, "LISTS", ())
    with pytest.raises(DataMissing, match=r"emoji-test\.txt.* install the packages fonts-noto-color-emoji and unicode-data"):
        emoji.load(Fetching(tmp_path))
    (tmp_path / "emoji-test.txt").write_text(LIST, "utf-8")
    monkeypatch.setattr(emoji, "FONT", "no-such-font.ttf")
    with pytest.raises(DataMissing, match="the font Noto Color Emoji"):
        emoji.load(Fetching(tmp_path))
    monkeypatch.setattr(robots, "find_spec", lambda _: None)
    with pytest.raises(DataMissing, match=r"pip install 'vae-explorer\[robots\]'"):
        robots.load(Fetching(tmp_path))


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of parts: for each layer random pictures of random opacity."""
    chosen = np.random.default_rng(0)
    heads = (
        "Blank",
        "Eyepatch",
        "Hat",
        "Hijab-Red",
        "LongHairBob-Red",
        "ShortHairSides",
        "ShortHairFlat-Brown",
        "Turban",
        "WinterHat1",
    )
    for layer, title in robots.LAYERS.items():
        for name in heads if title == "head" else ("One-Red", "One-Blue", "Two"):
            (tmp_path / "parts" / layer).mkdir(parents=True, exist_ok=True)
            pixels = chosen.integers(0, 256, (robots.SIDE, robots.SIDE, 4), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "parts" / layer / f"{name}.png")
    monkeypatch.setattr(robots, "parts_folder", lambda: tmp_path / "parts")
    monkeypatch.setattr(robots, "TRAIN", 40)
    monkeypatch.setattr(robots, "TEST", 8)
    return tmp_path / "parts"


def test_that_faces_are_their_parts_over_one_another(parts: Path, tmp_path: Path) -> None:
    layers = robots.layers_of(parts)
    places = [layer.draw(5, np.random.default_rng(1)) for layer in layers]
    images = robots.put_together(layers, places, Fetching(tmp_path))
    for number, image in enumerate(images):
        face = Image.new("RGBA", (robots.SIDE, robots.SIDE), "white")
        for layer, drawn in zip(layers, places, strict=True):
            face.alpha_composite(Image.open(layer.files[drawn[number]]))
        assert np.abs(np.asarray(face.convert("RGB")).astype(int) - image).max() <= 8  # Pillow rounds after every part


def test_that_robots_have_named_attributes_and_kinds_are_equally_frequent(parts: Path, tmp_path: Path) -> None:
    dataset = robots.load(Fetching(tmp_path))
    assert dataset.train.images.shape == (40, 64, 64, 3)
    assert [column.name for column in dataset.columns] == [
        "skin",
        "eyes",
        "eyebrows",
        "mouth",
        "clothes",
        "face",
        "head",
        "glasses",
    ]
    assert dataset.columns["mouth"].names == ("One", "Two")
    assert dataset.columns["head"].names == DATASETS["robots"].classes
    (head,) = (layer for layer in robots.layers_of(parts) if layer.name == "head")
    drawn = Counter(head.kinds[place] for place in head.draw(8_000, np.random.default_rng(0)))
    assert set(drawn) == set(robots.HEADS)
    assert min(drawn.values()) > 880  # 1,000 each, std 30


def test_that_robots_with_a_kept_file_of_another_shape_are_put_together_again(parts: Path, tmp_path: Path) -> None:
    before = robots.load(Fetching(tmp_path)).train.images.copy()
    (kept,) = (tmp_path / "robots").iterdir()
    np.save(kept, np.zeros((1, 64, 64, 3), np.uint8))
    np.testing.assert_array_equal(robots.load(Fetching(tmp_path)).train.images, before)
