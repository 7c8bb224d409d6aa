"""`train --images`: from a folder of pictures to a model, in one command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import vae_explorer as vx
from tests.data.own.made import grey, save
from vae_explorer.cli import main
from vae_explorer.data.own.store import find_store
from vae_explorer.models.model_file import read_model_file

QUICK = ("--epochs", "1", "--hidden", "4", "--batch-size", "8")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(20):
        save(tmp_path / "cells" / "ab"[number % 2] / f"{number}.png", grey(number, 6, 8))
    return tmp_path / "cells"


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_that_a_folder_becomes_a_model_that_opens(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / "a" / "bad.png").write_bytes(b"nonsense")
    out, root = tmp_path / "cells.safetensors", tmp_path / "root"
    assert main(["train", "--images", str(source), "--data-dir", str(root), "--out", str(out), "--json", *QUICK]) == 0
    said = events(capsys)
    assert said[0] == {"event": "read", "dataset": "cells", "train": 16, "test": 4, "skipped": 1, "new": True}
    assert said[-1]["event"] == "finished"
    card = read_model_file(out).card
    assert (card.dataset, card.classes, card.spec.image_shape) == ("cells", ("a", "b"), (6, 8, 1))
    assert "own" not in card.training
    store = find_store(root, "cells")
    assert store is not None
    images = store.dataset().train.images[..., 0] / np.float32(255)
    codes = vx.codes(out)
    np.testing.assert_allclose(vx.load(out).encode(images).mean, codes.mean[:16], atol=1e-3)
    np.testing.assert_array_equal(codes.label[:16], store.dataset().train.labels)


def test_that_the_name_of_a_read_set_trains_again_and_evaluates(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = ["--data-dir", str(tmp_path / "root")]
    assert main(["train", "--images", str(source), *place, "--json", *QUICK]) == 0
    assert main(["train", "--images", str(source), *place, "--json", *QUICK]) == 0
    assert [event["new"] for event in events(capsys) if event["event"] == "read"] == [True, False]
    command = read_model_file(tmp_path / "cells-vae.safetensors").card.command
    assert "--dataset cells" in command
    assert main([*command.split()[1:], *place, "--json"]) == 0
    capsys.readouterr()
    assert main(["evaluate", "cells-vae.safetensors", *place, "--json"]) == 0
    (measured,) = events(capsys)
    assert (measured["dataset"], measured["n"]) == ("cells", 4)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--dataset", "mnist"], "not allowed with argument"),
        (["--family", "vea"], "unknown model family 'vea'"),
        (["--learning-rate", "nan"], "learning rate"),
        (["--out", "no/where.safetensors"], "cannot write no/where.safetensors"),
        (["--out", "m.pt"], "m.safetensors"),
        (["--size", "3"], "the size 3x3 is out of range"),
    ],
)
def test_that_what_is_wrong_is_said_before_an_image_is_read(
    refusal: Callable[..., str], source: Path, tmp_path: Path, words: list[str], complaint: str
) -> None:
    assert complaint in refusal("train", "--images", source, "--data-dir", tmp_path / "root", *words)
    assert not (tmp_path / "root").exists()


def test_that_a_path_without_images_is_refused(refusal: Callable[..., str], tmp_path: Path) -> None:
    assert "there is no" in refusal("train", "--images", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "holds no images" in refusal("train", "--images", tmp_path / "empty")


def test_that_images_without_classes_are_trained_measured_and_not_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(20):
        save(tmp_path / "plain" / f"{number}.png", grey(number, 6, 8))
    out, root = str(tmp_path / "plain.safetensors"), ("--data-dir", str(tmp_path / "root"))
    assert main(["train", "--images", str(tmp_path / "plain"), *root, "--out", out, *QUICK]) == 0
    model = read_model_file(Path(out))
    assert (model.card.classes, set(model.codes.label)) == ((), {0})
    assert main(["evaluate", out, *root]) == 0
    assert "5-NN" not in capsys.readouterr().out
    assert main(["train", "--dataset", "plain", "--family", "cvae", *root, "--out", out, *QUICK]) != 0
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert "family 'cvae' is told the class of each image, and these images have no classes; choose another family" in line
