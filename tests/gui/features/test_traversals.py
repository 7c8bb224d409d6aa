"""Traversals on fakes: the points that are decoded, and when."""

from __future__ import annotations

import numpy as np
import pytest

from vae_explorer.codes import Codes
from vae_explorer.gui.core.decode_thread import TRAVERSALS
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.section.state import SectionChoice
from vae_explorer.gui.features.traversals.state import Traversal, Traversals
from vae_explorer.models.model_file import ModelFile

from ..fakes import FakeDecoder, made_images
from ..made import of_five

SPREAD = (0.5, 3.0, 0.7, 2.0, 0.1)  # of the codes: z₂ tells most, then z₄
ORDER = (1, 3, 2, 0, 4)


@pytest.fixture
def part(session: Session, file: ModelFile) -> Traversals:
    """The traversals of a model of five latents, in a panel that is visible."""
    session.show_model(of_five(file))
    part = session.part(Traversals)
    part.set_open(True)
    return part


def shown(part: Traversals) -> Traversal:
    assert part.shown is not None
    return part.shown


def wanted(centre: np.ndarray) -> np.ndarray:
    """One row a latent in ORDER, columns from −3 to 3."""
    rows = np.tile(centre, (5, 7, 1)).astype(np.float32)
    for row, latent in enumerate(ORDER):
        rows[row, :, latent] = [-3, -2, -1, 0, 1, 2, 3]
    return rows.reshape(35, 5)


def test_that_latents_move_around_the_inspected_code(part: Traversals, session: Session) -> None:
    session.inspection.hold(12)
    assert session.model is not None
    z = wanted(session.model.file.codes.mean[12])
    assert shown(part).latents == ORDER
    np.testing.assert_array_equal(shown(part).z, z)
    np.testing.assert_array_equal(shown(part).images, made_images(z))


def test_that_latents_move_around_0_while_other_codes_are_inspected(part: Traversals, session: Session, codes: Codes) -> None:
    session.inspection.set_codes(codes, (), same_data=False)  # as a script sets them
    session.inspection.hold(12)
    np.testing.assert_array_equal(shown(part).z, wanted(np.zeros(5)))


def test_that_a_hidden_panel_decodes_nothing(session: Session, file: ModelFile, decoder: FakeDecoder) -> None:
    session.show_model(of_five(file))
    session.inspection.hold(12)
    assert decoder.keys().count(TRAVERSALS) == 0
    part = session.part(Traversals)
    part.set_open(True)
    part.set_open(False)
    before = decoder.keys().count(TRAVERSALS)
    session.inspection.hold(13)
    session.part(SectionChoice).set_value(0, 1.0)
    assert decoder.keys().count(TRAVERSALS) == before == 1


def test_that_another_section_decodes_nothing_new(part: Traversals, session: Session, decoder: FakeDecoder) -> None:
    session.inspection.hold(12)
    before = decoder.keys().count(TRAVERSALS)
    session.part(SectionChoice).go_to(shown(part).z[3])
    assert decoder.keys().count(TRAVERSALS) == before
    session.inspection.hold(13)
    assert decoder.keys().count(TRAVERSALS) == before + 1


def test_that_images_of_an_earlier_code_are_dropped(part: Traversals, session: Session, decoder: FakeDecoder) -> None:
    decoder.hold()
    session.inspection.hold(12)
    earlier = decoder.newest(TRAVERSALS)
    session.inspection.hold(13)
    decoder.answer(earlier)
    before = part.shown
    decoder.answer(decoder.newest(TRAVERSALS))
    assert session.model is not None
    assert part.shown is not before
    np.testing.assert_array_equal(shown(part).z, wanted(session.model.file.codes.mean[13]))


def test_that_another_model_removes_the_images(part: Traversals, session: Session, file: ModelFile) -> None:
    assert part.shown is not None
    session.show_model(file)
    assert part.shown is None
    assert not part.offered
