"""A person's own images: preparing a folder, training from its store, hovering a colour model, opening a store of a million."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from tests.benchmarks.peers import LoaderLoop, folder_loader
from tests.benchmarks.tools import row
from vae_explorer.data.base import never
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.store import Store
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.run import Run

PICTURES, SIDE, CLASSES, PAIRS, BATCH = 10_000, 64, 10, 5, 256
NETWORKS = ((256, 256), (64, 64))  # hidden layers of an MLP


def measure() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        source, root = Path(folder, "pictures"), Path(folder, "data")
        _draw(source)
        names = (f"set{number}" for number in count())
        stores: list[Store] = []
        works: dict[str, Callable[[], object]] = {
            "ours": lambda: stores.append(add(source, Reading(), root, next(names)).store),
            "peer": lambda: [None for _ in folder_loader(source, BATCH)],
        }
        prepared = _ratio(works, "ours", "peer")
        rows = [
            row("prepare 10,000 PNGs of 64×64, beside a pass of ImageFolder and DataLoader (2 workers)", "≤ 0.7 ×", prepared)
        ]
        for layers in NETWORKS:
            what = f"an epoch of 12288-{layers[0]}-{layers[1]} from the store, beside that DataLoader, same network"
            rows.append(row(what, "≥ 3 × images/s", _epochs(stores[0], source, layers)))
    return rows


def _draw(folder: Path) -> None:
    """Write coloured discs with some noise."""
    chosen = np.random.default_rng(0)
    row, column = np.mgrid[:SIDE, :SIDE]
    for number in range(PICTURES):
        y, x, radius = chosen.uniform((20, 20, 8), (44, 44, 20))
        disc = (np.hypot(row - y, column - x) < radius)[..., None] * chosen.uniform(50, 255, 3)
        path = folder / f"class {number % CLASSES}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.clip(disc + chosen.normal(0, 8, disc.shape), 0, 255).astype(np.uint8)).save(path)


def _epochs(store: Store, source: Path, layers: tuple[int, int]) -> str:
    config = TrainConfig(
        dataset=store.name, own=store.spec, likelihood="gaussian", body="mlp", hidden=layers, batch_size=BATCH, epochs=2 * PAIRS
    )
    dataset = store.dataset()
    run = Run(config, dataset, torch.device("cpu"))
    peer = LoaderLoop(folder_loader(source, BATCH), SIDE * SIDE * 3, layers)

    def ours() -> float:
        begun = time.perf_counter()
        for _ in run.epoch(1, never):
            pass
        return len(dataset.train) / (time.perf_counter() - begun)

    def theirs() -> float:
        begun = time.perf_counter()
        seen = peer.epoch()
        return seen / (time.perf_counter() - begun)

    ours(), theirs()
    rates = [(ours(), theirs()) for _ in range(PAIRS)]
    ratio = statistics.median(mine / other for mine, other in rates)
    return f"{ratio:.1f} × ({statistics.median(mine for mine, _ in rates):,.0f} images/s)"


def _ratio(works: dict[str, Callable[[], object]], ours: str, peer: str) -> str:
    rounds = [{name: _seconds(work) for name, work in works.items()} for _ in range(PAIRS)]
    ratio = statistics.median(each[ours] / each[peer] for each in rounds)
    return f"{ratio:.2f} × ({statistics.median(each[ours] for each in rounds):.2f} s)"


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
