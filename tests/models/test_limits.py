"""A model card beyond a limit is refused in one line that says which limit, before anything large is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.campaign.mutations import Parts, file_of, parts_of
from vae_explorer.limits import LIMITS
from vae_explorer.models.card_text import parse
from vae_explorer.models.model_file import ModelFileError, read_card, read_model_file


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


CARDS: dict[str, Callable[[dict[str, Any]], object]] = {
    "header": lambda card: card.update(extra={f"{i}": "x" * 1000 for i in range(17_000)}),
    "depth": lambda card: card["extra"].update(deep=deep(40)),
    "values": lambda card: card["extra"].update(long=[0] * 1_000_001),
    "text": lambda card: card.update(command="x" * 20_001),
    "name": lambda card: card.update(name="x" * 1001),
    "classes": lambda card: card.update(classes=["a"] * 65_537),
    "entries": lambda card: card.update(metrics={f"{i}": 0.0 for i in range(1001)}),
    "layers": lambda card: card["spec"].update(hidden=[1] * 100_000),
    "side": lambda card: card["spec"].update(image_shape=[100_000, 8]),
    "channels": lambda card: card["spec"].update(image_shape=[8, 8, 17]),
    "pixels": lambda card: card["spec"].update(image_shape=[2048, 1024]),
    "weights": lambda card: card["spec"].update(hidden=[65_536, 65_536]),
    "products": lambda card: card["spec"].update(family="recurrent-vae", body="gru", image_shape=[4000, 8], hidden=[1024]),
    "steps": lambda card: card["spec"].update(family="recurrent-vae", body="gru", image_shape=[3000, 8], hidden=[8, 8]),
    "activations": lambda card: card["spec"].update(body="conv", image_shape=[512, 512], hidden=[256, 1]),
    "whole": lambda card: card.update(seed=1 << 63),
}
ARRAYS: dict[str, Callable[[Parts], object]] = {
    "tensors": lambda parts: parts.tensors.update({f"weights/{i}": np.zeros(1, np.float32) for i in range(4100)}),
    "tensor_name": lambda parts: parts.tensors.update({"w" * 201: np.zeros(1, np.float32)}),
}


def refused(path: Path, name: str) -> bool:
    with pytest.raises(ModelFileError) as caught:
        read_model_file(path)
    line = str(caught.value)
    return LIMITS[name].what in line and "\n" not in line and len(line) < 400 + len(str(path))


@pytest.mark.parametrize("name", CARDS)
def test_that_a_card_beyond_a_limit_is_refused(name: str, tiny_model_path: Path, tmp_path: Path) -> None:
    parts, path = parts_of(tiny_model_path.read_bytes()), tmp_path / "beyond.safetensors"
    CARDS[name](parts.card)
    path.write_bytes(file_of(parts))
    assert refused(path, name)
    with pytest.raises(ModelFileError):
        read_card(path)


@pytest.mark.parametrize("name", ARRAYS)
def test_that_arrays_beyond_a_limit_are_refused(name: str, tiny_model_path: Path, tmp_path: Path) -> None:
    parts, path = parts_of(tiny_model_path.read_bytes()), tmp_path / "beyond.safetensors"
    ARRAYS[name](parts)
    path.write_bytes(file_of(parts))
    assert refused(path, name)


def test_that_a_file_of_more_bytes_than_the_limit_is_not_read(tiny_model_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.safetensors"
    path.write_bytes(tiny_model_path.read_bytes())
    with path.open("r+b") as file:
        file.truncate(LIMITS["file"].most + 1)  # a hole, which takes no disk
    assert refused(path, "file")


def test_that_a_card_at_the_limits_is_read(tiny_model_path: Path, tmp_path: Path) -> None:
    parts, path = parts_of(tiny_model_path.read_bytes()), tmp_path / "edge.safetensors"
    parts.card |= {"name": "x" * LIMITS["name"].most, "command": "x" * LIMITS["text"].most, "seed": LIMITS["whole"].most}
    parts.card["metrics"] = {f"{i}": 0.0 for i in range(LIMITS["entries"].most)}
    parts.card["extra"] = {"deep": deep(LIMITS["depth"].most - 2)}
    path.write_bytes(file_of(parts))
    assert len(read_model_file(path).card.name) == LIMITS["name"].most


@pytest.mark.parametrize("stop_at", [1, 3, 20])
def test_that_reading_stops_where_the_check_says_so(stop_at: int, tiny_model_path: Path) -> None:
    looks = []

    def check() -> None:
        looks.append(None)
        if len(looks) == stop_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_model_file(tiny_model_path, check)
    assert len(looks) == stop_at


def test_that_a_card_that_nests_beyond_what_python_can_is_refused() -> None:
    with pytest.raises((ValueError, RecursionError)):
        parse("[" * 100_000)
    with pytest.raises(ValueError, match="limit"):
        parse(json.dumps({"seed": 0}).replace("0", "9" * 5000))
