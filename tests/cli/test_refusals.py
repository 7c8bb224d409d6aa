"""Bad arguments and bad files: one line on stderr that names the thing, exit status 2, no traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vae_explorer import __version__
from vae_explorer.cli import COMMANDS, command, main

Refusal = Callable[..., str]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("decode", "the following arguments are required: MODEL, --z, --out"),
        ("decode TINY --out f.png", "required: --z"),
        ("decode TINY --z --out f.png", "argument --z: expected at least one argument"),
        ("decode TINY --z one two --out f.png", "argument --z: invalid finite value: 'one'"),
        ("decode TINY --z nan 0 --out f.png", "argument --z: nan is not a finite number"),
        ("decode TINY --z 0 inf --out f.png", "argument --z: inf is not a finite number"),
        ("decode TINY --z 0 1e999 --out f.png", "1e999 is not a finite number"),
        ("decode TINY --z 0 0 --out f.png --nonsense", "unrecognized arguments: --nonsense"),
        ("encode TINY", "required: IMAGE"),
        (
            "interpolate TINY --start 0 0 --end 1 1 --frames 1 --out f.gif",
            "argument --frames: 1 is out of range; choose 2 to 120",
        ),
        ("interpolate TINY --start 0 0 --end 1 1 --frames 121 --out f.gif", "121 is out of range"),
        ("interpolate TINY --start 0 0 --end 1 1 --frames 2.5 --out f.gif", "'2.5' is no whole number"),
        ("manifold TINY --grid 0 --out f.png", "argument --grid: 0 is out of range; choose 1 to 100"),
        ("manifold TINY --grid 101 --out f.png", "101 is out of range"),
        ("train --epochs 0", "argument --epochs: 0 is out of range"),
        ("train --epochs many", "argument --epochs: 'many' is no whole number"),
        ("train --batch-size -1", "argument --batch-size: -1 is out of range"),
        ("train --learning-rate fast", "argument --learning-rate: invalid float value: 'fast'"),
        ("train --binarised maybe", "argument --binarised: invalid choice: 'maybe'"),
        ("train --beta high", "argument --beta: invalid float value: 'high'"),
        ("train --hidden", "argument --hidden: expected at least one argument"),
        ("list", "required: what"),
        ("list everything", "argument what: invalid choice: 'everything'"),
        ("--nonsense", "unrecognized arguments: --nonsense"),
    ],
)
def test_that_bad_arguments_are_refused_in_one_line(refusal: Refusal, tiny_model_path: Path, words: str, message: str) -> None:
    line = refusal(*words.replace("TINY", str(tiny_model_path)).split())
    assert message in line
    assert "--help'" in line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("decode nothing --z 0 0 --out f.png", "there is no model or file 'nothing'; pretrained: "),
        ("decode FOLDER --z 0 0 --out f.png", "is a folder and no model"),
        ("decode BAD --z 0 0 --out f.png", "bad.safetensors is not a whole .safetensors file"),
        ("decode TINY --z 1e39 0 --out f.png", "latent points must be finite numbers"),
        ("decode TINY --z 0 0 --out f.jpg", "cannot write f.jpg: the file's name must end in .png"),
        ("decode TINY --z 0 0 --out no/where/f.png", "the folder no/where does not exist; create it first"),
        ("decode TINY --z 0 0 --out LONG.png", "File name too long"),
        ("encode TINY nothing.png", "there is no image file nothing.png"),
        ("encode TINY BAD", "bad.safetensors is no image that can be read"),
        ("encode TINY FOLDER", "cannot be read as an image"),
        ("interpolate TINY --start 0 0 --end 1 1 --out f.mp4", "must end in .apng or .gif or .png or .webp"),
        ("manifold BAD --out f.png", "bad.safetensors is not a whole"),
        ("evaluate BAD", "bad.safetensors is not a whole"),
        ("evaluate TINY --dataset cifar", "unknown data set 'cifar'; known: "),
        ("evaluate TINY --dataset mnist", "this data set's images are 28×28, the model's are 8×8"),
        ("train --dataset cifar", "unknown data set 'cifar'"),
        ("train --family dragon", "unknown model family 'dragon'; known: "),
        ("train --body trunk", "unknown body 'trunk'; known: conv, gru, mlp"),
        ("train --family recurrent-vae --activation relu", "body 'gru' has gates in place of an activation"),
        ("train --sigma 0.2", "has no parameter 'sigma'; known: warm_up; likelihood gaussian has it"),
        ("train --hidden 16 0", "hidden width 0 is out of range"),
        ("train --hidden -4", "hidden width -4 is out of range"),
        ("train --batch-size 5000", "batch size 5000 is more than the 1,437 training images of digits; choose at most 1437"),
        ("train --learning-rate 0", "learning rate 0 is out of range"),
        ("train --learning-rate -1e-3", "learning rate -0.001 is out of range"),
        ("train --learning-rate nan", "learning rate nan is out of range"),
        ("train --family beta-vae --beta -1", "beta -1 is out of range"),
        ("train --family iwae --draws 4.6", "draws 4.6 is no whole number; choose 4 or 5"),
        ("train --seed -1", "seed -1 is out of range"),
        ("train --device nonsense --json", "this machine has no device 'nonsense'; choose cpu or auto"),
        ("train --out FOLDER", "it is a folder; name a file"),
        ("train --out x.pt", "cannot write x.pt: a model's file must end in .safetensors; name it x.safetensors"),
        ("train --out LONG.safetensors", "File name too long"),
        ("train --name LONG", "File name too long"),
        ("train --out no/where/m.safetensors", "the folder no/where does not exist; create it first"),
    ],
)
def test_that_what_cannot_be_done_is_refused_in_one_line(
    refusal: Refusal, tiny_model_path: Path, tmp_path: Path, words: str, message: str
) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"garbage, and more of it")
    names = {"TINY": tiny_model_path, "FOLDER": tmp_path, "BAD": bad, "LONG": "x" * 300}
    for name, path in names.items():
        words = words.replace(name, str(path))
    assert message in refusal(*words.split())


@pytest.mark.parametrize(
    "words",
    [
        "decode nothing --z 0 0",
        "interpolate nothing --start 0 0 --end 1 1",
        "manifold nothing",
        "posterior nothing nothing.png",
        "screenshot nothing",
    ],
)
def test_that_the_place_of_a_picture_is_tried_before_the_work_begins(refusal: Refusal, tmp_path: Path, words: str) -> None:
    """The model, which is not there, is looked for after it."""
    os.mkfifo(tmp_path / "pipe.png")
    for name, why in (
        ("pipe.png", "it is a named pipe; name a file"),
        ("no/f.png", "does not exist"),
        ("f.doc", "must end in"),
    ):
        line = refusal(*words.split(), "--out", tmp_path / name)
        assert line.startswith(f"vae-explorer: cannot write {tmp_path / name}: ")
        assert why in line


def test_that_an_interrupted_command_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command("list"), "run", interrupt)
    assert main(["list", "models"]) == 130
    assert capsys.readouterr().err == "vae-explorer: stopped\n"


def test_that_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"vae-explorer {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_that_every_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    out = capsys.readouterr().out
    assert f"usage: vae-explorer {name}" in out
    assert len(out.splitlines()) > 3


@pytest.mark.parametrize(
    ("argv", "model"),
    [([], "mnist-vae"), (["digits-vae"], "digits-vae"), (["--theme", "dark"], "mnist-vae"), (["explore", "x"], "x")],
)
def test_that_without_a_command_a_model_is_explored(monkeypatch: pytest.MonkeyPatch, argv: list[str], model: str) -> None:
    asked: list[str] = []
    monkeypatch.setattr(command("explore"), "run", lambda args: asked.append(args.model) or 0)
    assert main(argv) == 0
    assert asked == [model]


@pytest.mark.parametrize("words", [["encode", "digits-vae", "a" * 50_000], ["train", "--epochs", "b" * 50_000], ["c" * 50_000]])
def test_that_an_argument_of_any_length_gives_one_line_that_can_be_read(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = main(words)
    except SystemExit as error:
        status = error.code
    assert status == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("vae-explorer")
    assert len(line) <= 1000
