"""Exact evidence of MNIST's test images: seconds and memory, the parts that agree, and importance sampling with its bias beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import partial
from unittest import mock

import numpy as np

from tests.benchmarks.evidence_all import model_and_images
from tests.benchmarks.tools import milliseconds, row
from vae_explorer.inference.evidence import integral
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.measure import standard_error
from vae_explorer.models.terms import number

FINER = 300  # images whose log p(x) is beside that of finer sums
GAPS = 300  # images whose gaps are measured: the first ones
TERMS = 1000  # images whose terms are measured: the first ones
FIRST = 100  # that are measured one by one
DRAWS = (1, 50, 500, 5000)
PUBLISHED = ("mnist-vae", "mnist-laplace-vae", "mnist-iwae", "mnist-iaf-vae")


def measure() -> list[dict[str, str]]:
    every = _all_images()
    model, images = model_and_images("mnist-vae")
    engine, build = _timed(lambda: EvidenceEngine(model))
    _, warm = _timed(engine.build)
    engine.log_evidence(images[-1])  # the process's own first time
    ones = [_timed(lambda image=image: engine.log_evidence(image))[1] for image in images[:FIRST] for _ in range(2)]
    rows = [
        row("coarse plane decoded", "≤ 1 s", f"{build + warm:.2f} s"),
        row("log p(x) of one image, first time: median, p95", "≤ 20 ms", _ms(ones[::2])),
        row("the same image again: median, p95", "≤ 20 ms", _ms(ones[1::2])),
        row(
            "log p(x) of 10,000 images: wall, processor", "≤ 30 s", "{seconds:.1f} s; {processor_seconds:.1f} s".format(**every)
        ),
        row(
            "largest memory of that process; before the engine",
            "≤ 1 GB",
            f"{every['peak'] / 1e9:.2f} GB; {every['before'] / 1e9:.2f} GB",
        ),
        row("log p(x) of the test set, mean", "", _nats(every["mean"])),
        row("largest difference under step halving", "≤ 1e-3 nats", f"{every['difference']:.1e} nats"),
    ]
    rows.append(_against_finer(model, images[:FINER]))
    return rows + _identity(engine, images[:GAPS]) + _bias(engine, images[:TERMS]) + [_exact(name) for name in PUBLISHED]


def _all_images() -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.evidence_all"], stdout=subprocess.PIPE, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _against_finer(model: TrainedModel, images: np.ndarray) -> dict[str, str]:
    """log p(x) as it is found, beside sums whose step was halved until no more than a hundredth of TOLERANCE was moved."""
    found = EvidenceEngine(model).log_evidence(images).log_evidence
    with mock.patch.multiple(integral, TOLERANCE=integral.TOLERANCE / 100, summed=partial(_without_estimate, integral.summed)):
        finer = EvidenceEngine(model).log_evidence(images)
    off = np.abs(found - finer.log_evidence)[finer.difference <= integral.TOLERANCE]
    return row(f"log p(x) beside finer sums, {len(off)} images: largest difference", "≤ 1e-3 nats", f"{off.max():.1e} nats")


def _without_estimate(summed, joint, bend, cover, level, smooth):  # type: ignore[no-untyped-def]
    return summed(joint, bend, cover, level, smooth=False)


def _identity(engine: EvidenceEngine, images: np.ndarray) -> list[dict[str, str]]:
    begun = time.process_time()
    found, gaps = engine.gaps(images)
    seconds, n = time.process_time() - begun, len(images)
    return [
        row(f"log p(x), ELBO, KL and both gaps of {n} images: processor time an image", "", f"{1000 * seconds / n:.0f} ms"),
        row("largest residual of the identity; step halving", "≤ 1e-3 nats", f"{_residual(found)} nats"),
        row(f"approximation gap of {n} images: mean, median; smallest", "≥ −1e-3", _spread(gaps.approximation)),
        row(f"amortisation gap of {n} images: mean, median; smallest", "≥ −1e-3", _spread(gaps.amortisation)),
    ]


def _spread(nats: np.ndarray) -> str:
    mean = number(float(nats.mean()), 2, standard_error(nats))
    return f"{mean}, {np.median(nats):.3f} nats; {nats.min():.1e}".replace("-", "−")


def _residual(found) -> str:  # type: ignore[no-untyped-def]
    return f"{np.abs(found.residual).max():.1e}; {found.step_halving_difference.max():.1e}"


def _bias(engine: EvidenceEngine, images: np.ndarray) -> list[dict[str, str]]:
    exact = engine.log_evidence(images).log_evidence
    rows = []
    for draws in DRAWS:
        estimate, seconds = _timed(lambda draws=draws: engine.importance(images, (draws,))[0])
        off = _nats(float((estimate - exact).mean()))
        what = f"importance sampling, {draws:,} draws, {len(images)} images: bias; an image"
        rows.append(row(what, "", f"{off}; {1000 * seconds / len(images):.1f} ms"))
    return rows


def _exact(name: str) -> dict[str, str]:
    """Beside the published two-dimensional row (Davidson et al. 2018, table 1), whose log-likelihood is by 500 draws."""
    model, images = model_and_images(name)
    engine = EvidenceEngine(model)
    found = engine.evidence(images[:TERMS])
    estimate = engine.importance(images[:TERMS], (500,)).mean()
    means = [found.log_evidence.mean(), estimate, found.elbo.mean(), found.reconstruction.mean()]
    words = f"{', '.join(f'{value:.2f}' for value in means)}, {found.kl.mean():.2f}; {(~found.converged).sum()} not exact"
    what = f"{name}, {TERMS} images: log p(x), by 500 draws, ELBO, reconstruction, KL"
    return row(what, "published: –, −135.73, −137.08, −129.84, 7.24", words.replace("-", "−"))


def _timed(work):  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def _ms(seconds: list[float]) -> str:
    return f"{milliseconds(seconds, 50):.1f}, {milliseconds(seconds, 95):.1f} ms"


def _nats(value: float) -> str:
    return f"{value:.3f} nats".replace("-", "−")
