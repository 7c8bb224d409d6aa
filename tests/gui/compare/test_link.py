"""What maps have in common: cursor, view, plane, overlays and hidden classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from tests.gui.fakes import FakeWork
from vae_explorer.codes import Codes
from vae_explorer.gui.compare.bar import BY_IMAGE, BY_Z
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.features.metrics.colours import CodeColours
from vae_explorer.latent.plane import EQUAL_PROBABILITY, IDENTITY
from vae_explorer.models.model_file import ModelFile

from .conftest import AddMap
from .maps import OVERLAYS, FakeMap, joined, named

NEAR, FAR = QRectF(-1, -1, 2, 2), QRectF(3, 3, 4, 1)


def of_some_codes(file: ModelFile, rows: slice) -> ModelFile:
    codes = file.codes
    return replace(named(file, "some"), codes=Codes(codes.mean[rows], codes.std[rows], codes.label[rows], codes.split[rows]))


@pytest.fixture
def two(add_map: AddMap, link: Link, file: ModelFile, moved: ModelFile) -> tuple[FakeMap, FakeMap]:
    """The digits model twice, the second time with codes elsewhere."""
    maps = add_map(file), add_map(moved)
    joined(link, *maps)
    return maps


def point(each: FakeMap, index: int) -> tuple[float, float]:
    x, y = each.session.model.file.codes.mean[index].tolist()
    return (x, y)


def nearest(each: FakeMap, z: tuple[float, float]) -> int:
    """The code nearest to z, by looking at every code."""
    mean = each.session.model.file.codes.mean.astype(np.float64)
    return int(np.argmin(np.linalg.norm(mean - np.asarray(z), axis=1)))


# The cursor


def test_that_every_map_leads_the_cursors_of_the_others(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    for leader, z in ((two[0], (0.7, -0.4)), (two[1], (-0.9, 0.8)), (two[0], (0.2, 0.3))):
        leader.move(z)
        assert [each.z for each in two] == [z, z]
        assert all(each.session.cursor.state.hovering for each in two)
        assert link.leader is leader


def test_that_the_picked_point_comes_back_on_all_maps(two: tuple[FakeMap, FakeMap]) -> None:
    left, right = two
    left.session.cursor.pick((0.6, 0.4))
    left.move((-0.5, -0.7))
    left.session.cursor.leave()
    assert left.z == right.z == (0.6, 0.4)
    assert not right.session.cursor.state.hovering


def test_that_a_follower_is_asked_without_waiting(two: tuple[FakeMap, FakeMap]) -> None:
    waits: list[float] = []
    decoder = two[1].session.decoder
    real = decoder.ask_now
    decoder.ask_now = lambda request, seconds: waits.append(seconds) or real(request, seconds)
    two[0].move((0.6, 0.1))
    assert waits == [0.0]


def test_that_by_image_the_other_cursor_goes_to_its_own_code_of_the_image(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    left, right = two
    link.set_cursor_by(BY_IMAGE)
    z = (0.41, -0.32)
    left.move(z)
    index = nearest(left, z)
    assert right.z == point(right, index)
    assert (left.inspected, right.inspected) == (index, index)
    link.set_cursor_by(BY_Z)
    assert right.z == z


def test_that_by_image_both_inspect_far_from_all_codes_and_whatever_is_pinned(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    left, right = two
    link.set_cursor_by(BY_IMAGE)
    left.session.cursor.pin_nearest((0.4, 0.3))
    pinned = left.session.inspection.pinned
    for z in ((-9.0, 7.0), (8.0, 8.5)):
        left.move(z)
        index = nearest(left, z)
        assert index != pinned
        assert np.linalg.norm(np.subtract(point(left, index), z)) > left.latent_view.hover_reach()
        assert (left.inspected, right.inspected) == (index, index)


@pytest.mark.parametrize("kind", ["other data", "fewer codes", "no codes"])
def test_that_a_model_without_code_of_the_image_follows_by_z_and_the_note_says_why(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, file: ModelFile, kind: str
) -> None:
    other, reason = {
        "other data": (named(file, "other", dataset="fashion-mnist"), "other is of fashion-mnist, not digits"),
        "fewer codes": (of_some_codes(file, slice(20)), "some has codes of other images than digits-vae"),
        "no codes": (replace(named(file, "bare"), codes=Codes.empty()), "bare has no codes"),
    }[kind]
    third = add_map(other)
    joined(link, third)
    link.set_cursor_by(BY_IMAGE)
    two[0].move((0.4, 0.3))
    assert third.z == (0.4, 0.3)
    assert two[1].z == point(two[1], nearest(two[0], (0.4, 0.3)))
    assert link.note == f"cursor by z: {reason}"
    link.set_cursor_by(BY_Z)
    assert link.note == ""


def test_that_a_map_that_joins_by_image_follows_with_the_next_move(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, moved: ModelFile
) -> None:
    link.set_cursor_by(BY_IMAGE)
    third = add_map(moved)
    joined(link, third)
    two[0].move((-0.7, 0.9))
    index = nearest(two[0], (-0.7, 0.9))
    assert third.z == point(third, index)
    assert third.inspected == index


@pytest.mark.parametrize("kind", ["same images", "other data", "fewer codes", "no codes"])
def test_that_a_model_that_comes_to_a_resting_cursor_follows_the_image_where_it_can(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, file: ModelFile, moved: ModelFile, work: FakeWork, kind: str
) -> None:
    model = {
        "same images": moved,
        "other data": named(moved, "other", dataset="fashion-mnist"),
        "fewer codes": of_some_codes(moved, slice(20)),
        "no codes": replace(moved, codes=Codes.empty()),
    }[kind]
    link.set_cursor_by(BY_IMAGE)
    two[0].move((0.4, 0.3))
    third = add_map(None)
    joined(link, third)
    third.session.show_model(model)
    work.run()
    index = nearest(two[0], (0.4, 0.3))
    assert third.z == (point(third, index) if kind == "same images" else (0.4, 0.3))
    if kind == "same images":
        assert third.inspected == index


def test_that_a_code_that_is_no_number_is_not_gone_to(add_map: AddMap, link: Link, file: ModelFile) -> None:
    mean = file.codes.mean.copy()
    left = add_map(file)
    mean[nearest(left, (0.4, 0.3))] = np.nan
    right = add_map(replace(file, codes=replace(file.codes, mean=mean)))
    joined(link, left, right).set_cursor_by(BY_IMAGE)
    left.move((0.4, 0.3))
    assert right.z == (0.4, 0.3)


def test_that_the_first_map_leads_after_the_leader_has_gone(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    left, right = two
    right.move((0.1, 0.2))
    link.remove(right)
    assert link.leader is left
    right.move((0.5, 0.5))
    assert left.z == (0.1, 0.2)
    link.remove(left)
    assert link.leader is None


# The view


def test_that_a_zoom_on_one_map_is_a_zoom_on_all_while_views_are_linked(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    left, right = (each.latent_view for each in two)
    left.zoom(NEAR)
    assert (right.rect, right.follows) == (NEAR, False)
    link.set_views_linked(False)
    right.zoom(FAR)
    assert left.rect == NEAR
    two[1].move((0.3, 0.3))  # the map that leads gives the view
    link.set_views_linked(True)
    assert left.rect == FAR


def test_that_views_that_are_linked_again_stay_where_the_leader_follows_its_codes(
    two: tuple[FakeMap, FakeMap], link: Link
) -> None:
    link.set_views_linked(False)
    two[1].latent_view.zoom(FAR)
    link.set_views_linked(True)
    assert two[0].latent_view.rect != FAR
    assert two[1].latent_view.rect == FAR


def test_that_each_map_keeps_the_codes_of_all_in_view(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    left, right = (each.latent_view for each in two)
    left.show_codes(NEAR)
    right.show_codes(FAR)
    assert (left.extra_rect, right.extra_rect) == (FAR, NEAR)
    link.set_views_linked(False)
    assert left.extra_rect.isNull()
    link.set_views_linked(True)
    link.remove(two[1])
    assert left.extra_rect.isNull()
    assert right.extra_rect.isNull()


def test_that_a_model_that_is_shown_whole_brings_the_other_maps_back_to_their_codes(two: tuple[FakeMap, FakeMap]) -> None:
    left, right = (each.latent_view for each in two)
    right.zoom(NEAR)
    assert not left.follows
    right.follow()
    right.show_codes(FAR)
    assert left.follows


def test_that_a_snapshot_leaves_a_chosen_view_alone(two: tuple[FakeMap, FakeMap]) -> None:
    left, right = (each.latent_view for each in two)
    right.zoom(NEAR)
    right.show_codes(FAR)
    assert (left.follows, left.rect) == (False, NEAR)


@pytest.mark.parametrize("linked", [True, False])
def test_that_all_maps_are_in_one_plane(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, file: ModelFile, linked: bool
) -> None:
    link.set_views_linked(linked)
    two[1].latent_view.set_plane(EQUAL_PROBABILITY)
    third = add_map(file)
    joined(link, third)
    assert all(each.latent_view.plane is EQUAL_PROBABILITY for each in (*two, third))
    two[0].latent_view.set_plane(IDENTITY)
    assert all(each.latent_view.plane is IDENTITY for each in (*two, third))


# Overlays and classes


def test_that_overlays_are_switched_on_all_maps_and_on_a_map_that_joins(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, file: ModelFile
) -> None:
    two[1].ticks.set_overlay("manifold", False)
    third = add_map(file)
    joined(link, third)
    assert [each.ticks.overlays() for each in (*two, third)] == [dict.fromkeys(OVERLAYS, True) | {"manifold": False}] * 3


def test_that_classes_are_hidden_where_the_classes_are_alike(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, file: ModelFile
) -> None:
    other = add_map(named(file, "letters", classes=tuple("abcdefghij")))
    joined(link, other)
    link.hide_classes(frozenset({3}))
    assert [each.ticks.legend.hidden() for each in (*two, other)] == [{3}, {3}, frozenset()]
    two[1].ticks.legend.hidden_chosen.emit(frozenset({4, 5}))
    assert [each.ticks.legend.hidden() for each in (two[0], other)] == [{4, 5}, frozenset()]


def test_that_a_model_that_comes_hides_the_classes_of_the_first_map(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    left, right = two
    left.ticks.legend.set_hidden(frozenset({7}))
    right.session.show_model(right.session.model.file)
    assert right.ticks.legend.hidden() == {7}


# Coming and going


def test_that_a_map_that_has_gone_is_not_heard(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    left, right = two
    link.remove(right)
    heard: list[str] = []
    link.colour_chosen.connect(heard.append)
    right.latent_view.zoom(FAR)
    right.ticks.set_overlay("codes", False)
    right.session.part(CodeColours).choose("elbo")
    assert left.latent_view.rect != FAR
    assert left.ticks.overlays()["codes"]
    assert heard == []


def test_that_it_is_told_when_models_come_and_go(two: tuple[FakeMap, FakeMap], link: Link) -> None:
    told: list[int] = []
    link.models_changed.connect(lambda: told.append(len(link.members)))
    two[1].session.show_model(two[1].session.model.file)
    link.remove(two[1])
    assert told == [2, 1]
