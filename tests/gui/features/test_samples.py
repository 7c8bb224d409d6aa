"""The samples below the window: points, images and noise, and which answers count."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.gui.fakes import FakeDecoder, made_images
from tests.gui.made import of_family
from vae_explorer.codes import Codes
from vae_explorer.gui.core.decode_thread import POSTERIOR_DRAWS, PRIOR_DRAWS
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.samples.state import PosteriorDraws, Samples
from vae_explorer.latent.sampling import NOISE_REACH
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def samples(session: Session) -> Samples:
    samples = session.part(Samples)
    samples.set_open(True)
    return samples


def posterior(samples: Samples) -> PosteriorDraws:
    assert samples.posterior is not None
    return samples.posterior


def test_that_points_of_the_prior_come_with_their_images(samples: Samples) -> None:
    samples.draw()
    assert len(samples.prior.z) == samples.count
    assert samples.prior.images is not None
    np.testing.assert_array_equal(samples.prior.images, made_images(samples.prior.z))


def test_that_nothing_is_decoded_while_nobody_looks(session: Session, decoder: FakeDecoder) -> None:
    session.part(Samples).draw()
    session.inspection.hold(3)
    assert {PRIOR_DRAWS, POSTERIOR_DRAWS}.isdisjoint(decoder.keys())


def test_that_a_seed_gives_the_same_points_and_fewer_are_the_first_of_more(samples: Samples) -> None:
    samples.set_seed(7)
    first = samples.prior.z
    samples.draw()
    assert not np.array_equal(samples.prior.z, first)
    samples.set_seed(7)
    np.testing.assert_array_equal(samples.prior.z, first)
    samples.set_count(5)
    np.testing.assert_array_equal(samples.prior.z, first[:5])


def test_that_points_that_were_cleared_get_no_late_images(samples: Samples, decoder: FakeDecoder) -> None:
    decoder.hold()
    samples.draw()
    asked = decoder.requests[-1]
    samples.clear()
    decoder.answer(asked)
    assert not len(samples.prior.z)
    assert samples.prior.images is None


def test_that_draws_from_a_code_are_its_mean_and_std_times_noise(samples: Samples, session: Session, codes: Codes) -> None:
    session.inspection.hold(3)
    draws = posterior(samples)
    np.testing.assert_allclose(draws.z, codes.mean[3].astype(float) + codes.std[3].astype(float) * draws.noise, rtol=1e-6)
    assert draws.images is not None
    np.testing.assert_array_equal(draws.images, made_images(draws.z.astype(np.float32)))


def test_that_noise_follows_a_z_and_stays_within_its_reach(samples: Samples, session: Session, codes: Codes) -> None:
    session.inspection.hold(3)
    x, y = (codes.mean[3].astype(float) + codes.std[3] * (1.0, -0.5)).tolist()
    samples.move_z(2, (x, y))
    assert posterior(samples).selected == 2
    assert posterior(samples).noise[2] == pytest.approx((1.0, -0.5), abs=1e-4)
    samples.move_noise(2, (100.0, 0.0))
    assert posterior(samples).noise[2].tolist() == [NOISE_REACH, 0.0]


def test_that_kept_samples_come_back(samples: Samples, session: Session) -> None:
    session.inspection.hold(3)
    samples.set_seed(9)
    samples.choose(4)
    samples.move_noise(1, (0.5, 0.25))
    kept, z, noise = samples.kept(), samples.prior.z, posterior(samples).noise
    samples.clear()
    samples.set_count(3)
    samples.draw_noise()
    samples.take_back(kept)
    assert samples.kept() == kept
    np.testing.assert_array_equal(samples.prior.z, z)
    np.testing.assert_array_equal(posterior(samples).noise, noise)


def test_that_images_come_back_when_somebody_looks_again(samples: Samples, session: Session, decoder: FakeDecoder) -> None:
    session.inspection.hover(3)
    samples.draw()
    session.inspection.pin(3)  # which moves no draw
    assert decoder.keys().count(POSTERIOR_DRAWS) == 1
    samples.set_open(False)
    assert samples.prior.images is None
    assert samples.posterior is None
    samples.set_open(True)
    assert samples.prior.images is not None
    assert posterior(samples).images is not None


def test_that_a_conditional_model_draws_as_the_class_of_the_wheel_and_a_code_as_its_own(
    samples: Samples, session: Session, decoder: FakeDecoder, file: ModelFile, codes: Codes
) -> None:
    session.show_model(of_family(file, "cvae"), Path("cvae.safetensors"))
    session.inspection.hold(3)
    samples.draw()
    session.options.set_label(7)
    prior, draws = decoder.newest(PRIOR_DRAWS), decoder.newest(POSTERIOR_DRAWS)
    np.testing.assert_array_equal(prior.condition, np.tile(np.eye(10)[7], (16, 1)))
    np.testing.assert_array_equal(draws.condition, np.tile(np.eye(10)[codes.label[3]], (6, 1)))


def test_that_another_model_decodes_the_same_points_and_moves_the_noise_to_its_code(
    samples: Samples, session: Session, decoder: FakeDecoder, file: ModelFile
) -> None:
    session.inspection.hold(3)
    samples.draw()
    z, noise = samples.prior.z, posterior(samples).noise
    moved = replace(file.codes, mean=file.codes.mean + np.float32(1))
    session.show_model(replace(file, codes=moved), Path("moved.safetensors"))
    request = decoder.newest(PRIOR_DRAWS)
    assert request.revision == 1
    np.testing.assert_array_equal(request.z, z)
    np.testing.assert_array_equal(posterior(samples).noise, noise)
    wanted = moved.mean[3].astype(float) + moved.std[3].astype(float) * noise
    np.testing.assert_allclose(posterior(samples).z, wanted, rtol=1e-6)


def test_that_another_code_has_the_same_noise(samples: Samples, session: Session, codes: Codes) -> None:
    session.inspection.hold(3)
    noise = posterior(samples).noise
    session.inspection.hold(9)
    assert posterior(samples).code.index == 9
    np.testing.assert_array_equal(posterior(samples).noise, noise)
    np.testing.assert_allclose(
        posterior(samples).z, codes.mean[9].astype(float) + codes.std[9].astype(float) * noise, rtol=1e-6
    )


def test_that_noise_is_drawn_anew(samples: Samples, session: Session) -> None:
    session.inspection.hold(3)
    noise, z = posterior(samples).noise, posterior(samples).z
    samples.draw_noise()
    assert not np.isin(posterior(samples).noise, noise).any()
    assert not np.isin(posterior(samples).z, z).any()


def test_that_a_drag_holds_the_code_against_those_that_the_mouse_comes_across(samples: Samples, session: Session) -> None:
    session.inspection.hover(3)
    samples.start_drag(4)
    assert session.inspection.pinned == 3
    session.inspection.hover(9)
    assert (posterior(samples).code.index, posterior(samples).selected) == (3, 4)


@pytest.mark.parametrize("family", ["ae", "gan"])
def test_that_a_family_without_a_posterior_has_a_prior_alone(
    samples: Samples, session: Session, file: ModelFile, family: str
) -> None:
    session.show_model(of_family(file, family), Path("model.safetensors"))
    session.inspection.hold(3)
    samples.draw()
    assert samples.posterior is None
    assert samples.prior.images is not None


def test_that_a_record_survives_json(samples: Samples, session: Session) -> None:
    session.inspection.hold(3)
    samples.set_seed(9)
    samples.move_noise(1, (0.5, 0.25))
    kept = samples.kept()
    assert type(kept).from_json(json.loads(json.dumps(kept.as_json()))) == kept
