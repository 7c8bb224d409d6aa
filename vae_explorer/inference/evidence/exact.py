"""Chooses the engine that computes the exact evidence of a model."""

from __future__ import annotations

from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.line_engine import LineEngine
from vae_explorer.inference.trained import TrainedModel


def exact_engine(model: TrainedModel) -> EvidenceEngine | LineEngine:
    """Return the engine of a line or of a plane. Raises `UserError` if the model has no exact evidence."""
    return LineEngine(model) if model.card.spec.latent_dim == 1 else EvidenceEngine(model)
