"""All test images by themselves in a process that imports no window: seconds, and the whole process's largest memory, as JSON."""

from __future__ import annotations

import json
import resource
import time

import numpy as np

from vae_explorer import locations
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evidence.grouping import ALONE
from vae_explorer.inference.evidence.results import gathered
from vae_explorer.inference.evidence.workers import shared_out, usual_threads
from vae_explorer.inference.trained import TrainedModel, load_model
from vae_explorer.models.catalogue import find_model
from vae_explorer.models.measure import measured_images


def model_and_images(name: str) -> tuple[TrainedModel, np.ndarray]:
    """A pretrained model of MNIST and the test images as its figures are measured on them, (n, H, W)."""
    model = load_model(find_model(name))
    test = load_dataset("mnist", Fetching(locations.data())).test
    return model, measured_images(test.images, model.card.binarised).numpy().reshape(-1, *model.image_shape)


def main() -> None:
    model, images = model_and_images("mnist-vae")
    before, wall, cpu = _peak_bytes(), time.perf_counter(), time.process_time()
    parts = shared_out(
        model, images, None, lambda engine, rows: engine.log_evidence(images[rows]), usual_threads(), together=ALONE
    )
    found = gathered(list(parts))
    figures = {
        "seconds": time.perf_counter() - wall,
        "processor_seconds": time.process_time() - cpu,
        "before": before,
        "peak": _peak_bytes(),
        "mean": found.log_evidence.mean(),
        "difference": found.difference.max(),
    }
    print(json.dumps({name: float(value) for name, value in figures.items()}))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
