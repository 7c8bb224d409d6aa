"""The samples of a session whose decoder answers at once: points, images and noise, without a window."""

from __future__ import annotations

import numpy as np
import pytest

from vae_explorer.codes import Codes
from vae_explorer.gui.core.decode_thread import POSTERIOR_DRAWS, PRIOR_DRAWS
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.samples.state import PosteriorDraws, Samples
from vae_explorer.latent.sampling import NOISE_REACH

from .fakes import FakeDecoder, made_images


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
