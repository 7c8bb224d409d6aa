"""Sections of a latent space, against explicit matrices, numpy's SVD and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from vae_explorer.latent.section import (
    Section,
    by_information,
    information,
    name_of,
    of_latents,
    opening,
    principal,
    separating,
    spanned,
    through,
    turned,
    whole_plane,
)

RANDOM = np.random.default_rng(5)


def oblique(d: int = 7) -> Section:
    return spanned(RANDOM.normal(size=d), RANDOM.normal(size=d), RANDOM.normal(size=d))


def codes(n: int = 400, d: int = 7) -> NDArray[np.float32]:
    return (RANDOM.normal(size=(n, d)) * np.linspace(3, 0.2, d) + 0.5).astype(np.float32)


def test_that_places_are_lifted_by_the_matrix_of_the_axes() -> None:
    section, places = oblique(), RANDOM.normal(size=(5, 2))
    wanted = [section.origin + x * section.axes[0] + y * section.axes[1] for x, y in places]
    np.testing.assert_allclose(section.lift(places), wanted, rtol=1e-5, atol=1e-6)


def test_that_a_projection_is_the_nearest_point_of_the_section() -> None:
    section, z = oblique(), codes(20)
    matrix = section.axes.T
    wanted = np.array([np.linalg.lstsq(matrix, each - section.origin, rcond=None)[0] for each in z.astype(np.float64)])
    np.testing.assert_allclose(section.project(z), wanted, rtol=1e-4, atol=1e-5)
    nearest = section.lift(section.project(z))
    np.testing.assert_allclose(section.distance(z), np.linalg.norm(z - nearest, axis=1), rtol=1e-3, atol=1e-4)


def test_that_lifted_places_project_to_themselves() -> None:
    section, places = oblique(), RANDOM.normal(size=(50, 2))
    np.testing.assert_allclose(section.project(section.lift(places)), places, atol=1e-5)


def test_that_the_std_along_an_axis_is_that_of_draws() -> None:
    section, std = oblique(), RANDOM.uniform(0.1, 2, size=(1, 7)).astype(np.float32)
    draws = section.project(RANDOM.normal(size=(200_000, 7)) * std)
    np.testing.assert_allclose(section.spread(std)[0], draws.std(axis=0), rtol=0.01)


def test_that_principal_axes_are_those_of_the_singular_values() -> None:
    mean = codes()
    section = principal(mean)
    right = np.linalg.svd(mean - mean.mean(axis=0))[2][:2]
    np.testing.assert_allclose(np.abs((section.axes * right).sum(axis=1)), 1, atol=1e-4)
    np.testing.assert_allclose(section.origin, mean.mean(axis=0), rtol=1e-4)


def test_that_a_section_goes_through_three_points() -> None:
    points = codes(3)
    section = through(points)
    np.testing.assert_allclose(section.distance(points), 0, atol=1e-4)
    np.testing.assert_allclose(section.axes @ section.axes.T, np.eye(2), atol=1e-12)


def test_that_the_first_axis_separates_two_classes_as_the_discriminant_does() -> None:
    label = RANDOM.integers(0, 2, size=600).astype(bool)
    mean = codes(600) + np.outer(label, RANDOM.normal(size=7)).astype(np.float32)
    section = separating(mean, label)
    direction = LinearDiscriminantAnalysis(solver="eigen").fit(mean, label).scalings_[:, 0]
    assert abs(section.axes[0] @ direction) / np.linalg.norm(direction) == pytest.approx(1, abs=1e-3)
    places = section.project(mean)[:, 0]
    assert places[label].mean() > places[~label].mean()


@pytest.mark.parametrize("axis", [0, 1])
def test_that_a_turn_moves_one_axis_by_its_angle(axis: int) -> None:
    section = oblique()
    towards = spanned(section.origin, section.axes[0], section.axes[1] + RANDOM.normal(size=7)).axes[1]
    beside = towards - (towards @ section.axes[1]) * section.axes[1]
    beside /= np.linalg.norm(beside)
    beside -= (beside @ section.axes[0]) * section.axes[0]
    beside /= np.linalg.norm(beside)
    after = turned(section, axis, beside, 0.3)
    np.testing.assert_allclose(after.axes[1 - axis], section.axes[1 - axis], atol=1e-12)
    np.testing.assert_allclose(after.axes[axis], np.cos(0.3) * section.axes[axis] + np.sin(0.3) * beside, atol=1e-12)
    np.testing.assert_allclose(after.axes @ after.axes.T, np.eye(2), atol=1e-12)


def test_that_directions_on_one_line_are_refused() -> None:
    line = RANDOM.normal(size=4)
    for first, second in ((line, 2 * line), (line, -line), (0 * line, line), (line, 0 * line)):
        with pytest.raises(ValueError, match=r"line|length"):
            spanned(line, first, second)
    with pytest.raises(ValueError, match="without codes"):
        separating(codes(10), np.zeros(10, bool))


def test_that_a_section_of_two_latents_keeps_their_numbers() -> None:
    section = of_latents(3, 1, np.arange(5.0))
    assert section.lift([[7.0, 8.0]]).tolist() == [[0, 8, 2, 7, 4]]
    assert section.moved(0, 9.0).lift([[7.0, 8.0]]).tolist() == [[9, 8, 2, 7, 4]]


def test_that_the_latents_that_tell_most_open_the_map() -> None:
    std = np.full((400, 4), 0.1, np.float32)
    std[:, 2] = 1.0
    mean = codes(400, 4) * np.float32([0.5, 1, 0, 3])
    section = opening(information(mean, std))
    order = by_information(mean, std)
    assert order[-1] == 2
    assert section.axes[0, order[0]] == section.axes[1, order[1]] == 1
    assert not section.origin.any()


@pytest.mark.parametrize("d", [1, 2])
def test_that_the_map_shows_all_of_one_or_two_latents(d: int) -> None:
    section = whole_plane(d)
    z = codes(5, d)
    assert section.is_whole
    np.testing.assert_array_equal(section.project(z)[:, :d], z)
    np.testing.assert_array_equal(section.lift(section.project(z)), z)


def test_that_latents_are_named_from_one() -> None:
    assert (name_of(0), name_of(11)) == ("z₁", "z₁₂")


def test_that_a_section_along_latents_shows_their_columns() -> None:
    z = codes(9, 5)
    section = of_latents(3, 1, np.arange(5.0))
    assert section.along == [3, 1]
    np.testing.assert_array_equal(section.project(z), z[:, [3, 1]])
    np.testing.assert_array_equal(section.spread(np.abs(z)), np.abs(z[:, [3, 1]]))
    assert oblique().along == whole_plane(1).along == []
    shifted = Section(np.array([0.0, 2.0, 0.0, -1.0, 0.0]), section.axes)
    np.testing.assert_allclose(shifted.project(z), z[:, [3, 1]] - [-1, 2], rtol=1e-6)


@pytest.mark.parametrize("n", [3, 10_000])
def test_that_distances_and_information_are_those_of_all_codes_at_once(n: int) -> None:
    mean, std = codes(n, 7), np.exp(codes(n, 7) / 4)
    section = oblique()
    beside = mean - section.lift(section.project(mean))
    np.testing.assert_allclose(section.distance(mean), np.linalg.norm(beside, axis=1), atol=2e-5)
    wide = std.astype(np.float64) ** 2
    told = 0.5 * (mean.astype(np.float64) ** 2 + wide - 1 - np.log(wide)).mean(axis=0)
    np.testing.assert_allclose(information(mean, std), told, rtol=1e-5)
