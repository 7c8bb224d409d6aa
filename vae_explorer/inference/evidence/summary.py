"""Summarises the evidence of a test set, exact or estimated, for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Labels
from vae_explorer.data.base import Dataset, ShouldStop, never
from vae_explorer.inference.evaluation import fitting
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.line_engine import LineEngine
from vae_explorer.inference.evidence.results import Estimates, Evidence, Gaps, Rows, gathered
from vae_explorer.inference.evidence.sampled import EvidenceSampler
from vae_explorer.inference.evidence.workers import shared_out, usual_threads
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.bits import figures_in_bits
from vae_explorer.models.measure import measured_images, standard_error
from vae_explorer.models.spec import LATENT_DIM

DRAWS = (500, 5000)  # draws of the importance sampling estimates


def evidence_summary(
    model: TrainedModel,
    dataset: Dataset,
    limit: int | None = None,
    should_stop: ShouldStop = never,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Return means over the first `limit` test images in nats, and measures of their exactness.

    Standard errors over images stand beside the means as `…_se`. Gaps, the KL divergence and the importance sampling biases
    (`is_500_bias`, `is_5000_bias`) have heavy tails, so medians stand beside them as `…_median`. The dict also holds the
    largest `step_halving_difference`, the largest residual of the identity, `not_converged` and `n`. A model of binary images
    gets images binarised once (seed 0), as in `evaluate`. `progress` gets (images done, images in all). Raises `UserError` if
    the family has no exact evidence.
    """
    images, label = _measured(model, dataset, limit)

    def measured(engine: EvidenceEngine, some: Rows) -> tuple[Evidence, Gaps, NDArray[np.float64]]:
        stop = engine.lattice.should_stop
        drawn = engine.importance(images[some], DRAWS, label[some], seed=int(some[0]), should_stop=stop)
        return *engine.gaps(images[some], label[some], stop), drawn

    parts, done, estimates = [], 0, np.empty((len(DRAWS), len(images)))
    of_plane = model.card.spec.latent_dim == LATENT_DIM
    shared = shared_out(model, images, label, measured, usual_threads(), should_stop) if of_plane else None
    for some, (found, split, drawn) in shared or _on_line(model, images, label, should_stop):
        parts.append((some, found, split))
        estimates[:, some] = drawn
        done += len(some)
        progress(done, len(images))
    evidence = gathered([(some, one) for some, one, _ in parts])
    gaps = gathered([(some, other) for some, _, other in parts])
    moved = np.maximum(evidence.step_halving_difference, gaps.step_halving_difference)
    sampled = {f"is_{draws}": each for draws, each in zip(DRAWS, estimates, strict=True)}
    even = {"log_evidence": evidence.log_evidence, "elbo": evidence.elbo} | sampled
    heavy = {
        "posterior_kl": evidence.posterior_kl,
        "amortisation_gap": gaps.amortisation,
        "approximation_gap": gaps.approximation,
    } | {f"{name}_bias": each - evidence.log_evidence for name, each in sampled.items()}
    exactness = {"step_halving_difference": float(moved.max()), "identity_residual_max": float(np.abs(evidence.residual).max())}
    exactness |= {"not_converged": int((~(evidence.converged & gaps.converged)).sum()), "n": len(images)}
    averages = _averages(even | heavy)
    averages |= figures_in_bits(averages, model.card.spec)
    return averages | {f"{name}_median": float(np.median(each)) for name, each in heavy.items()} | exactness


def _on_line(
    model: TrainedModel, images: NDArray[np.float32], label: Labels, should_stop: ShouldStop
) -> Iterator[tuple[Rows, tuple[Evidence, Gaps, NDArray[np.float64]]]]:
    engine = LineEngine(model)
    for rows, found, split in engine.stream_gaps(images, label, should_stop):
        drawn = engine.importance(images[rows], DRAWS, label[rows], int(rows[0]), should_stop)
        yield rows, (found, split, drawn)


def estimates_summary(
    model: TrainedModel,
    dataset: Dataset,
    limit: int | None = None,
    draws: int = DRAWS[0],
    should_stop: ShouldStop = never,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Return means of estimates over the first `limit` test images in nats, for a model of more than two latents.

    `log_evidence_encoder`, `…_best` and `…_mixture` are the estimates by each proposal. Beside each stand the standard error over
    images as `…_se`, the standard error of the draws alone as `…_draws_se`, and the distance from the mixture's estimate as
    `…_bias`. `effective_samples_…` are medians, and `few_…` the number of images with few of them. Images are those of
    `evidence_summary`. Raises `UserError` if the family has no evidence.
    """
    images, label = _measured(model, dataset, limit)
    sampler, parts, done = EvidenceSampler(model, draws), list[tuple[Rows, Estimates]](), 0
    for rows, part in sampler.stream(images, label, should_stop=should_stop):
        parts.append((rows, part))
        done += len(rows)
        progress(done, len(images))
    found = gathered(parts)
    by = {"encoder": found.encoder, "best": found.best, "mixture": found.mixture}
    even = {f"log_evidence_{name}": each.log_evidence for name, each in by.items()} | {
        "elbo": found.elbo,
        "best_elbo": found.best_elbo,
    }
    heavy = {
        "posterior_kl": found.posterior_kl,
        "amortisation_gap": found.amortisation,
        "approximation_gap": found.approximation,
    }
    figures = _averages(even | heavy)
    figures |= figures_in_bits(figures, model.card.spec) | {
        f"{name}_median": float(np.median(each)) for name, each in heavy.items()
    }
    for name in ("encoder", "best"):
        figures[f"log_evidence_{name}_bias"] = figures[f"log_evidence_{name}"] - figures["log_evidence_mixture"]
    for name, each in by.items():
        figures[f"log_evidence_{name}_draws_se"] = float(np.sqrt(np.square(each.se).sum())) / len(images)
        figures[f"effective_samples_{name}"] = float(np.median(each.effective_samples))
        figures[f"few_{name}"] = int(each.few.sum())
    return figures | {"draws": draws, "n": len(images)}


def _measured(model: TrainedModel, dataset: Dataset, limit: int | None) -> tuple[NDArray[np.float32], Labels]:
    """Return the first `limit` test images (n, H, W, C) as they are measured, and their classes."""
    dataset = fitting(model, dataset)
    images = measured_images(dataset.test.images, model.card.binarised)[:limit].numpy().reshape(-1, *model.image_shape)
    return images, dataset.test.labels[:limit]


def _averages(figures: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    means = {name: float(each.mean()) for name, each in figures.items()}
    errors = {f"{name}_se": standard_error(each) for name, each in figures.items()}
    return means | {name: error for name, error in errors.items() if error is not None}
