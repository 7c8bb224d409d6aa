from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_explorer.latent.paths import MIN_FRAMES, Interpolation, LatentPath, linear_path, spherical_path

coordinates = st.floats(-1e3, 1e3, width=32)
points = st.tuples(coordinates, coordinates)


@settings(deadline=None)
@given(start=points, end=points, frames=st.integers(2, 120))
def test_that_a_path_follows_the_formula(start: tuple[float, float], end: tuple[float, float], frames: int) -> None:
    path = linear_path(start, end, frames)
    wanted = [
        [(1 - i / (frames - 1)) * a + i / (frames - 1) * b for a, b in zip(start, end, strict=True)] for i in range(frames)
    ]
    assert path.dtype == np.float32
    assert path == pytest.approx(np.array(wanted), rel=1e-6, abs=1e-9)


@settings(deadline=None)
@given(start=points, end=points, frames=st.integers(2, 120))
def test_that_both_endpoints_are_exact(start: tuple[float, float], end: tuple[float, float], frames: int) -> None:
    path = linear_path(start, end, frames)
    assert tuple(path[0]) == start
    assert tuple(path[-1]) == end


@pytest.mark.parametrize("frames", [-1, 0, 1])
def test_that_a_path_of_fewer_than_two_frames_is_refused(frames: int) -> None:
    with pytest.raises(ValueError, match=f"at least {MIN_FRAMES} frames, not {frames}"):
        linear_path((0, 0), (1, 1), frames)


def test_that_the_second_click_ends_a_path_and_the_third_begins_a_new_one() -> None:
    first = LatentPath().clicked((0.0, 1.0))
    second = first.clicked((2.0, 3.0))
    third = second.clicked((4.0, 5.0))
    assert (first.is_complete, second.is_complete, third.is_complete) == (False, True, False)
    assert second.points == ((0.0, 1.0), (2.0, 3.0))
    assert third.points == ((4.0, 5.0),)


@pytest.mark.parametrize(("endpoint", "wanted"), [(0, ((9.0, 9.0), (1.0, 1.0))), (1, ((0.0, 0.0), (9.0, 9.0)))])
def test_that_moving_an_endpoint_leaves_the_other(endpoint: int, wanted: tuple[tuple[float, float], ...]) -> None:
    path = LatentPath(((0.0, 0.0), (1.0, 1.0)), frames=7)
    assert path.moved(endpoint, (9.0, 9.0)) == LatentPath(wanted, frames=7)


def test_that_a_path_that_is_not_complete_has_no_frames() -> None:
    assert LatentPath().z().shape == LatentPath(((1.0, 1.0),)).z().shape == (0, 2)


def test_that_a_complete_path_gives_its_frames() -> None:
    z = LatentPath(((0.0, 0.0), (1.0, 2.0)), frames=3).z()
    assert z.tolist() == [[0, 0], [0.5, 1], [1, 2]]


def test_that_the_classes_change_in_a_straight_line_and_an_endpoint_without_one_has_the_chosen_one() -> None:
    path = replace(LatentPath().clicked((0.0, 0.0), 2).clicked((1.0, 2.0)), frames=3)
    assert path.weights(4, chosen=1).tolist() == [[0, 0, 1, 0], [0, 0.5, 0.5, 0], [0, 1, 0, 0]]
    assert path.weights(4, chosen=2).tolist() == [[0, 0, 1, 0]] * 3


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), latents=st.integers(2, 64), frames=st.integers(2, 40))
def test_that_a_spherical_path_turns_by_even_angles_and_its_norm_is_linear(seed: int, latents: int, frames: int) -> None:
    start, end = np.random.default_rng(seed).normal(size=(2, latents)).astype(np.float32)
    path = spherical_path(start, end, frames).astype(np.float64)
    assert np.array_equal(path[0], start)
    assert np.array_equal(path[-1], end)
    norms = np.linalg.norm(path, axis=1)
    np.testing.assert_allclose(norms, np.linspace(norms[0], norms[-1], frames), rtol=1e-5)
    cosines = np.clip((path[:-1] * path[1:]).sum(axis=1) / (norms[:-1] * norms[1:]), -1, 1)
    whole = np.arccos(np.clip(path[0] @ path[-1] / (norms[0] * norms[-1]), -1, 1))
    np.testing.assert_allclose(np.arccos(cosines), whole / (frames - 1), atol=2e-3)
    basis = np.linalg.qr(np.stack([path[0], path[-1]]).T)[0]  # the plane through 0 and both endpoints
    np.testing.assert_allclose(path @ basis @ basis.T, path, atol=1e-4)


@pytest.mark.parametrize(
    ("start", "end"), [((0, 0), (1, 2)), ((1, 2), (2, 4)), ((1, 2), (-1, -2)), ((0, 0), (0, 0)), ((1,), (3,))]
)
def test_that_a_spherical_path_on_a_line_through_0_is_linear(start: tuple[float, ...], end: tuple[float, ...]) -> None:
    assert np.array_equal(spherical_path(start, end, 5), linear_path(start, end, 5))


def test_that_a_path_follows_its_interpolation() -> None:
    path = LatentPath(((2.0, 0.0, 0.0), (0.0, 0.0, 2.0)), frames=3)
    assert path.z().tolist() == [[2, 0, 0], [1, 0, 1], [0, 0, 2]]
    turned = replace(path, interpolation=Interpolation.SPHERICAL).z()
    np.testing.assert_allclose(turned[1], [np.sqrt(2), 0, np.sqrt(2)], rtol=1e-6)


def test_that_a_click_in_a_space_of_other_dimensions_begins_a_new_path() -> None:
    assert LatentPath(((0.0, 1.0),)).clicked((1.0, 2.0, 3.0)).points == ((1.0, 2.0, 3.0),)
