"""The code under inspection below the window: hovered, pinned, or the last one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.gui.fakes import FakeDecoder, FakeWork, made_images
from tests.gui.made import SAVED, of_family, without_codes
from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core.decode_thread import INSPECT
from vae_explorer.gui.core.inspection import InspectedCode, Inspection, KeptInspection
from vae_explorer.gui.core.session import Session
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def inspection(session: Session, work: FakeWork) -> Inspection:
    """The inspection, with the images at hand."""
    work.run("images")
    return session.inspection


def current(inspection: Inspection) -> InspectedCode:
    assert inspection.current is not None
    return inspection.current


def test_that_a_code_comes_with_its_name_image_and_reconstruction(
    inspection: Inspection, codes: Codes, images: Dataset
) -> None:
    first_test = int(np.flatnonzero(codes.split == Split.TEST)[0])
    inspection.hover(first_test + 17)
    code = current(inspection)
    assert (code.name, code.place, code.label) == ("test #17", 17, str(codes.label[code.index]))
    assert (code.mean, code.std) == (tuple(codes.mean[code.index].tolist()), tuple(codes.std[code.index].tolist()))
    np.testing.assert_array_equal(code.original, images.test.images[17])
    assert code.split_images is images.test.images
    np.testing.assert_array_equal(code.reconstruction, made_images(codes.mean[code.index][None])[0])


def test_that_the_hovered_code_comes_before_the_pinned_one_and_the_last_one_stays(inspection: Inspection) -> None:
    inspection.hover(9)
    inspection.hover(None)
    assert (current(inspection).index, current(inspection).hovered) == (9, False)
    inspection.hover(9)
    assert current(inspection).hovered
    inspection.pin(3)
    assert (current(inspection).index, current(inspection).pinned) == (3, True)
    inspection.hover(9)
    assert (current(inspection).index, current(inspection).pinned) == (9, False)
    assert inspection.held is not None
    assert (inspection.held.index, inspection.held.pinned) == (3, True)
    inspection.hover(None)
    assert current(inspection).index == 3


def test_that_pinning_again_lets_go_and_holding_again_does_not(inspection: Inspection) -> None:
    told: list[bool] = []
    inspection.code_pinned.connect(lambda: told.append(True))
    for pinned in (3, None):
        inspection.pin(3)
        assert inspection.pinned == pinned
    assert len(told) == 1
    for _ in range(2):
        inspection.hold(3)
        assert inspection.pinned == 3
    assert len(told) == 3


def test_that_the_reconstruction_before_stays_until_the_next_one_comes(inspection: Inspection, decoder: FakeDecoder) -> None:
    inspection.hover(3)
    before = current(inspection).reconstruction
    decoder.hold()
    inspection.hover(9)
    first = decoder.newest(INSPECT)
    assert current(inspection).reconstruction is before
    inspection.hover(11)
    decoder.answer(first)  # which nobody waits for any more
    assert current(inspection).reconstruction is before
    decoder.answer(decoder.newest(INSPECT))
    assert current(inspection).reconstruction is not before


def test_that_a_reconstruction_is_of_the_image_and_its_own_class(
    session: Session, inspection: Inspection, decoder: FakeDecoder, file: ModelFile, codes: Codes
) -> None:
    session.show_model(of_family(file, "cvae"), SAVED)
    session.options.set_label(7)
    inspection.hover(9)
    request = decoder.newest(INSPECT)
    assert request.image is current(inspection).original
    np.testing.assert_array_equal(request.condition, np.eye(10)[[codes.label[9]]])


def test_that_a_code_without_its_image_is_decoded_from_z_alone(session: Session, work: FakeWork, decoder: FakeDecoder) -> None:
    session.inspection.hover(9)
    assert current(session.inspection).original is None
    assert decoder.newest(INSPECT).image is None
    assert session.inspection.examples is None
    work.run("images")
    assert current(session.inspection).original is not None
    assert decoder.newest(INSPECT).image is current(session.inspection).original


def test_that_another_model_of_the_same_images_keeps_the_code(
    session: Session, inspection: Inspection, decoder: FakeDecoder, file: ModelFile
) -> None:
    inspection.hold(9)
    moved = replace(file.codes, mean=file.codes.mean + np.float32(1))
    session.show_model(replace(file, codes=moved), SAVED)
    assert (inspection.pinned, current(inspection).index) == (9, 9)
    assert current(inspection).mean == tuple(moved.mean[9].tolist())
    assert decoder.newest(INSPECT).revision == 1


@pytest.mark.parametrize("kind", ["other data", "fewer codes", "no codes"])
def test_that_an_index_of_other_codes_is_dropped(session: Session, inspection: Inspection, file: ModelFile, kind: str) -> None:
    inspection.hold(len(file.codes) - 1)
    few = Codes(*(array[:5] for array in (file.codes.mean, file.codes.std, file.codes.label, file.codes.split)))
    other = {
        "other data": replace(file, card=replace(file.card, dataset="fashion-mnist")),
        "fewer codes": replace(file, codes=few),
        "no codes": without_codes(file),
    }[kind]
    changes: list[Any] = []
    inspection.changed.connect(changes.append)
    session.show_model(other, SAVED)
    assert inspection.pinned is None
    assert changes[-1] is inspection.current is None


def test_that_examples_are_of_the_split_of_the_code(inspection: Inspection, codes: Codes, images: Dataset) -> None:
    assert inspection.examples is images.test.images
    inspection.hover(int(np.flatnonzero(codes.split == Split.TRAIN)[0]))
    assert inspection.examples is images.train.images


def test_that_a_record_survives_json_and_pins_no_code_of_other_data(inspection: Inspection) -> None:
    inspection.hold(9)
    kept = inspection.kept()
    assert KeptInspection.from_json(json.loads(json.dumps(kept.as_json()))) == kept
    inspection.pin(9)
    inspection.take_back(replace(kept, codes=kept.codes - 1))
    assert inspection.pinned is None
    inspection.take_back(kept)
    assert (inspection.pinned, current(inspection).index) == (9, 9)
    inspection.take_back(replace(kept, pinned=None))
    assert inspection.pinned is None
