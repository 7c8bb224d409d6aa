"""Every family in the table trains, is saved, is loaded, and answers; so does one that is not in it yet."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vae_explorer as vx
from tests.readme import GUIDE, snippets
from vae_explorer.cli import main
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evaluation import evaluate
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import Binarised, Optimiser
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.families.shared import KL, RECONSTRUCTION
from vae_explorer.models.formula import FormulaTerm
from vae_explorer.models.model_file import read_model_file, write_model_file
from vae_explorer.models.spec import Family, Parameter
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import EpochDone, Finished
from vae_explorer.training.usual import takes_binary

Run = Callable[..., tuple[list[Any], Finished]]
Z = np.array([[0.0, 0.0], [0.5, -1.0], [-2.0, 1.5]], np.float32)
COMBINATIONS = [
    (name, body, likelihood) for name in FAMILIES for body in FAMILIES[name].bodies for likelihood in FAMILIES[name].likelihoods
]


@pytest.mark.parametrize("family", list(FAMILIES))
def test_that_a_family_trains_and_comes_back_from_its_file(family: str, run: Run, tmp_path: Path) -> None:
    config = TrainConfig(family=family, dataset="digits", epochs=3, seed=0, storage="half")
    events, last = run(config)
    losses = [event.train["loss"] for event in events if isinstance(event, EpochDone)]
    assert all(math.isfinite(loss) for loss in losses)
    assert losses[-1] < losses[0]
    write_model_file(tmp_path / "m.safetensors", last.model)
    model, back = TrainedModel(last.model), TrainedModel(read_model_file(tmp_path / "m.safetensors"))
    for switches in [(), *((switch.name,) for switch in FAMILIES[family].switches)]:
        assert np.array_equal(model.decode_uint8(Z, switches=switches), back.decode_uint8(Z, switches=switches))
    figures = evaluate(back, load_dataset("digits", Fetching(Path("unused"))), samples=1)
    assert set(FAMILIES[family].terms) <= set(figures)
    assert all(math.isfinite(figures[name]) for name in FAMILIES[family].terms)
    assert set(FAMILIES[family].terms) <= set(last.model.card.metrics)


@pytest.mark.parametrize("latents", [1, 5])
@pytest.mark.parametrize("family", [name for name in FAMILIES if not FAMILIES[name].plane_only])
def test_that_a_family_trains_with_another_number_of_latents(family: str, latents: int, run: Run, tmp_path: Path) -> None:
    last = run(TrainConfig(family=family, dataset="digits", epochs=2, seed=0, hidden=(16,), latent_dim=latents))[1]
    write_model_file(tmp_path / "m.safetensors", last.model)
    model = TrainedModel(read_model_file(tmp_path / "m.safetensors"))
    assert model.codes.mean.shape[1] == latents
    z = np.linspace(-1, 1, 3 * latents).reshape(3, latents)
    assert np.array_equal(model.decode(z), TrainedModel(last.model).decode(z))
    figures = evaluate(model, load_dataset("digits", Fetching(Path("unused"))), samples=1)
    assert all(math.isfinite(figures[name]) for name in FAMILIES[family].terms)


@pytest.mark.parametrize("family", [name for name in FAMILIES if FAMILIES[name].conditional])
def test_that_a_conditional_family_decodes_one_class_or_a_mixture(family: str, run: Run) -> None:
    model = TrainedModel(run(TrainConfig(family=family, dataset="digits", epochs=3))[1].model)
    as_three, as_seven = model.decode(Z, 3), model.decode(Z, 7)
    assert not np.array_equal(as_three, as_seven)
    one_hot = np.eye(10, dtype=np.float32)
    assert np.array_equal(as_three, model.decode(Z, one_hot[3]))
    assert np.array_equal(as_seven[1:2], model.decode(Z[1:2], one_hot[7]))
    between = model.decode(Z, 0.5 * (one_hot[3] + one_hot[7]))
    assert not np.array_equal(between, as_three)
    assert not np.array_equal(between, as_seven)
    with pytest.raises(vx.UserError, match="there is no class 10; choose 0 to 9"):
        model.decode(Z, 10)


@pytest.mark.exhaustive
@pytest.mark.parametrize("optimiser", Optimiser)
@pytest.mark.parametrize(("family", "body", "likelihood"), COMBINATIONS)
def test_that_every_combination_stays_finite(family: str, body: str, likelihood: str, optimiser: str, run: Run) -> None:
    if optimiser is Optimiser.MUON and FAMILIES[family].is_game:
        pytest.skip("a game is Adam's")
    for binarised in (Binarised.NONE, Binarised.DYNAMIC) if takes_binary(family, likelihood) else (Binarised.NONE,):
        choice = {"family": family, "body": body, "likelihood": likelihood, "binarised": binarised, "optimiser": optimiser}
        events, last = run(TrainConfig(dataset="digits", epochs=3, seed=0, **choice))
        assert not last.reason
        values = [
            value for event in events if isinstance(event, EpochDone) for value in (event.train | event.measured).values()
        ]
        assert all(math.isfinite(value) for value in values)


@pytest.mark.exhaustive
@pytest.mark.real_data
@pytest.mark.timeout(600)
@pytest.mark.parametrize("family", list(FAMILIES))
def test_that_three_times_the_learning_rate_trains_or_says_why_not(family: str, run: Run) -> None:
    rate = 3 * FAMILIES[family].learning_rate
    binarised = Binarised.DYNAMIC if takes_binary(family, FAMILIES[family].likelihoods[0]) else Binarised.NONE
    _, last = run(TrainConfig(family=family, dataset="mnist", epochs=1, learning_rate=rate, binarised=binarised))
    assert all(np.isfinite(array).all() for array in last.model.weights.values())
    assert last.reason or all(math.isfinite(value) for value in last.model.card.metrics.values())


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_tables: None) -> str:
    """One new file and one line in the table, as the README says."""
    made, line = snippets("A family of your own")
    parameter = re.search(r"`STRENGTH = (Parameter\(.*?\))`", GUIDE["extending"])
    assert parameter is not None
    (tmp_path / "toy.py").write_text(f"from vae_explorer.models.vae import Vae\n\n\n{made}", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "toy", raising=False)
    terms = {"RECONSTRUCTION": RECONSTRUCTION, "KL": KL, "FormulaTerm": FormulaTerm}
    names = {"Family": Family, "Parameter": Parameter, "VAES": FAMILIES, "HOME": "", **terms}  # FAMILIES was made from VAES
    exec(f"STRENGTH = {parameter[1]}\n{line}", names)
    return "toy"


def test_that_a_new_family_takes_one_file_and_one_line(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "toy.safetensors")
    words = ["--family", toy, "--dataset", "digits", "--epochs", "2", "--strength", "2", "--out", out, "--json"]
    assert main(["train", *words]) == 0
    epochs = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["event"] == "epoch"]
    assert all(math.isfinite(epoch["test_pull"]) for epoch in epochs)
    assert main(["list", "families"]) == 0
    assert "Toy" in capsys.readouterr().out
    assert main(["evaluate", out]) == 0
    assert "pull" in capsys.readouterr().out
    assert vx.load(out).card.spec.parameters == {"strength": 2.0}
    assert vx.load(out).decode(Z).shape == (3, 8, 8)
