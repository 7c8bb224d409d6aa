from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import vae_explorer as vx
from vae_explorer.cli import main
from vae_explorer.models.base import LossTerms
from vae_explorer.models.model_file import read_model_file
from vae_explorer.models.vae import Vae

Answer = Callable[..., str]
QUICK = ("--dataset", "digits", "--hidden", "16", "--batch-size", "300", "--epochs", "2", "--seed", "3")

BEFORE = signal.getsignal(signal.SIGINT)  # which a job in the background may have from its shell


@pytest.fixture
def trained(answer: Answer, tmp_path: Path) -> tuple[Path, list[dict[str, Any]]]:
    """The file that `train --json` wrote, and what it printed."""
    path = tmp_path / "m.safetensors"
    said = answer("train", "--family", "beta-vae", *QUICK, "--beta", "2", "--binarised", "dynamic", "--out", path, "--json")
    return path, [json.loads(line) for line in said.splitlines()]


Trained = tuple[Path, list[dict[str, Any]]]


def test_that_train_prints_one_object_a_line(trained: Trained) -> None:
    path, lines = trained
    assert [line["event"] for line in lines] == ["started", "epoch", "epoch", "finished"]
    assert lines[0] == {"event": "started", "epochs": 2, "steps": 10, "device": "cpu"}
    assert [line["epoch"] for line in lines[1:3]] == [1, 2]
    assert all({"elbo", "reconstruction", "kl", "test_elbo"} <= set(line) for line in lines[1:3])
    assert lines[3]["model"] == str(path)
    assert (lines[3]["stopped"], lines[3]["reason"], lines[3]["binarised"]) == (False, "", "dynamic")


def test_that_the_model_is_saved_with_the_figures_that_were_printed(trained: Trained) -> None:
    path, lines = trained
    card = vx.load(path).card
    told = {f"test_{name}": value for name, value in card.metrics.items()}
    assert told | {f"test_{name}_se": error for name, error in card.errors.items()} == {
        name: value for name, value in lines[-1].items() if name.startswith("test_")
    }
    assert (card.seed, card.binarised, card.spec.hidden, card.spec.parameters) == (
        3,
        "dynamic",
        (16,),
        {"beta": 2.0, "warm_up": 0.0},
    )
    assert os.listdir(path.parent) == [path.name]


def test_that_the_command_on_the_card_trains_the_same_model_again(trained: Trained, answer: Answer, tmp_path: Path) -> None:
    path, _ = trained
    first = read_model_file(path)
    answer(*first.card.command.split()[1:], "--out", tmp_path / "again.safetensors", "--json")
    second = read_model_file(tmp_path / "again.safetensors")
    assert {name: array.tobytes() for name, array in first.weights.items()} == {
        name: array.tobytes() for name, array in second.weights.items()
    }
    assert first.card.command == second.card.command


@pytest.mark.parametrize("dataset", [(), ("--dataset", "digits")])
def test_that_evaluate_gives_the_figures_of_the_training(trained: Trained, answer: Answer, dataset: tuple[str, ...]) -> None:
    path, lines = trained
    figures = json.loads(answer("evaluate", path, *dataset, "--json"))
    health = {"active_units", "kl_by_dimension", "aggregate_mean", "aggregate_std", "information", "marginal_kl"}
    terms = {"elbo", "reconstruction", "kl"}
    errors = {f"{name}_se" for name in {*terms, "knn_accuracy"}}
    assert set(figures) == {"dataset", "knn_accuracy", "n", "likelihood", "binarised"} | terms | health | errors
    assert (figures["dataset"], figures["n"], figures["binarised"]) == ("digits", 360, "dynamic")
    assert figures["elbo"] == pytest.approx(lines[-1]["test_elbo"], rel=1e-6)
    assert figures["elbo_se"] == pytest.approx(lines[-1]["test_elbo_se"], rel=1e-6)


def test_that_evaluate_says_its_unit_and_what_it_measured_on(trained: Trained, answer: Answer) -> None:
    said = answer("evaluate", trained[0])
    assert "360 test images of digits (Bernoulli (BCE), binarised: dynamic)" in said
    assert re.search(r"ELBO −\d+\.\d+ ± 0\.\d+ nats an image\n", said)
    assert re.search(r"5-NN accuracy 0\.\d\d ± 0\.0\d\n", said)


