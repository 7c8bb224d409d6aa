"""The exact evidence of a test set in a few numbers, as the command line prints them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import Dataset, ShouldStop, never
from vae_explorer.inference.evaluation import fitting
from vae_explorer.inference.evidence.engine import Evidence, EvidenceEngine, Gaps, Rows, gathered
from vae_explorer.inference.evidence.workers import processors, shared_out
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.measure import measured_images

DRAWS = (500, 5000)  # of the importance sampling estimate beside it


def evidence_summary(
    model: TrainedModel,
    dataset: Dataset,
    limit: int | None = None,
    should_stop: ShouldStop = never,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Means over the first `limit` test images in nats, the largest `step_halving_difference` and residual of the identity, and `n`.

    Images as `evaluate` has them: binarised once with seed 0 where the model was trained on binary ones. `is_500` and `is_5000` are
    importance sampling from q, which lies below `log_evidence`. `progress` is told how many images of how many are done. Raises
    `UserError` where the family has no exact evidence.
    """
    dataset = fitting(model, dataset)
    rows = slice(0, limit)
    images = measured_images(dataset.test.images, model.card.binarised)[rows].numpy().reshape(-1, *model.image_shape)
    label = dataset.test.labels[rows]

    def measured(engine: EvidenceEngine, some: Rows) -> tuple[Evidence, Gaps, NDArray[np.float64]]:
        stop = engine.lattice.should_stop
        drawn = engine.importance(images[some], DRAWS, label[some], seed=int(some[0]), should_stop=stop)
        return *engine.gaps(images[some], label[some], stop), drawn

    parts, done, estimates = [], 0, np.empty((len(DRAWS), len(images)))
    for some, (found, split, drawn) in shared_out(model, images, label, measured, processors(), should_stop):
        parts.append((some, found, split))
        estimates[:, some] = drawn
        done += len(some)
        progress(done, len(images))
    evidence = gathered([(some, one) for some, one, _ in parts])
    gaps = gathered([(some, other) for some, _, other in parts])
    moved = np.maximum(evidence.step_halving_difference, gaps.step_halving_difference)
    figures = {
        "log_evidence": evidence.log_evidence.mean(),
        "elbo": evidence.elbo.mean(),
        "posterior_kl": evidence.posterior_kl.mean(),
        "step_halving_difference": moved.max(),
        "identity_residual_max": np.abs(evidence.residual).max(),
        "amortisation_gap": gaps.amortisation.mean(),
        "approximation_gap": gaps.approximation.mean(),
    }
    sampled = {f"is_{draws}": mean for draws, mean in zip(DRAWS, estimates.mean(axis=1), strict=True)}
    exact = {name: float(value) for name, value in (figures | sampled).items()}
    return exact | {"not_converged": int((~(evidence.converged & gaps.converged)).sum()), "n": len(images)}
