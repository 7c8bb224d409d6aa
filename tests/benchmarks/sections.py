"""Models of more than two latents, and a caller's decoder: hovering a section, and going to another section of a million codes."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

import vae_explorer as vx
from tests.benchmarks.tools import at_rest, milliseconds, open_window, row, spread, wait
from tests.benchmarks.window import Hover
from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset, DatasetSpec, ImageSet
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.latent.section import of_latents
from vae_explorer.models.model_file import ModelFile, write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.run import Run

IMAGES, MILLION, WIDE = 10_000, 1_000_000, 32
PARTS, MOVES, ROUNDS = 8, 50, 10
SHADES = DatasetSpec("shades", "", (28, 28, 1), ("shade",), (IMAGES, 100), "made here")


def measure() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        return [_hover(Path(folder)), _million(Path(folder)), _caller()]


def _hover(folder: Path) -> dict[str, str]:
    """Hover untrained networks of 20 and of two latents by turns, each in a window of its own."""
    windows = [open_window(str(_saved(folder, latents))) for latents in (20, 2)]
    for window in windows:
        wait(lambda window=window: at_rest(window))  # type: ignore[misc]
    hovers = [Hover(window) for window in windows]
    times: list[list[float]] = [[], []]
    for _ in range(PARTS):
        for hover, taken in zip(hovers, times, strict=True):
            taken += hover.seconds(MOVES)
    for window in windows:
        window.close()
    ratio = milliseconds(times[0], 95) / milliseconds(times[1], 95)
    measured = f"{ratio:.2f} × ({spread(times[0])} and {spread(times[1])})"
    return row("hover on a section of 20 latents, MLP 784-512-512, beside the same with two latents, p95", "≤ 1.2 ×", measured)


def _untrained(latents: int) -> ModelFile:
    images = np.random.default_rng(0).integers(0, 256, (sum(SHADES.size), *SHADES.image_shape), np.uint8)
    labels = np.zeros(len(images), np.uint8)
    dataset = Dataset(ImageSet(images[:IMAGES], labels[:IMAGES]), ImageSet(images[IMAGES:], labels[IMAGES:]))
    config = TrainConfig(dataset="shades", own=SHADES, body="mlp", hidden=(512, 512), latent_dim=latents)
    return Run(config, dataset, torch.device("cpu")).model_file({})


def _saved(folder: Path, latents: int) -> Path:
    path = folder / f"shades-{latents}.safetensors"
    write_model_file(path, _untrained(latents))
    return path


def _million(folder: Path) -> dict[str, str]:
    """Go from section to section, by turns with the product of the codes and the axes that any projection needs."""
    random, small = np.random.default_rng(0), _untrained(WIDE)
    mean = random.standard_normal((MILLION, WIDE), np.float32)
    label, split = np.zeros(MILLION, np.uint8), np.full(MILLION, Split.TRAIN, np.uint8)
    window = open_window(str(_saved(folder, WIDE)))
    window.session.show_model(ModelFile(small.card, small.weights, Codes(mean, np.full_like(mean, 0.1), label, split)))
    wait(lambda: at_rest(window) and window.latent_view.codes_item.is_sharp())
    rounds = []
    for latent in range(1, ROUNDS + 1):
        section = of_latents(latent, latent + 1, np.zeros(WIDE))
        axes = section.axes.T.astype(np.float32)
        rounds.append((_shown(window, latent), _seconds(lambda axes=axes: mean @ axes)))  # type: ignore[misc]
        wait(lambda: at_rest(window))  # else the index of the codes would slow the product down
    window.close()
    ratio = statistics.median(shown / product for shown, product in rounds)
    shown, product = (1000 * statistics.median(each) for each in zip(*rounds, strict=True))
    what = "1,000,000 codes of 32 latents: another section to a sharp map, beside one product of codes and axes"
    return row(what, "≤ 3 ×", f"{ratio:.1f} × ({shown:.0f} and {product:.0f} ms)")


def _shown(window: MainWindow, latent: int) -> float:
    """Return the seconds from the wish for a section to the sharp picture of its codes."""
    session, codes = window.session, window.latent_view.codes_item
    before = session.model
    begun = time.perf_counter()
    session.show_section(of_latents(latent, latent + 1, np.zeros(WIDE)))
    wait(lambda: session.model is not before and codes.is_sharp())
    return time.perf_counter() - begun


def _caller() -> dict[str, str]:
    """Hover a decoder of numpy, by turns with its own call."""
    decode = _decoder()
    window = vx.explore(decode, latents=2, image_shape=(28, 28), pixels="unit", block=False)
    window.map_area.hint.hide()
    wait(lambda: at_rest(window))
    hover = Hover(window)
    hovered, alone = [], []
    for part in range(PARTS):
        hovered += hover.seconds(MOVES)
        for z in np.random.default_rng(part).normal(size=(MOVES, 1, 2)):
            alone.append(_seconds(lambda z=z: decode(z)))  # type: ignore[misc]
    window.close()
    over = milliseconds(hovered, 95) - milliseconds(alone, 95)
    measured = f"{over:.1f} ms (hover {spread(hovered)}, the call {spread(alone)})"
    return row("`vx.explore` on a caller's decoder: hover above the caller's own call, p95", "≤ 3 ms", measured)


def _decoder() -> Callable[[NDArray[np.floating]], NDArray[np.floating]]:
    random = np.random.default_rng(0)
    inner, middle, outer = (random.normal(size=size) for size in ((2, 512), (512, 512), (512, 784)))

    def decode(z: NDArray[np.floating]) -> NDArray[np.floating]:
        hidden = np.tanh(np.tanh(z @ inner) @ middle / 20)
        return (1 / (1 + np.exp(-hidden @ outer / 20))).reshape(-1, 28, 28)

    return decode


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
