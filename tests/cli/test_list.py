from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import vae_explorer as vx
from tests.unchecked import write_unchecked
from vae_explorer import locations
from vae_explorer.data.sources import DATASETS
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.model_file import read_model_file

Answer = Callable[..., str]


@pytest.mark.parametrize(("what", "registry"), [("datasets", DATASETS), ("families", FAMILIES)])
def test_that_every_registered_thing_is_listed(answer: Answer, what: str, registry: object) -> None:
    names = list(registry)  # type: ignore[call-overload]
    assert [row["name"] for row in json.loads(answer("list", what, "--json"))] == names
    assert [line.split()[0] for line in answer("list", what).splitlines()] == names


def test_that_a_data_set_is_listed_with_its_size(answer: Answer) -> None:
    rows = {row["name"]: row for row in json.loads(answer("list", "datasets", "--json"))}
    assert (rows["digits"]["train"], rows["digits"]["test"], rows["digits"]["image"]) == (1437, 360, "8×8")
    assert (rows["mnist"]["train"], rows["mnist"]["test"], rows["mnist"]["image"]) == (60000, 10000, "28×28")


def test_that_models_are_listed_with_their_figures_and_files(answer: Answer, tiny_model_path: Path) -> None:
    locations.runs().mkdir()
    run = Path(shutil.copy(tiny_model_path, locations.runs() / "mine-1.safetensors"))
    rows = {row["name"]: row for row in json.loads(answer("list", "models", "--json"))}
    assert list(rows) == vx.list_models()
    assert rows["mnist-vae"]["kind"] == "pretrained"
    card = vx.load(run).card
    elbo = round(card.metrics["elbo"], 2)
    assert rows["mine-1"] == {
        "name": "mine-1",
        "kind": "run",
        "family": "vae",
        "dataset": "digits",
        "test_elbo": elbo,
        "test": f"ELBO −{-card.metrics['elbo']:.2f} ± {card.errors['elbo']:.2f} nats an image",
        "measured": "Bernoulli (BCE), binarised: dynamic",
        "file": str(run),
    }


def test_that_a_damaged_run_does_not_hide_the_others(answer: Answer) -> None:
    locations.runs().mkdir()
    (locations.runs() / "broken-1.safetensors").write_bytes(b"broken")
    rows = {row["name"]: row["kind"] for row in json.loads(answer("list", "models", "--json"))}
    assert rows["broken-1"] == "unreadable"
    assert rows["mnist-vae"] == "pretrained"
    assert any(line.startswith("broken-1") and "unreadable" in line for line in answer("list", "models").splitlines())


@pytest.mark.parametrize("changes", [{"family": "dragon"}, {"likelihood": "poisson"}], ids=str)
def test_that_a_run_of_what_nobody_knows_does_not_hide_the_others(
    answer: Answer, tiny_model_path: Path, changes: dict[str, str]
) -> None:
    locations.runs().mkdir()
    file = read_model_file(tiny_model_path)
    spec = replace(file.card.spec, **changes)
    write_unchecked(locations.runs() / "later-1.safetensors", replace(file, card=replace(file.card, spec=spec)))
    rows = {row["name"]: row["kind"] for row in json.loads(answer("list", "models", "--json"))}
    assert rows["later-1"] == "unreadable"
    assert rows["mnist-vae"] == "pretrained"


def test_that_without_any_model_the_list_is_empty(answer: Answer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(locations, "pretrained", lambda: tmp_path / "none")
    assert answer("list", "models") == ""
    assert json.loads(answer("list", "models", "--json")) == []
