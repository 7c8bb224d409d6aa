"""The inspector below the window: the density of a posterior that bends, and what the panel says of a code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeDecoder, FakeWork, made_images
from tests.gui.looking import find, text_of
from tests.gui.made import SAVED, of_family, without_codes
from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core.decode_thread import DENSITY, DensityRequest
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.inspector.inset import PosteriorInset
from vae_explorer.gui.features.inspector.panel import InspectorPanel
from vae_explorer.gui.features.inspector.presenter import InspectorPresenter
from vae_explorer.gui.features.inspector.state import DensityPicture, PosteriorDensity
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.panel_state import NotAtHand, Nothing, Ready, Remedy, Working
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def flow(session: Session, work: FakeWork, file: ModelFile) -> Session:
    """A session with a flow, and the images at hand."""
    session.show_model(of_family(file, "iaf-vae"), SAVED)
    work.run("images")
    return session


@pytest.fixture
def found(session: Session) -> list[DensityPicture | None]:
    """The densities that are found."""
    found: list[DensityPicture | None] = []
    session.part(PosteriorDensity).found.connect(found.append)
    return found


def requests(decoder: FakeDecoder) -> list[DensityRequest]:
    return [request for request in decoder.requests if isinstance(request, DensityRequest)]


# The density


def test_that_a_density_is_asked_around_the_code(
    flow: Session, decoder: FakeDecoder, found: list[DensityPicture | None], codes: Codes
) -> None:
    flow.inspection.hold(9)
    request, picture = requests(decoder)[-1], found[-1]
    assert request.image is flow.inspection.current.original  # type: ignore[union-attr]
    assert request.label == codes.label[9]
    assert picture is not None
    mean, std = codes.mean[9].astype(float), codes.std[9].astype(float)
    rect = picture.rect
    assert (rect.center().x(), rect.center().y()) == pytest.approx(tuple(mean), abs=1e-5)
    assert (rect.width(), rect.height()) == pytest.approx(tuple(8 * std), rel=1e-5)
    x = rect.left() + (np.arange(64) + 0.5) / 64 * rect.width()
    y = rect.bottom() - (np.arange(64) + 0.5) / 64 * rect.height()
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    np.testing.assert_allclose(request.z, grid, atol=1e-5)
    log_density = -0.5 * np.square(grid).sum(axis=1)  # as the fake decoder answers
    assert np.abs(picture.pixels.ravel() - 255 * np.exp(log_density - log_density.max())).max() <= 1.0


def test_that_the_density_of_one_code_does_not_stay_for_the_next(
    flow: Session, decoder: FakeDecoder, found: list[DensityPicture | None]
) -> None:
    flow.inspection.hold(9)
    decoder.hold()
    flow.inspection.hold(11)
    assert found[-1] is None
    first = requests(decoder)[-1]
    flow.inspection.hold(13)
    decoder.answer(first)
    assert found[-1] is None
    decoder.answer(requests(decoder)[-1])
    assert found[-1] is not None


def test_that_a_density_is_asked_once_for_a_code(flow: Session, decoder: FakeDecoder) -> None:
    flow.inspection.hover(9)
    asked = len(requests(decoder))
    flow.inspection.pin(9)
    flow.inspection.hover(None)
    assert len(requests(decoder)) == asked


def test_that_another_model_asks_for_its_own_density(flow: Session, decoder: FakeDecoder, file: ModelFile) -> None:
    flow.inspection.hold(9)
    flow.show_model(of_family(file, "iaf-vae"), SAVED)
    assert requests(decoder)[-1].revision == 2


def test_that_an_ellipse_has_no_density(session: Session, work: FakeWork, decoder: FakeDecoder, found: list[Any]) -> None:
    work.run("images")
    session.inspection.hold(9)
    assert requests(decoder) == []
    assert set(found) == {None}
    assert not session.part(PosteriorDensity).bends


def test_that_the_true_posterior_is_told_when_it_changes(session: Session) -> None:
    density, told = session.part(PosteriorDensity), list[bool]()
    density.true_posterior_changed.connect(lambda: told.append(True))
    for on_map, of_code in ((True, False), (True, False), (True, True), (False, False)):
        density.set_true_posterior(on_map, of_code)
        assert (density.true_posterior_on_map, density.true_posterior_is_of_code) == (on_map, of_code)
    assert len(told) == 3


# The panel


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> InspectorPanel:
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    InspectorPresenter(panel, session)
    return panel


def picture(panel: InspectorPanel, name: str) -> np.ndarray:
    return find(panel, ImageView, name).image()


def inset_words(panel: InspectorPanel) -> str:
    return find(panel, PosteriorInset, "posteriorInset").accessibleDescription()


def test_that_the_panel_shows_image_reconstruction_and_difference(
    session: Session, panel: InspectorPanel, work: FakeWork, images: Dataset, codes: Codes
) -> None:
    work.run("images")
    session.inspection.hold(9)
    original, decoded = images.train.images[9], made_images(codes.mean[9][None])[0]
    np.testing.assert_array_equal(picture(panel, "inspectedOriginal"), original)
    np.testing.assert_array_equal(picture(panel, "inspectedReconstruction"), decoded)
    np.testing.assert_array_equal(picture(panel, "inspectedDifference"), np.abs(original.astype(int) - decoded))
    assert panel.state_line.state == Ready()
    mean, std = codes.mean[9], codes.std[9]
    assert text_of(panel, "inspectedMean") == f"mean  ({mean[0]:+.3f}, {mean[1]:+.3f})".replace("-", "−")
    assert text_of(panel, "inspectedStd") == f"std  ({std[0]:.4f}, {std[1]:.4f})"


def test_that_the_title_says_why_a_code_is_here(session: Session, panel: InspectorPanel, codes: Codes) -> None:
    session.inspection.hover(9)
    title = text_of(panel, "inspectedTitle")
    assert title == f"{codes.label[9]} · train #9"
    session.inspection.hover(None)
    assert text_of(panel, "inspectedTitle") == f"{title} · hovered last"
    session.inspection.hover(9)
    assert text_of(panel, "inspectedTitle") == title
    session.inspection.hold(9)
    assert text_of(panel, "inspectedTitle") == f"{title} · held"


def test_that_missing_images_leave_the_reconstruction_and_are_offered(
    session: Session, panel: InspectorPanel, work: FakeWork, no_images: None
) -> None:
    session.inspection.hold(9)
    assert isinstance(panel.state_line.state, Working)  # the images are being read
    work.run("images")
    assert isinstance(panel.state_line.state, NotAtHand)
    assert panel.state_line.state.remedy is Remedy.DOWNLOAD
    assert picture(panel, "inspectedOriginal").shape == (1, 1, 1)
    assert picture(panel, "inspectedReconstruction").shape == (8, 8, 1)
    find(panel, QPushButton, "inspectedNote.remedy").click()
    assert "download" in work.keys
    assert isinstance(panel.state_line.state, Working)


def test_that_two_layers_without_the_image_give_what_z_alone_says(
    session: Session, panel: InspectorPanel, work: FakeWork, file: ModelFile
) -> None:
    session.show_model(of_family(file, "hierarchical-vae"), SAVED)
    session.inspection.hold(9)
    caption = "inspectedReconstructionCaption"
    assert text_of(panel, caption) == "decoded from z"
    work.run("images")
    assert text_of(panel, caption) == "reconstruction"
    session.show_model(replace(file), SAVED)
    assert text_of(panel, caption) == "reconstruction"


def test_that_a_panel_without_a_code_says_what_to_do(session: Session, panel: InspectorPanel, file: ModelFile) -> None:
    session.show_model(replace(file), SAVED)
    assert isinstance(panel.state_line.state, NotAtHand)
    session.inspection.hold(9)
    session.show_model(without_codes(file), SAVED)
    assert isinstance(panel.state_line.state, Nothing)
    assert text_of(panel, "inspectedTitle") == "no code"
    assert picture(panel, "inspectedReconstruction").shape == (1, 1, 1)


def test_that_a_point_has_a_place_and_no_width(session: Session, panel: InspectorPanel, file: ModelFile) -> None:
    session.show_model(of_family(file, "ae"), SAVED)
    session.inspection.hold(9)
    assert text_of(panel, "inspectedMean").startswith("z  (")
    assert text_of(panel, "inspectedStd") == ""


def test_that_a_density_is_waited_for_found_or_has_failed(
    session: Session, panel: InspectorPanel, work: FakeWork, decoder: FakeDecoder, file: ModelFile
) -> None:
    session.show_model(of_family(file, "iaf-vae"), SAVED)
    session.inspection.hold(9)
    assert inset_words(panel) == "This posterior is no ellipse. Its density needs the original image."
    decoder.hold()
    work.run("images")
    assert inset_words(panel) == "This posterior is no ellipse. Its density is being computed…"
    decoder.answer(requests(decoder)[-1])
    assert inset_words(panel) == "posterior density"
    session.inspection.hold(11)
    assert "is being computed" in inset_words(panel)
    decoder.fail("out of memory", requests(decoder)[-1])
    assert inset_words(panel).endswith("failed: out of memory")
    session.inspection.hold(13)
    assert "is being computed" in inset_words(panel)


def test_that_a_failure_of_another_request_is_not_one_of_the_density(
    flow: Session, panel: InspectorPanel, decoder: FakeDecoder
) -> None:
    decoder.hold()
    flow.inspection.hold(9)
    decoder.fail("out of memory", next(each for each in reversed(decoder.requests) if each.key != DENSITY))
    assert "is being computed" in inset_words(panel)


def test_that_a_long_class_leaves_room_for_the_name(session: Session, file: ModelFile) -> None:
    classes = (*file.card.classes[:-1], 60 * "W")
    session.show_model(replace(file, card=replace(file.card, classes=classes)), SAVED)
    session.inspection.hold(int(np.flatnonzero(file.codes.label == 9)[0]))
    code = session.inspection.current
    assert code is not None
    assert code.label == 60 * "W"
    assert code.title.endswith(f"W · {code.name}")
    assert len(code.title) < 40
