"""Many images on several threads give what one engine gives of them."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from vae_explorer import locations
from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.results import Rows, gathered
from vae_explorer.inference.evidence.workers import shared_out
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import Binarised
from vae_explorer.models.measure import measured_images


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return vx.load("digits-vae")


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    part = load_dataset("digits", Fetching(locations.data(), download=False)).test
    return measured_images(part.images, Binarised.DYNAMIC).numpy().reshape(-1, 8, 8)


@pytest.mark.parametrize("threads", [1, 3])
def test_that_threads_find_what_one_engine_finds(model: TrainedModel, images: np.ndarray, threads: int) -> None:
    parts = list(shared_out(model, images, None, lambda engine, rows: engine.log_evidence(images[rows]), threads))
    assert len(parts) > 1
    assert gathered(parts).log_evidence == pytest.approx(EvidenceEngine(model).log_evidence(images).log_evidence, abs=1e-4)


def test_that_each_image_keeps_its_class() -> None:
    conditional, label = small_model("cvae"), np.array([3, 0, 3, 9])
    images = some_images(conditional)
    parts = shared_out(conditional, images, label, lambda engine, rows: engine.log_evidence(images[rows], label[rows]), 2)
    wanted = [
        EvidenceEngine(conditional).log_evidence(image, [one]).log_evidence[0] for image, one in zip(images, label, strict=True)
    ]
    assert gathered(list(parts)).log_evidence == pytest.approx(wanted, abs=1e-6)


def test_that_an_error_in_a_thread_is_raised_where_the_answers_are_read(model: TrainedModel, images: np.ndarray) -> None:
    def work(engine: EvidenceEngine, rows: Rows) -> None:
        raise IndexError("of the work itself")

    before = set(threading.enumerate())
    with pytest.raises(IndexError, match="of the work itself"):
        list(shared_out(model, images, None, work, 2))
    assert set(threading.enumerate()) <= before  # a thread of another test may have ended meanwhile


def test_that_threads_stop(model: TrainedModel, images: np.ndarray) -> None:
    before, asked = set(threading.enumerate()), threading.Event()
    found = shared_out(model, images, None, lambda engine, rows: engine.log_evidence(images[rows]), 2, asked.is_set)
    next(found)
    asked.set()
    with pytest.raises(Cancelled):
        list(shared_out(model, images, None, lambda engine, rows: engine.log_evidence(images[rows]), 2, asked.is_set))
    found.close()
    assert set(threading.enumerate()) <= before  # a thread of another test may have ended meanwhile


def test_that_no_images_are_refused(model: TrainedModel) -> None:
    with pytest.raises(vx.UserError, match="there are no images"):
        gathered(
            list(shared_out(model, np.zeros((0, 8, 8), np.float32), None, lambda engine, rows: engine.log_evidence([]), 2))
        )
