"""Windows on a person's own decoder and encoder, opened by one line in the person's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PySide6.QtCore import QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel
from pytestqt.qtbot import QtBot
from scipy.stats import multivariate_normal
from torch import Tensor, nn

import vae_explorer as vx
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.main_window import MainWindow

from . import mouse
from .conftest import OpenWindow
from .leftovers import Watch
from .looking import PATIENCE, find, image_view, mosaic_item, run_action, settle

Explore = Callable[..., MainWindow]
SIDE = 6


@pytest.fixture
def explore(qtbot: QtBot, qapp: QApplication, watch: Watch) -> Iterator[Explore]:
    """Calls `vx.explore` without waiting for the window to close, and closes the window after the test."""
    windows: list[MainWindow] = []

    def show(*functions: object, **given: object) -> MainWindow:
        window = vx.explore(*functions, block=False, **given)  # type: ignore[arg-type]
        windows.append(window)
        window.resize(1280, 800)
        qtbot.waitUntil(lambda: window.session.decoder.was_ready, timeout=PATIENCE)
        settle(qtbot, window)
        return window

    yield show
    for window in windows:
        window.close()
    watch.note_what_still_runs()
    for window in windows:
        window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def decoder_of(latents: int) -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(latents, 16), nn.Tanh(), nn.Linear(16, SIDE * SIDE), nn.Sigmoid()).eval()


def pixels(decoder: nn.Module, z: tuple[float, float]) -> NDArray[np.uint8]:
    """The pixels of one point, from the caller's own call."""
    with torch.no_grad():
        values: Tensor = decoder(torch.tensor([z]))
    return np.rint(255 * values.numpy()).astype(np.uint8).reshape(SIDE, SIDE, 1)


def test_that_a_torch_decoder_is_drawn_under_the_cursor(explore: Explore, qtbot: QtBot) -> None:
    decoder = decoder_of(2)
    window = explore(decoder)
    for place in ((0.5, -0.8), (-1.2, 0.3)):
        z = mouse.move_to(window.latent_view, place)
        settle(qtbot, window)
        np.testing.assert_array_equal(image_view(window.explorer).image(), pixels(decoder, z))
    assert mosaic_item(window).image is not None


def words_of(window: MainWindow, name: str, qtbot: QtBot) -> str:
    """All visible words of a panel, after it has come to the front."""
    dock = window.explorer.docks.dock(f"{name}Dock")
    dock.show()
    dock.raise_()
    settle(qtbot, window)
    return " ".join(label.text() for label in dock.findChildren(QLabel) if label.isVisible())


def test_that_parts_without_encoder_or_likelihood_say_why_they_are_off(explore: Explore, qtbot: QtBot) -> None:
    window = explore(decoder_of(2), name="mine")
    assert "no encoder was given" in words_of(window, "evidence", qtbot)
    assert "does not know what the training minimised" in words_of(window, "equation", qtbot)
    assert "no codes" in words_of(window, "inspector", qtbot)
    assert "decode takes (n, 2) and gives (n, 36), pixels in [0, 1]" in words_of(window, "model", qtbot)
    for dock in window.explorer.docks.all():
        dock.show()
        dock.raise_()
        settle(qtbot, window)


