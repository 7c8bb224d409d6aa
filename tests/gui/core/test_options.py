"""The options of decoding below the window: the class, the switches, and the requests that carry them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.gui.fakes import FakeDecoder
from tests.gui.made import SAVED, of_family
from vae_explorer.gui.core.decode_thread import CURSOR, INSPECT, PATH
from vae_explorer.gui.core.options import DecodeOptions, KeptOptions
from vae_explorer.gui.core.session import Session
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def options(session: Session) -> DecodeOptions:
    return session.options


@pytest.fixture
def changes(options: DecodeOptions) -> list[bool]:
    changes: list[bool] = []
    options.changed.connect(lambda: changes.append(True))
    return changes


def test_that_a_class_is_one_that_the_model_has(
    session: Session, options: DecodeOptions, changes: list[bool], file: ModelFile
) -> None:
    options.set_label(3)
    assert options.label == 0  # the digits model is told none
    session.show_model(of_family(file, "cvae"), SAVED)
    for label in (3, 3, 10, -1):
        options.set_label(label)
    assert (options.classes, options.label, len(changes)) == (10, 3, 1)
    session.show_model(file, SAVED)
    assert (options.classes, options.label) == (0, 0)


def test_that_a_switch_goes_with_its_family(
    session: Session, options: DecodeOptions, changes: list[bool], file: ModelFile
) -> None:
    session.show_model(of_family(file, "hierarchical-vae"), SAVED)
    for _ in range(2):
        options.set_switch("lower_sampled", True)
    assert (options.switches, len(changes)) == ({"lower_sampled"}, 1)
    assert options.request(CURSOR, np.zeros((1, 2), np.float32)).switches == {"lower_sampled"}
    session.show_model(file, SAVED)
    assert options.switches == frozenset()


def test_that_another_class_is_asked_for_everywhere(session: Session, decoder: FakeDecoder, file: ModelFile) -> None:
    session.show_model(of_family(file, "cvae"), SAVED)
    session.inspection.hold(3)
    for z in ((0.0, 0.0), (1.0, 1.0)):
        session.workspace.path.click(z)
    asked = len(decoder.requests)
    session.options.set_label(7)
    conditions = {request.key: request.condition for request in decoder.requests[asked:]}
    assert set(conditions) == {CURSOR, INSPECT, PATH}
    for key in (CURSOR, PATH):
        assert conditions[key][0].argmax() == 7


def test_that_a_record_survives_json_and_comes_back_as_far_as_the_model_has_it(
    session: Session, options: DecodeOptions, file: ModelFile
) -> None:
    session.show_model(of_family(file, "cvae"), SAVED)
    options.set_label(7)
    kept = options.kept()
    assert KeptOptions.from_json(json.loads(json.dumps(kept.as_json()))) == kept
    options.set_label(2)
    options.take_back(kept)
    assert options.label == 7
    session.show_model(of_family(file, "hierarchical-vae"), SAVED)
    options.take_back(KeptOptions(7, ("lower_sampled", "nothing")))
    assert (options.label, options.switches) == (0, {"lower_sampled"})
    options.take_back(KeptOptions(0, ()))
    assert options.switches == frozenset()
