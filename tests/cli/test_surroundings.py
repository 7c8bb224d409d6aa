"""What lies around a command: the home folder, the interpreter's flags, the place where its answer goes, the names of files."""

from __future__ import annotations

import argparse
import errno
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vae_explorer import locations
from vae_explorer.cli import COMMANDS, build_parser, command, main
from vae_explorer.cli.arguments import complain, place, print_json
from vae_explorer.cli.progress import bar

Answer = Callable[..., str]
HELP_OF_ALL = """
from vae_explorer.cli import COMMANDS, main
for words in ([], *([name] for name in COMMANDS)):
    try:
        main([*words, "--help"])
    except SystemExit as end:
        if end.code:
            raise
"""


@pytest.fixture
def unreadable_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of runs as a person without the right to read it meets it."""

    def refuse(real: Callable[..., object]) -> Callable[..., object]:
        def ask(folder: object = ".") -> object:
            if Path(str(folder)) == locations.runs():
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
            return real(folder)

        return ask

    for name in ("listdir", "scandir"):
        monkeypatch.setattr(os, name, refuse(getattr(os, name)))


@pytest.fixture
def three_images(tmp_path: Path) -> list[str]:
    """Two images with a file between them that is none."""
    for name, grey in (("black", 0), ("white", 255)):
        Image.new("L", (8, 8), grey).save(tmp_path / f"{name}.png")
    (tmp_path / "text.png").write_text("no image")
    return [str(tmp_path / f"{name}.png") for name in ("black", "text", "white")]


def test_that_every_command_explains_itself_without_docstrings() -> None:
    done = subprocess.run([sys.executable, "-OO", "-c", HELP_OF_ALL], capture_output=True, text=True, timeout=240, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"usage: vae-explorer {name}" in done.stdout for name in COMMANDS)
    assert "The decoder's image at one latent point." in done.stdout


@pytest.mark.usefixtures("unreadable_runs")
def test_that_pretrained_models_are_listed_where_the_runs_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "models"]) == 1
    out, err = capsys.readouterr()
    assert "mnist-vae" in out
    assert err == (
        f"vae-explorer: the folder of runs {locations.runs()} cannot be read: Permission denied; "
        "change its permissions, or choose another folder with VAE_EXPLORER_RUNS\n"
    )


@pytest.mark.usefixtures("unreadable_runs")
def test_that_a_pretrained_model_is_found_where_the_runs_cannot_be_read(answer: Answer, tmp_path: Path) -> None:
    answer("decode", "digits-vae", "--z", 0, 0, "--out", tmp_path / "f.png")
    assert (tmp_path / "f.png").is_file()


@pytest.mark.usefixtures("unreadable_runs")
def test_that_a_run_is_not_called_missing_where_the_runs_cannot_be_read(refusal: Answer) -> None:
    line = refusal("decode", "mine-1", "--z", 0, 0, "--out", "f.png")
    assert "there is no model or file 'mine-1'" in line
    assert f"the folder of runs {locations.runs()} cannot be read: Permission denied" in line


def test_that_what_the_system_refuses_is_named(refusal: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", "/home/me/.config")

    monkeypatch.setattr(command("list"), "run", refuse)
    assert "cannot use /home/me/.config: Permission denied; check that" in refusal("list", "models")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_that_an_answer_for_which_there_is_no_room_is_one_line() -> None:
    code = "import sys; from vae_explorer.cli import main; sys.exit(main(['list', 'families']))"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, timeout=240, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "vae-explorer: cannot write the answer: No space left on device; check where the output goes\n"


def test_that_a_reader_who_leaves_ends_the_command_quietly() -> None:
    code = "import os, sys; from vae_explorer.cli import main; sys.exit(main(['list', 'families']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=240, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_that_progress_without_a_place_to_show_it_is_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    complain("nobody reads this")
    with bar(10, "step", "training") as shown:
        shown.update(3)
        shown.set_postfix_str("epoch 1")


def test_that_json_holds_null_for_what_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": math.nan, "b": [math.inf, (1.5, -math.inf)], "c": {"d": np.float64("nan")}, "e": "NaN"})

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is no JSON")

    assert json.loads(capsys.readouterr().out, parse_constant=refuse) == {
        "a": None,
        "b": [None, [1.5, None]],
        "c": {"d": None},
        "e": "NaN",
    }


@pytest.mark.parametrize("name", ["Ärger über 猫.png", "no\udcfftext.png", "line\nbreak.png"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_that_json_gives_back_every_file_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, encoding: str
) -> None:
    with monkeypatch.context() as patch, open(tmp_path / "out", "w", encoding=encoding) as out:
        patch.setattr(sys, "stdout", out)
        print_json({"image": name})
    lines = (tmp_path / "out").read_text(encoding=encoding).splitlines()
    assert [json.loads(line) for line in lines] == [{"image": name}]


@pytest.mark.parametrize("sign", ["\n", "\r", "\v", "\x85", "\u2028", "\x1b[2J"])
def test_that_a_control_character_in_a_file_name_does_not_split_the_answer(
    answer: Answer, capsys: pytest.CaptureFixture[str], tmp_path: Path, sign: str
) -> None:
    image, out = tmp_path / f"an{sign}image.png", tmp_path / f"a{sign}model.safetensors"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(image)
    (line,) = answer("encode", "digits-vae", image).splitlines()
    assert "image.png  mean (" in line
    assert main(["train", "--dataset", "digits", "--hidden", "4", "--epochs", "1", "--out", str(out)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "model.safetensors  test ELBO" in line
    assert "\x1b" not in line
    assert out.is_file()


def test_that_json_is_written_in_one_place() -> None:
    files = Path(sys.modules[main.__module__].__file__ or "").parent.glob("*.py")
    assert [file.name for file in files if "json.dumps" in file.read_text(encoding="utf-8")] == ["arguments.py"]


def test_that_encode_goes_on_after_a_file_that_is_no_image(
    tiny_model_path: Path, three_images: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", str(tiny_model_path), *three_images]) == 1
    out, err = capsys.readouterr()
    assert [line.split("  mean")[0] for line in out.splitlines()] == [three_images[0], three_images[2]]
    assert err.startswith(f"vae-explorer: {three_images[1]} is no image that can be read")
    assert err.count("\n") == 1


def test_that_the_json_of_encode_names_every_file_in_its_place(
    tiny_model_path: Path, three_images: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", str(tiny_model_path), *three_images, "--json"]) == 1
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["image"] for each in said] == three_images
    assert [set(each) - {"image"} for each in said] == [
        {"mean", "std", "notes"},
        {"error"},
        {"mean", "std", "notes"},
    ]


def test_that_what_the_reader_of_an_image_chose_is_said(
    tiny_model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    black, white = (Image.new("L", (8, 8), grey) for grey in (0, 255))
    black.save(tmp_path / "two.tif", save_all=True, append_images=[white])
    note = "It holds 2 pages or frames; the first is read."
    assert main(["encode", str(tiny_model_path), str(tmp_path / "two.tif")]) == 0
    assert capsys.readouterr().err == f"vae-explorer: {tmp_path / 'two.tif'}: {note}\n"
    words = ["posterior", str(tiny_model_path), str(tmp_path / "two.tif"), "--out", str(tmp_path / "p.png"), "--size", "16"]
    assert main(words) == 0
    assert capsys.readouterr().err == f"vae-explorer: {tmp_path / 'two.tif'}: {note}\n"
    for these in (["encode", *words[1:3]], words):
        assert main([*these, "--json"]) == 0
        out, err = capsys.readouterr()
        assert (json.loads(out)["notes"], err) == ([note], "")


def test_that_an_image_among_bad_files_is_encoded_as_it_is_alone(
    tiny_model_path: Path, three_images: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["encode", str(tiny_model_path), *three_images, "--json"])
    white = json.loads(capsys.readouterr().out.splitlines()[2])
    main(["encode", str(tiny_model_path), three_images[2], "--json"])
    alone = json.loads(capsys.readouterr().out)
    assert white["mean"] == pytest.approx(alone["mean"], abs=1e-5)


def test_that_a_home_folder_is_understood_wherever_a_file_or_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[tuple[str, Any]] = []
    make = argparse.Action.__init__

    def noted(action: argparse.Action, *words: Any, **more: Any) -> None:
        make(action, *words, **more)
        if str(action.metavar).split(".")[0] in {"FILE", "DIR", "IMAGE", "MODEL"}:
            named.append((action.dest, action.type))

    monkeypatch.setattr(argparse.Action, "__init__", noted)
    build_parser()
    assert len(named) > 20
    assert [name for name, kind in named if kind is not place] == []


def test_that_a_picture_is_written_into_the_home_folder(
    answer: Answer, tiny_model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    answer("decode", tiny_model_path, "--z", 0, 0, "--out", "~/f.png")
    answer("encode", tiny_model_path, "~/f.png")
    assert (tmp_path / "f.png").is_file()


@pytest.mark.parametrize("words", ["decode TINY --z 0 0 --out", "encode TINY", "evaluate TINY --data-dir", "train --out"])
def test_that_an_empty_name_is_refused(refusal: Answer, tiny_model_path: Path, words: str) -> None:
    line = refusal(*words.replace("TINY", str(tiny_model_path)).split(), "")
    assert "the name is empty; give the name of a file or folder" in line