def linear_pair() -> tuple[NDArray[np.float32], NDArray[np.float32], Callable[..., object], Callable[..., object]]:
    """Images (n, H, W) of known points (n, 2), and the functions that lead from one to the other."""
    generator = np.random.default_rng(5)
    basis = np.linalg.qr(generator.normal(size=(SIDE * SIDE, 2)))[0].T.astype(np.float32)  # (2, D)
    z = generator.normal(size=(50, 2)).astype(np.float32)

    def decode(z: NDArray[np.float32]) -> NDArray[np.float32]:
        return (0.5 + 0.1 * z @ basis).reshape(-1, SIDE, SIDE)

    def encode(images: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        mean = (images.reshape(-1, SIDE * SIDE) - 0.5) @ basis.T / 0.1
        return mean, np.full_like(mean, -4.0)

    return z, decode(z), decode, encode


def test_that_images_lie_on_the_map_at_their_codes_with_their_labels(explore: Explore, qtbot: QtBot) -> None:
    z, images, decode, encode = linear_pair()
    labels = np.array(["left", "right"])[(z[:, 0] > 0).astype(int)]
    window = explore(decode, encode, images, labels)
    model = window.session.model
    assert model is not None
    np.testing.assert_allclose(model.codes.mean, z, atol=1e-4)
    np.testing.assert_allclose(model.codes.std, np.exp(-2.0), rtol=1e-5)
    assert model.card.classes == ("left", "right")
    np.testing.assert_array_equal(model.codes.label, z[:, 0] > 0)
    window.session.hold_code(7)
    settle(qtbot, window)
    code = window.session.inspection.current
    assert code is not None
    assert code.original is not None
    assert code.reconstruction is not None
    wanted = np.rint(255 * images[7]).astype(np.uint8)[..., None]
    np.testing.assert_array_equal(code.original, wanted)
    assert np.abs(code.reconstruction.astype(int) - wanted).max() <= 1
    assert "no likelihood p(x|z) was given" in words_of(window, "evidence", qtbot)


def test_that_a_likelihood_turns_the_evidence_on(explore: Explore, qtbot: QtBot) -> None:
    _, images, decode, encode = linear_pair()
    window = explore(decode, encode, images, likelihood="gaussian", sigma=0.2)
    window.session.hold_code(0)
    words_of(window, "evidence", qtbot)
    qtbot.waitUntil(lambda: window.session.part(ImageAnalysis).posterior is not None, timeout=PATIENCE)
    found = window.session.part(ImageAnalysis).posterior
    assert found is not None
    np.testing.assert_allclose(found.true.log_evidence, gaussian_evidence(images[0], decode, 0.2), atol=0.02)


def gaussian_evidence(image: NDArray[np.float32], decode: Callable[..., object], sigma: float) -> float:
    """log N(x; b, A Aᵀ + σ² I) of a decoder A z + b, in nats."""
    base = np.asarray(decode(np.zeros((1, 2), np.float32))).ravel().astype(float)
    columns = [np.asarray(decode(row[None])).ravel() - base for row in np.eye(2, dtype=np.float32)]
    slope = np.stack(columns, axis=1)
    covariance = slope @ slope.T + sigma**2 * np.eye(len(base))
    return float(multivariate_normal(base, covariance).logpdf(image.ravel().astype(float)))


def test_that_two_windows_are_open_at_once(explore: Explore, qtbot: QtBot) -> None:
    decoders = [decoder_of(2), decoder_of(5)]
    windows = [explore(decoder) for decoder in decoders]
    assert all(window.isVisible() for window in windows)
    models = [window.session.model for window in windows]
    assert [model.card.spec.latent_dim for model in models if model is not None] == [2, 5]


def test_that_a_foreign_file_opens_in_the_window_and_is_saved_as_a_bundle(
    open_window: OpenWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    decoder = decoder_of(2)
    program = torch.export.export(decoder, (torch.zeros(2, 2),), dynamic_shapes=({0: torch.export.Dim("n")},))
    torch.export.save(program, tmp_path / "mine.pt2")
    window = open_window()
    window.open_model(tmp_path / "mine.pt2")
    qtbot.waitUntil(lambda: name_of_model(window) == "mine", timeout=PATIENCE)
    settle(qtbot, window)
    z = mouse.move_to(window.latent_view, (0.4, 0.6))
    settle(qtbot, window)
    np.testing.assert_array_equal(image_view(window.explorer).image(), pixels(decoder, z))
    with qtbot.waitSignal(window.session.model_saved, timeout=PATIENCE):
        window.session.save_model(tmp_path / "bundle.safetensors")
    again = vx.load(tmp_path / "bundle.safetensors").decode([z])[0]
    np.testing.assert_array_equal(np.rint(255 * again), pixels(decoder, z)[..., 0])


def name_of_model(window: MainWindow) -> str:
    return window.session.model.name if window.session.model is not None else ""


def test_that_a_file_that_would_run_code_leaves_the_open_model(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    torch.save(decoder_of(2), tmp_path / "whole.pt")
    window = open_window()
    before = name_of_model(window)
    with qtbot.waitSignal(window.session.problem_raised, timeout=PATIENCE) as raised:
        window.open_model(tmp_path / "whole.pt")
    assert "would run code" in raised.args[0]
    assert name_of_model(window) == before


def test_that_data_shows_the_codes_of_a_data_set(explore: Explore, qtbot: QtBot) -> None:
    window = explore(decode_grey, encode_corner)
    run_action(window, "data.place")
    dialog = window.frame.findChild(QInputDialog, "placeDialog")
    assert "digits" in dialog.comboBoxItems()
    dialog.setTextValue("digits")
    dialog.accept()
    qtbot.waitUntil(lambda: window.session.has_images, timeout=PATIENCE)
    settle(qtbot, window)
    assert window.latent_view.codes_item.count == 1797
    assert not find(explore(decode_grey), QAction, "data.place").isEnabled()


def decode_grey(z: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.full((len(z), 8, 8), 0.5, np.float32)


def encode_corner(images: NDArray[np.float32]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1)[:, 20:22]
