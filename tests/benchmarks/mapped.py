"""Training on more images than memory holds, and what reading them from a file costs where the system's cache holds them."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tests.benchmarks.tools import row
from vae_explorer.data.base import Dataset, DatasetSpec, Fetching, ImageSet, never
from vae_explorer.data.sources import DATASETS
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import StepDone
from vae_explorer.training.loop import train
from vae_explorer.training.run import Run

SIDE, TEST, FILE = 28, 1000, "images.npy"
HUGE = 20 * 10**9 // SIDE**2  # images in 20 GB
LARGE = 240_000  # images of the second measurement: 188 MB
SECONDS = 30.0  # of training on the huge file
PAIRS = 5
CONFIG = {"dataset": "mapped", "hidden": (512, 512), "batch_size": 256, "epochs": 2 * PAIRS, "binarised": "dynamic"}
MEASURE = "from tests.benchmarks.mapped import train_on; import sys; train_on(sys.argv[1])"


def measure() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        sparse = Path(folder) / FILE
        np.lib.format.open_memmap(sparse, mode="w+", dtype=np.uint8, shape=(HUGE, SIDE, SIDE, 1)).flush()
        done = subprocess.run([sys.executable, "-c", MEASURE, folder], stdout=subprocess.PIPE, text=True, check=True)
        said = json.loads(done.stdout.splitlines()[-1])
        rate = _rate(Path(folder) / "large.npy")
    peak, images = said["peak"] / 1e9, said["images"]
    return [
        row("20 GB of mapped images: memory while training, largest", "≤ 1.5 GB", f"{peak:.2f} GB ({images:,} images seen)"),
        row("mapped images that the system's cache holds, beside images in memory", "≥ 0.8 ×", f"{rate:.2f} ×"),
    ]


def train_on(folder: str) -> None:
    """Train on the images in `folder` for a while; print the largest resident memory of this process."""
    seen, begun = 0, time.monotonic()
    for event in train(TrainConfig(**CONFIG), folder):  # type: ignore[arg-type]
        if isinstance(event, StepDone):
            seen = event.step * 256
            if time.monotonic() - begun > SECONDS:
                break
    print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "images": seen}))


def _rate(path: Path) -> float:
    images = np.random.default_rng(0).integers(0, 256, (LARGE, SIDE, SIDE, 1), dtype=np.uint8)
    np.save(path, images)
    config = TrainConfig(**CONFIG)  # type: ignore[arg-type]
    sources = {"memory": images, "file": np.load(path, mmap_mode="r")}
    runs = {name: Run(config, _dataset(source), torch.device("cpu")) for name, source in sources.items()}

    def seconds(run: Run) -> float:
        begun = time.perf_counter()
        for _ in run.epoch(1, never):
            pass
        return time.perf_counter() - begun

    rounds = [{name: seconds(run) for name, run in runs.items()} for _ in range(PAIRS)]
    return statistics.median(each["memory"] / each["file"] for each in rounds)


def _dataset(images: NDArray[np.uint8]) -> Dataset:
    test = ImageSet(np.zeros((TEST, SIDE, SIDE, 1), np.uint8), np.zeros(TEST, np.uint8))
    return Dataset(ImageSet(images, np.zeros(len(images), np.uint8)), test)


def load(fetching: Fetching) -> Dataset:
    """The source 'mapped': the file in the folder for data."""
    return _dataset(np.load(fetching.root / FILE, mmap_mode="r"))


DATASETS.register(
    "mapped", DatasetSpec("Mapped", "tests.benchmarks.mapped:load", (SIDE, SIDE, 1), ("only",), (HUGE, TEST), "a file")
)
