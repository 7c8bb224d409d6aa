"""The command `data`, as a person and as a script use it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Answer
from tests.data.own.made import grey, save
from vae_explorer.cli import main
from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.sources import DATASETS
from vae_explorer.models.model_file import read_card


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(10):
        save(tmp_path / "cells" / "ab"[number % 2] / f"{number}.png", grey(number))
    (tmp_path / "cells" / "a" / "empty.png").write_bytes(b"")
    return tmp_path / "cells"


def test_that_adding_says_what_was_read_and_what_was_skipped(answer: Answer, source: Path, tmp_path: Path) -> None:
    lines = answer("data", "add", source, "--skipped", tmp_path / "skipped.csv").splitlines()
    assert lines[0] == "skipped a/empty.png: cannot be read as an image: it is empty; fetch or save the image again"
    assert lines[1] == "cells: 10 images of 6×8 were read, 1 was skipped"
    assert "  class (the class): 2 categories" in lines
    with (tmp_path / "skipped.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["file", "reason"], ["a/empty.png", lines[0].partition(": ")[2]]]
    assert "nothing was read again" in answer("data", "add", source)


def test_that_a_script_reads_the_same(answer: Answer, source: Path) -> None:
    added = json.loads(answer("data", "add", source, "--name", "mine", "--json", "--size", "10x12", "--invert"))
    assert (added["name"], added["train"], added["test"], added["shape"]) == ("mine", 8, 2, [10, 12, 1])
    assert (added["new"], added["class"], [row["file"] for row in added["skipped"]]) == (True, "class", ["a/empty.png"])
    assert json.loads(answer("data", "add", source, "--name", "mine", "--json", "--size", "10x12", "--invert"))["new"] is False
    shown = json.loads(answer("data", "show", "mine", "--json"))
    assert (shown["fingerprint"], shown["reading"]["size"], shown["reading"]["invert"]) == (
        added["fingerprint"],
        [10, 12],
        True,
    )
    assert [each["name"] for each in json.loads(answer("data", "list", "--json"))] == ["mine"]
    assert json.loads(answer("data", "remove", "mine", "--json")) == {"removed": "mine"}
    assert json.loads(answer("data", "list", "--json")) == []


def test_that_images_whose_name_another_data_set_has_got_are_shown_trained_on_and_removed(
    answer: Answer, source: Path, tmp_path: Path, own_tables: None, capsys: pytest.CaptureFixture[str]
) -> None:
    answer("data", "add", source)
    DATASETS.register(
        "cells", DatasetSpec("Cells", "vae_explorer.data.digits:load", (8, 8, 1), tuple("0123456789"), (1437, 360), "")
    )
    assert answer("data", "list").startswith("own/cells  8 + 2 images of 6×8")
    assert "own/cells" in answer("list", "datasets")
    assert answer("data", "show", "own/cells").splitlines()[-1] == "all files are whole"
    options = ("--epochs", "1", "--hidden", "8", "--out", str(tmp_path / "model.safetensors"))
    assert main(["train", "--dataset", "own/cells", *options]) == 0
    assert read_card(tmp_path / "model.safetensors").dataset == "own/cells"
    assert "has your own images" not in capsys.readouterr().err
    assert main(["train", "--dataset", "cells", *options]) == 0
    assert "cells is a data set of the program; the data set own/cells has your own images\n" in capsys.readouterr().err
    answer("data", "remove", "own/cells")
    assert "own/cells" not in answer("list", "datasets")


def test_that_own_data_sets_are_listed_shown_and_removed(answer: Answer, source: Path) -> None:
    answer("data", "add", source)
    assert answer("data", "list") == f"cells  8 + 2 images of 6×8  from {source}\n"
    assert "cells" in answer("list", "datasets")
    assert answer("data", "show", "cells").splitlines()[-1] == "all files are whole"
    assert answer("data", "remove", "cells") == "removed cells; the images it was made from are where they were\n"
    assert "cells" not in answer("list", "datasets")
    assert len(list(source.rglob("*.png"))) == 11


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["add", "nowhere"], "there is no"),
        (["add", "SOURCE", "--size", "3x300"], "the size 3x300 is out of range; give sides of 4 to 256 pixels"),
        (["add", "SOURCE", "--size", "large"], "'large' is no size; write 64x48"),
        (["add", "SOURCE", "--test-share", "1"], "the test share 1 is out of range"),
        (["add", "SOURCE", "--class", "age"], "there is no column 'age'; known: class, file"),
        (["add", "SOURCE", "--skipped", "no/where.csv"], "cannot write"),
        (["add", "SOURCE", "--grey", "--colour"], "not allowed with argument"),
        (["show", "dogs"], "there is no data set of your own called 'dogs'; known: none"),
        (["remove", "dogs"], "there is no data set of your own called 'dogs'; known: none"),
        ([], "the following arguments are required: ACTION"),
    ],
)
def test_that_a_bad_command_is_refused(refusal: Callable[..., str], source: Path, words: list[str], complaint: str) -> None:
    assert complaint in refusal("data", *(source if word == "SOURCE" else word for word in words))


def test_that_a_signal_stops_the_reading(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import signal

    from vae_explorer.data.own import crew

    own = crew.do

    def do(job: object) -> object:
        signal.raise_signal(signal.SIGINT)
        return own(job)  # type: ignore[arg-type]

    monkeypatch.setattr(crew, "do", do)
    assert main(["data", "add", str(source)]) == 130
    assert capsys.readouterr().err == "vae-explorer: the preparation was cancelled; nothing was kept\n"
    assert list((tmp_path / "data" / "own").iterdir()) == []
