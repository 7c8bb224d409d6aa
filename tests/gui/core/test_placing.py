"""Data ▸ Show codes of…: the images of a data set on the map of an own model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.gui.fakes import FakeWork
from vae_explorer.gui.core.placing import fitting, has_encoder
from vae_explorer.gui.core.session import Session
from vae_explorer.inference.own import model_of
from vae_explorer.models.model_file import ModelFile

JOB = "place images"


def decode(z: np.ndarray) -> np.ndarray:
    return np.full((len(z), 8, 8), 0.5, np.float32)


def encode(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1)[:, 20:22]


@pytest.fixture
def own() -> ModelFile:
    """A model of two functions, without images."""
    return model_of(decode, encode).file


def test_that_the_codes_of_a_data_set_are_shown(session: Session, work: FakeWork, own: ModelFile, tmp_path: Path) -> None:
    model = session.show_model(own)
    assert has_encoder(model)
    assert "digits" in fitting(model, tmp_path)
    assert "mnist" not in fitting(model, tmp_path)
    session.placing.place(model, "digits", tmp_path)
    work.run(JOB)
    shown = session.model
    assert shown is not None
    assert (len(shown.file.codes), shown.card.dataset, session.has_images) == (1797, "digits", True)
    image = session.inspection.image_of(300)[0]
    assert image is not None
    np.testing.assert_allclose(shown.file.codes.mean[300], image.ravel()[20:22] / 255, atol=1e-6)


def test_that_codes_of_an_older_model_are_not_shown(
    session: Session, work: FakeWork, own: ModelFile, file: ModelFile, tmp_path: Path
) -> None:
    model = session.show_model(own)
    session.placing.place(model, "digits", tmp_path)
    session.show_model(file)
    work.run(JOB)
    assert session.model is not None
    assert session.model.file is file


def test_that_other_models_place_no_images(session: Session) -> None:
    assert not has_encoder(session.model)
    assert not has_encoder(session.show_model(model_of(decode).file))
    assert not has_encoder(None)


def test_that_a_failing_encoder_is_said(session: Session, work: FakeWork, problems: list[str], tmp_path: Path) -> None:
    def fails_later(images: np.ndarray) -> np.ndarray:
        if len(images) > 100:
            raise ValueError("too many")
        return encode(images)

    session.placing.place(session.show_model(model_of(decode, fails_later).file), "digits", tmp_path)
    work.run(JOB)
    (said,) = problems
    assert "too many" in said
