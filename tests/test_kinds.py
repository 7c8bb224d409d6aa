"""Kinds are compared by identity, and written as words of the files and commands that they come from."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace

import pytest

import vae_explorer as vx
from vae_explorer import kinds
from vae_explorer.errors import UserError
from vae_explorer.kinds import Binarised, Optimiser, Storage, Word
from vae_explorer.models.card import ModelCard
from vae_explorer.training.config import TrainConfig

MEMBERS = [member for kind in Word.__subclasses__() if kind.__module__ == kinds.__name__ for member in kind]


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_that_a_kind_is_written_as_its_word(member: Word) -> None:
    assert f"{member}" == str(member) == member.value == f"{member:s}"
    assert json.loads(json.dumps({member: [member]})) == {member.value: [member.value]}
    assert {member.value: 1}[member] == 1


@pytest.mark.parametrize("member", MEMBERS, ids=repr)
def test_that_a_kind_is_itself_after_a_journey(member: Word) -> None:
    assert pickle.loads(pickle.dumps(member)) is copy.deepcopy(member) is type(member)(member.value) is member
    assert getattr(kinds, type(member).__name__) is type(member)


@pytest.mark.parametrize("binarised", Binarised)
def test_that_a_card_is_read_with_kinds(binarised: Binarised) -> None:
    written = replace(vx.load("mnist-vae").card, binarised=binarised).to_json()
    assert json.loads(written)["binarised"] == binarised.value
    assert ModelCard.from_json(written).binarised is binarised


def test_that_a_run_takes_words_and_keeps_kinds() -> None:
    config = TrainConfig(binarised="none", storage="half", optimiser="muon")  # type: ignore[arg-type]
    assert config.binarised is Binarised.NONE
    assert config.storage is Storage.HALF
    assert config.optimiser is Optimiser.MUON
    assert TrainConfig().binarised is Binarised.DYNAMIC


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"binarised": "once"}, "unknown binarisation 'once'; known: dynamic, none"),
        ({"storage": "third"}, "unknown storage 'third'; known: full, half"),
        ({"optimiser": "sgd"}, "unknown optimiser 'sgd'; known: adam, muon"),
    ],
)
def test_that_an_unknown_word_is_named_with_the_known_ones(changes: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        TrainConfig(**changes)  # type: ignore[arg-type]
    assert str(caught.value) == message
