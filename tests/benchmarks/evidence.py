"""Exact evidence of mnist-vae on the MNIST test images: seconds and memory, beside importance sampling and its bias."""

from __future__ import annotations

import resource
import time

import numpy as np

from tests.benchmarks.tools import row
from vae_explorer import locations
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.trained import load_model
from vae_explorer.models.catalogue import find_model
from vae_explorer.models.measure import measured_images

SAMPLED = 200  # images that importance sampling is tried on: the first ones
TERMS = 1000
DRAWS = (1, 50, 500, 5000)


def measure() -> list[dict[str, str]]:
    model = load_model(find_model("mnist-vae"))
    test = load_dataset("mnist", Fetching(locations.data())).test
    images = measured_images(test.images, model.card.binarised).numpy().reshape(-1, 28, 28)
    before = _peak_bytes()
    engine, build = _timed(lambda: EvidenceEngine(model))
    _, warm = _timed(engine.build)
    ones = [_timed(lambda image=image: engine.log_evidence(image))[1] for image in images[:50] for _ in range(2)]
    every, seconds = _timed(lambda: engine.log_evidence(images))
    memory = (_peak_bytes() - before) / 1e9
    rows = [
        row("coarse plane decoded", "≤ 1 s", f"{build + warm:.2f} s"),
        row("log p(x) of one image, median: first time; again", "≤ 20 ms", f"{_ms(ones[::2])}; {_ms(ones[1::2])}"),
        row("log p(x) of 10,000 images; memory above", "≤ 30 s; ≤ 1 GB", f"{seconds:.1f} s; {memory:.2f} GB"),
        row("log p(x) of the test set, mean", "", f"{every.log_evidence.mean():.3f} nats".replace("-", "−")),
        row("largest difference under step halving", "≤ 1e-3 nats", f"{every.difference.max():.1e} nats"),
    ]
    return rows + _identity(engine, images[:TERMS]) + _bias(engine, images[:SAMPLED], every.log_evidence[:SAMPLED])


def _identity(engine: EvidenceEngine, images: np.ndarray) -> list[dict[str, str]]:
    (found, gaps), seconds = _timed(lambda: engine.gaps(images))
    least = min(gaps.approximation.min(), gaps.amortisation.min())
    split = f"{gaps.approximation.mean():.2f}, {gaps.amortisation.mean():.2f} nats"
    return [
        row(f"identity, {len(images)} images: largest residual", "≤ 1e-3 nats", f"{np.abs(found.residual).max():.1e} nats"),
        row("the same with the gap split, an image", "", f"{1000 * seconds / len(images):.0f} ms"),
        row("approximation, amortisation gap, mean; smallest", "≥ −1e-3", f"{split}; {least:.1e}".replace("-", "−")),
    ]


def _bias(engine: EvidenceEngine, images: np.ndarray, exact: np.ndarray) -> list[dict[str, str]]:
    rows = []
    for draws in DRAWS:
        estimate, seconds = _timed(lambda draws=draws: engine.importance(images, (draws,))[0])
        off = f"{(estimate - exact).mean():.3f} nats".replace("-", "−")
        what = f"importance sampling, {draws:,} draws, {len(images)} images: bias; an image"
        rows.append(row(what, "", f"{off}; {1000 * seconds / len(images):.1f} ms"))
    return rows


def _timed(work):  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def _ms(seconds: list[float]) -> str:
    return f"{1000 * float(np.median(seconds)):.1f} ms"


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
