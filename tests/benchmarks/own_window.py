"""The window on a person's own images: hovering a colour model, and opening the model of a store of a million images."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tests.benchmarks.tools import at_rest, cloud, open_window, row, spread, wait
from tests.benchmarks.window import Hover
from vae_explorer import locations
from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset, DatasetSpec, ImageSet
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Reading
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel, load_model
from vae_explorer.models.model_file import ModelFile, read_model_file, write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.run import Run

MILLION, TEST, ROUNDS = 1_000_000, 10_000, 5
PARTS, MOVES = 8, 50
COLOUR = DatasetSpec("discs", "", (64, 64, 3), ("disc",), (64, 16), "made here")


def measure() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        return [_colour(Path(folder)), _million(Path(folder))]


def _colour(folder: Path) -> dict[str, str]:
    """Hover an untrained model with the default body for 64×64 images, by turns with its decoder alone in this process."""
    path = folder / "discs.safetensors"
    images = np.random.default_rng(0).integers(0, 256, (80, 64, 64, 3), np.uint8)
    labels = np.zeros(80, np.uint8)
    dataset = Dataset(ImageSet(images[:64], labels[:64]), ImageSet(images[64:], labels[64:]))
    run = Run(TrainConfig(dataset="discs", own=COLOUR), dataset, torch.device("cpu"))
    write_model_file(path, run.model_file({}))
    model = load_model(path)
    torch.set_num_threads(1)
    window = open_window(str(path))
    wait(lambda: at_rest(window))
    hover = Hover(window)
    hovered, alone = [], []
    for _ in range(PARTS):
        hovered += hover.seconds(MOVES)
        alone += _decoding(model)
    window.close()
    measured = f"{spread(hovered)}; decode alone {spread(alone)}"
    return row("hover of a 64×64×3 model of residual convolutions, p95", "≤ decode + 4 ms", measured)


def _decoding(model: TrainedModel) -> list[float]:
    seconds = []
    for z in np.random.default_rng(1).normal(size=(MOVES, 1, 2)):
        begun = time.perf_counter()
        model.decode(z)
        seconds.append(time.perf_counter() - begun)
    return seconds


def _million(folder: Path) -> dict[str, str]:
    """Open a model whose data set is a store of a million images, beside reading its codes."""
    np.save(folder / "million.npy", np.zeros((MILLION + TEST, 28, 28), np.uint8))
    store = add(
        folder / "million.npy", Reading(test_share=TEST / (MILLION + TEST)), locations.data(), "benchmark-million"
    ).store
    path = folder / "million.safetensors"
    small = read_model_file(locations.pretrained() / "mnist-vae-small.safetensors")
    mean, label = cloud(sum(store.spec.size))
    split = np.repeat(np.array([Split.TRAIN, Split.TEST], np.uint8), store.spec.size)
    codes = Codes(mean, np.full_like(mean, 0.1), np.zeros_like(label), split)
    card = replace(small.card, name="million", dataset=store.name, classes=())
    write_model_file(path, ModelFile(card, small.weights, codes))
    window = open_window("mnist-vae-small")
    rounds = [(_opened(window, path), _read(path)) for _ in range(ROUNDS)]
    window.close()
    ratio = statistics.median(opened / read for opened, read in rounds)
    seconds = statistics.median(opened for opened, _ in rounds)
    what = "1,000,000 images in a store: open to painted map, beside reading the codes alone"
    return row(what, "≤ 1.5 ×", f"{ratio:.2f} × ({seconds:.2f} s)")


def _opened(window: MainWindow, path: Path) -> float:
    window.open_model("mnist-vae-small")
    wait(lambda: window.session.settled and window.session.model is not None and window.session.model.name == "mnist-vae-small")
    codes = window.latent_view.codes_item
    begun = time.perf_counter()
    window.open_model(path)
    wait(lambda: window.session.model is not None and window.session.model.name == "million" and codes.is_sharp())
    seconds = time.perf_counter() - begun
    wait(lambda: window.session.settled)  # else the index of the codes would slow the reader down
    return seconds


def _read(path: Path) -> float:
    begun = time.perf_counter()
    _ = read_model_file(path).codes
    return time.perf_counter() - begun
