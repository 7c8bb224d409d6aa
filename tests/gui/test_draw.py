"""Draw and erase: what is drawn goes under the lens, and hidden pixels let the true posterior bloom."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from scipy import ndimage

import vae_explorer as vx
from tests.gui.drawing import hide, press, stroke
from tests.gui.looking import PATIENCE, find, items, settle, text_of
from vae_explorer.cli import main
from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset, ImageSet
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.draw.filling_grid import FillingGrid
from vae_explorer.gui.features.draw.pad import DrawPad
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import AnalysisThread, EvidenceAnalysis, PosteriorAnalysis
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.path_dots import PathDots
from vae_explorer.gui.main_window import MainWindow

LOWER_HALF = (0.6, 0.75, 0.9)
Found = list[PosteriorAnalysis]


@pytest.fixture
def window(open_window: Callable[..., MainWindow], qtbot: QtBot) -> MainWindow:
    """With the pad in front, and a code inspected."""
    made = open_window("digits-vae")
    made.explorer.docks.show("drawDock", True)
    qtbot.waitUntil(find(made, DrawPad, "drawPad").isVisible, timeout=PATIENCE)
    settle(qtbot, made)
    return made


@pytest.fixture
def found(window: MainWindow) -> Found:
    """What the lens has answered."""
    answers: Found = []
    window.session.part(ImageAnalysis).posterior_found.connect(
        lambda answer: answers.append(answer) if answer is not None else None
    )
    return answers


def answered(qtbot: QtBot, window: MainWindow, found: Found, act: Callable[[], None]) -> PosteriorAnalysis:
    before = len(found)
    act()
    qtbot.waitUntil(lambda: len(found) > before, timeout=PATIENCE)
    settle(qtbot, window)
    return found[-1]


def test_that_a_stroke_is_white_where_the_pen_went_and_can_be_taken_back(window: MainWindow) -> None:
    pad = find(window, DrawPad, "drawPad")
    assert not pad.image().any()
    stroke(pad, (0.5, 0.1), (0.5, 0.9))
    image = pad.image()
    assert image[1:7, 3:5].min() > 100
    assert not image[:, [0, 1, 6, 7]].any()
    press(window, "undo")
    assert not pad.image().any()


def test_that_the_eraser_clear_and_invert_do_what_they_say(window: MainWindow) -> None:
    pad = find(window, DrawPad, "drawPad")
    press(window, "invert")
    assert (pad.image() == 255).all()
    press(window, "eraser")
    stroke(pad, (0.0, 0.5), (1.0, 0.5))
    assert pad.image()[3:5].min() == 0
    press(window, "clear")
    assert pad.is_empty()


def test_that_a_drawn_image_has_the_evidence_of_the_python_api(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    pad = find(window, DrawPad, "drawPad")
    answer = answered(qtbot, window, found, lambda: stroke(pad, (0.5, 0.1), (0.5, 0.9)))
    model = vx.load("digits-vae")
    grey = pad.image() / np.float32(255)
    wanted = vx.evidence(model, (grey.round() if model.card.binarised == "dynamic" else grey)[None])
    assert answer.true.log_evidence == pytest.approx(wanted.log_evidence[0], abs=1e-6)
    assert f"{wanted.log_evidence[0]:.1f}".replace("-", "−") in find(window, QLabel, "drawNote").text()


def test_that_the_note_says_what_would_help_a_drawing(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    note = find(window, QLabel, "drawNote")
    answered(qtbot, window, found, lambda: press(window, "take"))
    assert "A grey pixel counts as white from 0.5" in note.text()
    answered(qtbot, window, found, lambda: press(window, "invert"))
    assert "Invert makes it white on black" in note.text()
    answered(qtbot, window, found, lambda: press(window, "clear"))
    answered(qtbot, window, found, lambda: stroke(find(window, DrawPad, "drawPad"), (0.02, 0.02), (0.02, 0.2)))
    assert "Centre moves and scales it" in note.text()


@pytest.mark.parametrize("button", ["tidy", "invert", "undo", "take"])
def test_that_nothing_is_said_of_the_picture_before_while_another_is_looked_at(
    button: str, window: MainWindow, qtbot: QtBot, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = find(window, QLabel, "drawNote")
    answered(qtbot, window, found, lambda: press(window, "take"))
    assert "nats" in note.text()
    stroke(find(window, DrawPad, "drawPad"), (0.2, 0.2), (0.3, 0.3))
    settle(qtbot, window)
    assert "nats" in note.text()
    monkeypatch.setattr(AnalysisThread, "post", lambda *_: None)
    press(window, button)
    qtbot.waitUntil(lambda: note.text() == "Being looked at…", timeout=PATIENCE)


def test_that_a_family_without_evidence_waits_for_no_numbers_of_a_drawing(
    open_window: Callable[..., MainWindow], file_of: Callable[[str], Path], qtbot: QtBot
) -> None:
    window = open_window(file_of("ae"))
    window.explorer.docks.show("evidenceDock", True)
    window.explorer.docks.show("drawDock", True)
    qtbot.waitUntil(lambda: window.session.inspection.examples is not None, timeout=PATIENCE)
    settle(qtbot, window)
    press(window, "take")
    qtbot.waitUntil(lambda: window.session.part(ImageAnalysis).subject.is_drawing, timeout=PATIENCE)
    settle(qtbot, window)
    assert text_of(window, "evidence.elbo") == "–"
    assert "no q(z|x) with a density" in text_of(window, "drawNote")


def test_that_hiding_pixels_lets_the_true_posterior_bloom(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    pad = find(window, DrawPad, "drawPad")
    whole = answered(qtbot, window, found, lambda: press(window, "take"))
    code = window.session.inspection.current
    assert code is not None
    assert code.original is not None
    assert np.array_equal(pad.image(), code.original)
    partly = answered(qtbot, window, found, lambda: hide(window, LOWER_HALF))
    qtbot.waitUntil(lambda: found[-1].true.area > 1.5 * whole.true.area, timeout=PATIENCE)
    partly = found[-1]
    assert pad.hidden()[5:].all()
    assert not pad.hidden()[:3].any()
    assert partly.true.log_evidence > whole.true.log_evidence
    press(window, "reveal")
    qtbot.waitUntil(lambda: found[-1].true.area == pytest.approx(whole.true.area, rel=1e-6), timeout=PATIENCE)


def test_that_the_hidden_part_alone_is_filled_and_each_draw_is_what_its_z_decodes_to(
    window: MainWindow, qtbot: QtBot, found: Found
) -> None:
    answered(qtbot, window, found, lambda: press(window, "take"))
    assert found[-1].fillings is None
    answered(qtbot, window, found, lambda: hide(window, LOWER_HALF))
    qtbot.waitUntil(lambda: not window.session.part(ImageAnalysis).busy, timeout=PATIENCE)
    fillings, pad, model = found[-1].fillings, find(window, DrawPad, "drawPad"), vx.load("digits-vae")
    assert fillings is not None
    hidden = pad.hidden()
    assert np.array_equal(fillings.hidden, hidden)
    for image in (fillings.expected, fillings.encoder, *fillings.samples):
        assert np.array_equal(image[~hidden], pad.image()[~hidden])
    for image, z in zip(fillings.samples, fillings.sample_z, strict=True):
        assert np.array_equal(image[hidden, 0], np.round(255 * model.decode(z))[0].astype(np.uint8)[hidden])
    black = np.where(hidden, 0, pad.image()[..., 0] > 127).astype(np.float32)
    q = model.encode(black)
    assert found[-1].mean == pytest.approx(q.mean[0], abs=1e-5)
    assert np.array_equal(fillings.encoder[hidden, 0], np.round(255 * model.decode(q.mean))[0].astype(np.uint8)[hidden])


def test_that_draws_fill_as_the_true_posterior_says(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    """The mean filling is that of many draws by importance sampling from the prior, with the pixels that are seen as weights."""
    answered(qtbot, window, found, lambda: press(window, "take"))
    answered(qtbot, window, found, lambda: hide(window, LOWER_HALF))
    qtbot.waitUntil(lambda: not window.session.part(ImageAnalysis).busy, timeout=PATIENCE)
    fillings, pad, model = found[-1].fillings, find(window, DrawPad, "drawPad"), vx.load("digits-vae")
    assert fillings is not None
    z = np.random.default_rng(0).standard_normal((10_000, 2)).astype(np.float32)
    decoded = model.decode(z).clip(1e-6, 1 - 1e-6).astype(np.float64)
    seen, image = ~pad.hidden(), pad.image()[..., 0] > 127
    log_likelihood = np.log(np.where(image, decoded, 1 - decoded))[:, seen].sum(axis=1)
    weights = np.exp(log_likelihood - log_likelihood.max())
    wanted = np.tensordot(weights / weights.sum(), decoded, 1)
    assert fillings.expected[~seen, 0] / 255 == pytest.approx(wanted[~seen], abs=0.06)


def test_that_fillings_follow_the_brush_and_a_click_shows_the_z_of_one(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    grid = find(window, FillingGrid, "fillings")
    answered(qtbot, window, found, lambda: press(window, "take"))
    assert not grid.isVisible()
    answered(qtbot, window, found, lambda: hide(window, LOWER_HALF[1:]))
    qtbot.waitUntil(grid.isVisible, timeout=PATIENCE)
    settle(qtbot, window)
    before = grid.images().copy()
    answered(qtbot, window, found, lambda: hide(window, LOWER_HALF[:1]))
    qtbot.waitUntil(lambda: not np.array_equal(grid.images(), before), timeout=PATIENCE)
    settle(qtbot, window)
    fillings = found[-1].fillings
    assert fillings is not None
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell(1).center())
    assert window.session.cursor.state.z == pytest.approx(tuple(fillings.sample_z[0]))
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell(0).center())  # the mean over all of p(z|x) has no z
    assert window.session.cursor.state.z == pytest.approx(tuple(fillings.sample_z[0]))
    dots = [item for item in items(window, PathDots) if item.isVisible() and len(item.data) == len(fillings.sample_z)]
    assert [tuple(place) for item in dots for place in zip(*item.getData(), strict=True)] == [
        pytest.approx(tuple(z)) for z in fillings.sample_z
    ]
    press(window, "reveal")
    qtbot.waitUntil(lambda: not grid.isVisible(), timeout=PATIENCE)
    settle(qtbot, window)


def test_that_the_same_image_is_filled_by_the_same_draws(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    answered(qtbot, window, found, lambda: press(window, "take"))
    answered(qtbot, window, found, lambda: hide(window, LOWER_HALF))
    settle(qtbot, window)
    pad, first = find(window, DrawPad, "drawPad"), found[-1].fillings
    answered(qtbot, window, found, lambda: stroke(pad, (0.1, 0.9), (0.9, 0.9)))  # over what is hidden already
    second = found[-1].fillings
    assert first is not None
    assert second is not None
    assert np.array_equal(first.sample_z, second.sample_z)


def test_that_a_drawing_is_moved_to_the_middle(window: MainWindow, qtbot: QtBot) -> None:
    pad = find(window, DrawPad, "drawPad")
    stroke(pad, (0.1, 0.1), (0.1, 0.6))
    press(window, "tidy")
    assert ndimage.center_of_mass(pad.image()[..., 0]) == pytest.approx((3.5, 3.5), abs=0.7)
    settle(qtbot, window)


def test_that_both_ellipses_of_the_gaps_lie_on_the_map(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    evidence: list[EvidenceAnalysis] = []
    window.session.part(ImageAnalysis).evidence_found.connect(
        lambda answer: evidence.append(answer) if answer is not None else None
    )
    answer = answered(qtbot, window, found, lambda: press(window, "take"))
    qtbot.waitUntil(lambda: bool(evidence) and not window.session.part(ImageAnalysis).busy, timeout=PATIENCE)
    gaps = evidence[-1].gaps
    for line, mean, std in (("encoder", answer.mean, answer.std), ("best", gaps.best_mean[0], gaps.best_std[0])):
        pen = window.theme.line(line)
        shapes = [
            item.path().boundingRect()
            for item in items(window, EllipseItem)
            if item.isVisible() and (item.pen().style(), item.pen().color()) == (pen.style(), pen.color())
        ]
        assert len(shapes) == 2
        radii = [math.sqrt(-2 * math.log(1 - share)) for share in (0.5, 0.95)]
        wanted = [2 * radius * std[0] for radius in radii]
        assert sorted(shape.width() for shape in shapes) == pytest.approx(wanted, rel=0.02)
        for shape in shapes:
            assert (shape.center().x(), shape.center().y()) == pytest.approx(tuple(mean), abs=0.01)


@pytest.mark.parametrize("half", ["upper", "right"])
def test_that_a_screenshot_shows_a_half_hidden_and_its_posteriors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    """The window of the screenshot, as it is when the picture is taken."""
    seen: list[tuple[NDArray[np.bool_], bool, float]] = []

    def look(window: MainWindow) -> QPixmap:
        pad, analysis = find(window, DrawPad, "drawPad"), window.session.part(ImageAnalysis).posterior
        assert analysis is not None
        assert analysis.fillings is not None
        view = window.latent_view.visible_rect()
        inside = view.contains(*analysis.mean) and view.contains(*analysis.true.mean)
        seen.append((pad.hidden(), pad.isVisible() and inside, view.width()))
        return QPixmap(4, 4)

    monkeypatch.setattr(MainWindow, "grab", look)
    words = ["--cursor", "0.3", "0.4", "--panel", "draw", "--hide", half]
    for zoom in ([], ["--zoom"]):
        assert main(["screenshot", "digits-vae", "--out", str(tmp_path / "f.png"), *words, *zoom]) == 0
    (hidden, shown, width), (again, shown_closer, closer) = seen
    assert (shown, shown_closer) == (True, True)
    assert closer != pytest.approx(width)
    assert np.array_equal(hidden, again)
    rows, columns = np.nonzero(hidden)
    assert len(rows) == 32
    ends = {"upper": rows.max(), "lower": 7 - rows.min(), "left": columns.max(), "right": 7 - columns.min()}
    assert ends[half] == 3


def test_that_centre_needs_no_inspected_image_and_says_what_it_needs(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pad, session = find(window, DrawPad, "drawPad"), window.session
    images = session.inspection.examples
    assert images is not None
    stroke(pad, (0.1, 0.1), (0.1, 0.4))
    off_centre = pad.image()
    session.inspection.set_originals(None)
    session.part(MetricSurvey).set_images(None)
    with monkeypatch.context() as without:
        without.setattr(Session, "has_images", False)
        for button in ("tidy", "take"):
            find(window, Banner, "banner").dismiss()
            press(window, button)
            assert find(window, QLabel, "bannerText").text().startswith("The original images are missing")
    np.testing.assert_array_equal(pad.image(), off_centre)
    test = ImageSet(images, np.zeros(len(images), np.uint8))
    session.inspection.set_codes(Codes.empty(), (), same_data=False)
    session.inspection.set_originals(Dataset(test, test))
    press(window, "tidy")
    row, column = ndimage.center_of_mass(pad.image()[..., 0])
    assert (row, column) == pytest.approx((3.5, 3.5), abs=1)
