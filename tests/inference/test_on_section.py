"""The posterior on a section against the closed form of a linear model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from tests.inference.linear_model import SIGMA, LinearModel
from vae_explorer.data.base import Cancelled
from vae_explorer.inference.evidence.on_section import SectionGaussian, posterior_on_section
from vae_explorer.latent.regions import raster_points
from vae_explorer.latent.section import Section, of_latents, spanned

LATENTS = 6


def oblique() -> Section:
    random = np.random.default_rng(2)
    return spanned(*(random.normal(size=LATENTS) * scale for scale in (0.5, 1, 1)))


def restricted(linear: LinearModel, image: np.ndarray, section: Section, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of p(z|x) on a section, from the precision matrix. `sigma` (pixels,) is infinite for hidden pixels."""
    weighed = linear.weight / np.square(sigma)[:, None]
    precision = np.eye(LATENTS) + weighed.T @ linear.weight
    mean = np.linalg.solve(precision, weighed.T @ (image.ravel() - linear.bias))
    covariance = np.linalg.inv(section.axes @ precision @ section.axes.T)
    return covariance @ section.axes @ precision @ (mean - section.origin), covariance


@pytest.mark.parametrize("section", [oblique(), of_latents(4, 1, np.full(LATENTS, 0.7))], ids=["oblique", "latents"])
@pytest.mark.parametrize("hides", [False, True])
def test_that_it_is_the_gaussian_of_the_precision(section: Section, hides: bool) -> None:
    linear = LinearModel(LATENTS)
    image, seen = linear.images(1)[0], np.ones(linear.model.image_shape[:2], bool)
    seen[:3] = not hides
    mean, covariance = restricted(linear, image, section, np.where(seen.ravel(), SIGMA, np.inf))
    found, _ = posterior_on_section(linear.model, image, section, seen=seen if hides else None)
    assert found.mean == pytest.approx(mean, abs=2e-3)
    assert found.covariance == pytest.approx(covariance, abs=2e-3)
    places = raster_points((found.x_range, found.y_range), 144)
    wanted = multivariate_normal.pdf(places, mean, covariance)
    assert np.abs(found.density.ravel() - wanted).max() < 5e-3 * wanted.max()


def test_that_the_encoder_is_restricted_too() -> None:
    random, section = np.random.default_rng(6), oblique()
    mean, std = random.normal(size=LATENTS), random.uniform(0.2, 1.5, LATENTS)
    q = SectionGaussian.of(mean, std, section)
    places = random.normal(size=(50, 2))
    log_q = multivariate_normal.logpdf(section.lift(places).astype(float), mean, np.diag(std**2))
    assert np.ptp(np.log(q.density(places)) - log_q) < 1e-4
    axis = np.arange(-12, 12, 0.05)
    grid = np.stack([each.ravel() for each in np.meshgrid(axis, axis)], axis=1)
    assert q.density(grid).sum() * 0.05**2 == pytest.approx(1, abs=1e-6)


def test_that_a_narrow_posterior_fills_the_raster() -> None:
    linear = LinearModel(LATENTS)
    section = of_latents(0, 1, np.zeros(LATENTS))
    found, q = posterior_on_section(linear.model, linear.images(1)[0], section)
    width = found.x_range[1] - found.x_range[0]
    assert width < 16 * np.sqrt(found.covariance[0, 0])
    assert q.std.shape == (2,)


def test_that_it_can_be_stopped() -> None:
    linear = LinearModel(LATENTS)
    with pytest.raises(Cancelled):
        posterior_on_section(linear.model, linear.images(1)[0], oblique(), should_stop=lambda: True)