def test_that_a_run_with_a_validation_part_measures_that_part_until_it_ends(answer: Answer, tmp_path: Path) -> None:
    said = answer("train", *QUICK, "--validation", "0.1", "--out", tmp_path / "m.safetensors", "--json")
    *epochs, end = (json.loads(line) for line in said.splitlines() if '"elbo"' in line or '"finished"' in line)
    assert all("validation_elbo" in line and not any(name.startswith("test_") for name in line) for line in epochs)
    card = read_model_file(tmp_path / "m.safetensors").card
    assert (end["test_elbo"], end["validation_elbo"]) == (card.metrics["elbo"], card.validation["elbo"])
    assert "--validation 0.1 " in card.command
    assert card.extra == {"validation_images": 144, "validation_seed": 0}


def test_that_train_shows_its_progress_to_a_person(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    assert main(["train", *QUICK, "--out", str(path)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{path}  test ELBO −")
    assert "(Bernoulli (BCE), binarised: dynamic)" in out
    assert "10/10" in err
    assert "epoch 2/2" in err
    assert read_model_file(path).card.name == "m"


def test_that_a_model_is_saved_under_its_name_where_no_file_is_given(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer("train", *QUICK, "--name", "mine", "--json")
    assert os.listdir() == ["mine.safetensors"]
    assert vx.load("mine.safetensors").card.name == "mine"


def test_that_a_model_of_the_same_name_is_kept_and_the_next_ones_name_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.safetensors").write_bytes(b"the first")
    Path("mine-2.safetensors").write_bytes(b"the second")
    assert main(["train", *QUICK, "--name", "mine", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "there is a mine.safetensors already; saving as mine-3.safetensors\n"
    assert json.loads(out.splitlines()[-1])["model"] == "mine-3.safetensors"
    assert vx.load("mine-3.safetensors").card.name == "mine"
    assert [Path(name).read_bytes() for name in ("mine.safetensors", "mine-2.safetensors")] == [b"the first", b"the second"]


@pytest.mark.parametrize(("out", "name"), [("beta-0.1.safetensors", "beta-0.1"), (" .safetensors", "digits-vae")])
def test_that_a_model_is_called_what_its_file_is(answer: Answer, tmp_path: Path, out: str, name: str) -> None:
    answer("train", *QUICK, "--out", tmp_path / out, "--json")
    assert read_model_file(tmp_path / out).card.name == name


def test_that_a_file_that_is_named_is_written_over(answer: Answer, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(b"the first")
    answer("train", *QUICK, "--out", path, "--json")
    assert vx.load(path).card.name == "mine"
    assert os.listdir(tmp_path) == ["mine.safetensors"]


def test_that_a_run_that_went_wrong_is_saved_and_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = Vae.loss

    def loss(self: Vae, images: torch.Tensor, generator: torch.Generator | None = None) -> LossTerms:
        terms = genuine(self, images, generator)
        return LossTerms(terms.total * torch.inf, terms.terms)

    monkeypatch.setattr(Vae, "loss", loss)
    path = tmp_path / "m.safetensors"
    assert main(["train", *QUICK, "--out", str(path), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])["reason"].startswith("the loss became inf")
    assert err.startswith("vae-explorer: training stopped early: the loss became inf; kept the last finite weights")
    assert err.count("\n") == 1
    assert vx.load(path).decode((0, 0)).shape == (1, 8, 8)


def test_that_ctrl_c_is_left_as_it_was(trained: Trained) -> None:
    assert signal.getsignal(signal.SIGINT) is BEFORE


def test_that_ctrl_c_keeps_what_was_learned(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "vae_explorer",
        "train",
        *QUICK,
        "--epochs",
        "100000",
        "--threads",
        "1",
        "--out",
        "m.safetensors",
        "--json",
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(vx.__file__).parents[1])}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    ) as process:
        try:
            assert process.stdout
            assert any('"epoch"' in line for line in process.stdout)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=240)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, "")
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["stopped"]) == ("finished", True)
    assert vx.load(tmp_path / "m.safetensors").card.metrics["elbo"] == last["test_elbo"]
