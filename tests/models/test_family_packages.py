"""Families that installed packages bring by entry points."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vae_explorer as vx
from tests.packages import FAMILY_GROUP, Install
from tests.templates import install_template
from vae_explorer.cli import main
from vae_explorer.codes import Split
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.families.outside import family_of
from vae_explorer.models.model_file import ModelFileError, read_model_file
from vae_explorer.registry import OpenRegistry
from vae_explorer.training.config import TrainConfig

ROW = (
    "from vae_explorer.models.families.shared import KL, RECONSTRUCTION\n"
    "from vae_explorer.models.spec import Family, Parameter\n"
    "FAMILY = Family('Toy', 'vae_explorer.models.vae:Vae', 'mine', (RECONSTRUCTION, KL))\n"
)
NO_CLASS = ROW.replace("vae_explorer.models.vae:Vae", "toy_of_nobody:Toy")
QUICK = ("--dataset", "digits", "--epochs", "2", "--hidden", "16")


def changed(**fields: str) -> str:
    given = ", ".join(f"{name}={value}" for name, value in fields.items())
    return f"{ROW}from dataclasses import replace\nFAMILY = replace(FAMILY, {given})\n"


@pytest.fixture
def table() -> OpenRegistry[object]:
    table: OpenRegistry[object] = OpenRegistry("model family", FAMILY_GROUP, family_of)
    table.register("vae", FAMILIES["vae"])
    return table


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import torch_of_nobody", "ModuleNotFoundError: No module named 'torch_of_nobody'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("FAMILY = 'vae'", "TypeError: str is no Family"),
        (changed(title="5"), "TypeError: a field of its Family has another type"),
        (changed(minimises="('KL',)"), "TypeError: "),
        (changed(parameters="('beta',)"), "TypeError: a field of its Family has another type"),
        (changed(target="'somewhere'"), "ValueError: its target 'somewhere' is not written 'module:Class'"),
        (changed(bodies="('mlp', 'trees')"), "UserError: unknown body 'trees'; known: "),
        (changed(likelihoods="()"), "ValueError: it names no likelihood"),
        (changed(terms="()"), "ValueError: it has no terms"),
        (changed(learning_rate="0.0"), "ValueError: its learning rate 0.0 is not between 0 and 1"),
        (changed(parameters="(Parameter('k', 'κ', 2.0, 0.0, 1.0, 'Help.'),)"), "ValueError: its parameter 'k' has "),
    ],
)
def test_that_a_family_that_cannot_be_offered_is_one_line(
    code: str, reason: str, install: Install, table: OpenRegistry[object]
) -> None:
    install("toy-x", code, FAMILY_GROUP, toy="toy_x:FAMILY")
    install("good-y", f"{ROW}def make(): return FAMILY\n", FAMILY_GROUP, good="good_y:make", vae="good_y:FAMILY")
    assert list(table) == ["vae", "good"]
    taken, problem = sorted(table.problems(), key=lambda line: "toy-x" in line)
    assert problem.startswith(f"the model family toy of the package toy-x cannot be used ({reason}")
    assert taken == (
        "the model family vae of the package good-y has a name that is taken; choose another name in its entry point"
    )


def test_that_doctor_and_the_other_families_outlive_a_family_that_fails(
    install: Install, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    install("toy-x", "import torch_of_nobody", FAMILY_GROUP, toy="toy_x:FAMILY")
    assert main(["doctor"]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "toy" in line]
    assert line.startswith("problem: the model family toy of the package toy-x cannot be used (ModuleNotFoundError: ")
    assert main(["train", *QUICK, "--out", str(tmp_path / "m.safetensors")]) == 0
    with pytest.raises(UserError, match=r"^unknown model family 'toy'; known: aae, "):
        TrainConfig(family="toy", dataset="digits")


def test_that_a_class_that_cannot_be_imported_is_named(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("toy-x", NO_CLASS, FAMILY_GROUP, toy="toy_x:FAMILY")
    install("toy-y", changed(target="'math:sqrt'"), FAMILY_GROUP, root="toy_y:FAMILY")
    assert main(["train", *QUICK, "--family", "toy"]) == 2
    said = "toy_of_nobody:Toy of the family 'toy' cannot be imported (ModuleNotFoundError: No module named 'toy_of_nobody')"
    assert said in capsys.readouterr().err
    assert main(["train", *QUICK, "--family", "root"]) == 2
    assert "math:sqrt of the family 'root' is no LatentModel; update its package" in capsys.readouterr().err


def test_that_a_parameter_called_like_an_option_leaves_the_option_its_flag(
    install: Install, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    parameter = "Parameter('seed', 'seed', 3.0, 0.0, 9.0, 'Sows 5 % of it.')"
    install("toy-x", changed(parameters=f"({parameter},)"), FAMILY_GROUP, toy="toy_x:FAMILY")
    out = tmp_path / "m.safetensors"
    assert main(["train", *QUICK, "--family", "toy", "--seed", "7", "--out", str(out)]) == 0
    card = read_model_file(out).card
    assert (card.spec.parameters, "--seed 7" in card.command) == ({"seed": 3.0}, True)
    with pytest.raises(SystemExit):
        main(["train", "--help"])


def test_that_a_familys_class_is_not_imported_with_its_row(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_template(install, tmp_path / "site", monkeypatch)
    code = (
        "import sys; from vae_explorer.models.families import FAMILIES; FAMILIES['toy']; print('my_toy.model' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"


def test_that_a_package_is_made_as_the_guide_says(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install_template(install, tmp_path / "site", monkeypatch)
    out = str(tmp_path / "toy.safetensors")
    assert (
        main(
            [
                "train",
                *QUICK,
                "--family",
                "toy",
                "--strength",
                "2",
                "--likelihood",
                "continuous-bernoulli",
                "--out",
                out,
                "--json",
            ]
        )
        == 0
    )
    epochs = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["event"] == "epoch"]
    assert all(math.isfinite(epoch["test_pull"]) for epoch in epochs)
    assert main(["list", "families"]) == 0
    assert "Toy" in capsys.readouterr().out
    model = vx.load(out)
    assert model.card.spec.parameters == {"strength": 2.0}
    assert main(["evaluate", out]) == 0
    pull = float(np.square(model.codes.of_split(Split.TEST).mean).sum(axis=1).mean())
    assert model.card.metrics["pull"] == pytest.approx(pull, rel=1e-3)


def test_that_a_model_file_without_its_package_is_refused_in_one_line(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("toy-x", ROW, FAMILY_GROUP, toy="toy_x:FAMILY")
    out = tmp_path / "m.safetensors"
    assert main(["train", *QUICK, "--family", "toy", "--out", str(out)]) == 0
    assert TrainedModel(read_model_file(out)).decode([0.0, 0.0]).shape == (1, 8, 8)
    FAMILIES.remove("toy")
    monkeypatch.setattr(sys, "path", [place for place in sys.path if not place.endswith("site")])
    FAMILIES.look_again()
    with pytest.raises(ModelFileError, match="unknown model family 'toy'"):
        read_model_file(out)
