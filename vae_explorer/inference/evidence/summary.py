"""The exact evidence of a test set in a few numbers, as the command line prints them."""

from __future__ import annotations

from typing import Any

import numpy as np

from vae_explorer.data.base import Dataset, ShouldStop, never
from vae_explorer.inference.evaluation import check_shape
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.measure import measured_images

DRAWS = (500, 5000)  # of the importance sampling estimate beside it


def evidence_summary(
    model: TrainedModel, dataset: Dataset, limit: int | None = None, should_stop: ShouldStop = never
) -> dict[str, Any]:
    """Means over the first `limit` test images in nats, the largest `step_halving_difference` and residual of the identity, and `n`.

    Images as `evaluate` has them: binarised once with seed 0 where the model was trained on binary ones. `is_500` and `is_5000` are
    importance sampling from q, which lies below `log_evidence`. Raises `UserError` where the family has no exact evidence.
    """
    check_shape(model, dataset.test.images.shape[1:])
    rows = slice(0, limit)
    images = measured_images(dataset.test.images, model.card.binarised)[rows].numpy().reshape(-1, *model.image_shape)
    label = dataset.test.labels[rows]
    engine = EvidenceEngine(model)
    evidence, gaps = engine.gaps(images, label, should_stop)
    estimates = engine.importance(images, DRAWS, label, should_stop=should_stop)
    figures = {
        "log_evidence": evidence.log_evidence.mean(),
        "elbo": evidence.elbo.mean(),
        "posterior_kl": evidence.posterior_kl.mean(),
        "step_halving_difference": evidence.step_halving_difference.max(),
        "identity_residual_max": np.abs(evidence.residual).max(),
        "amortisation_gap": gaps.amortisation.mean(),
        "approximation_gap": gaps.approximation.mean(),
    }
    sampled = {f"is_{draws}": mean for draws, mean in zip(DRAWS, estimates.mean(axis=1), strict=True)}
    exact = {name: float(value) for name, value in (figures | sampled).items()}
    return exact | {"not_converged": int((~evidence.converged).sum()), "n": len(images)}
