"""Computes image metrics (`models.metrics`) of many images, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.codes import Labels
from vae_explorer.data.base import Cancelled, ShouldStop, never
from vae_explorer.inference.evidence.bound import Bound
from vae_explorer.inference.evidence.bounds import stream_bounds
from vae_explorer.inference.evidence.exact import exact_engine
from vae_explorer.inference.evidence.integral import Integral
from vae_explorer.inference.evidence.line_engine import LineEngine
from vae_explorer.inference.evidence.results import ACCURATE, Estimates, Evidence, Gaps
from vae_explorer.inference.evidence.sampled import EvidenceSampler
from vae_explorer.inference.evidence.survey import Survey, survey
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.base import Batch

_CHUNK = 256  # images between two checks of `should_stop`
_DRAWS = 8  # draws of z an image without a closed form
_DRAWS_OF_EVIDENCE = 200  # draws from each proposal, for many images


@dataclass(frozen=True, slots=True)
class MetricChunk:
    """The metrics of some images, by name, (m,) each."""

    rows: NDArray[np.int64]  # (m,) indices of the images
    values: dict[str, NDArray[np.float64]]
    exact: NDArray[np.bool_]  # (m,) whether the quadrature converged; True for estimates by draws


class MetricCalculator:
    """Computes metrics under one model. The decoded plane is kept, so a second call continues."""

    def __init__(self, model: TrainedModel) -> None:
        self._model, self._family = model, model.card.family
        self._engine = None if model.card.why_no_evidence else exact_engine(model)
        self._sampler = EvidenceSampler(model, _DRAWS_OF_EVIDENCE) if model.card.has_estimates else None

    def stream(
        self,
        metric: str,
        images: NDArray[np.float32],
        label: Labels,
        codes: NDArray[np.float32],
        should_stop: ShouldStop = never,
    ) -> Iterator[MetricChunk]:
        """Yield a metric, and its by-products, of images (n, H, W, C), classes (n,) and codes (n, d).

        Images must be in the domain of the model's p(x|z). Chunks come in any order. Raises `Cancelled` once `should_stop` is
        true.
        """
        if self._sampler is not None and metric not in ("elbo", "reconstruction_error"):
            given = label if self._model.card.spec.classes else None
            for rows, found in self._sampler.stream(images, given, should_stop=should_stop):
                yield MetricChunk(rows, _of_estimates(found), np.ones(len(rows), bool))
            return
        if self._engine is None:
            yield from self._by_chunks(images, label, codes, should_stop)
            return
        given = label if self._model.card.spec.classes else None
        if isinstance(self._engine, LineEngine):
            yield from _on_line(self._engine, metric, images, given, should_stop)
            return
        if metric in ("log_evidence", "posterior_area"):
            yield _of_integral(self._engine.log_evidence(images, given, should_stop=should_stop))
        elif metric in ("elbo", "reconstruction_error"):
            bounds = stream_bounds(self._model, self._engine.lattice, images, given, should_stop)
            yield from (_of_bound(*part) for part in bounds)
        else:
            yield from (_of_survey(part) for part in survey(self._engine, images, given, should_stop))

    def _by_chunks(
        self, images: NDArray[np.float32], label: Labels, codes: NDArray[np.float32], should_stop: ShouldStop
    ) -> Iterator[MetricChunk]:
        for start in range(0, len(images), _CHUNK):
            if should_stop():
                raise Cancelled("computing metrics was stopped")
            rows = np.arange(start, min(start + _CHUNK, len(images)))
            values = (
                self._at_codes(images[rows], codes[rows])
                if self._family.has_points
                else self._by_draws(images[rows], label[rows])
            )
            yield MetricChunk(rows, values, np.ones(len(rows), bool))

    def _at_codes(self, images: NDArray[np.float32], codes: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
        """Return the reconstruction error at point codes, stored if there is no encoder."""
        z = codes if self._family.posterior is PosteriorKind.NONE else self._model.encode(images).mean
        return {"reconstruction_error": -self._model.log_likelihood(images, z)}

    @torch.inference_mode()
    def _by_draws(self, images: NDArray[np.float32], label: Labels) -> dict[str, NDArray[np.float64]]:
        batch = Batch(torch.from_numpy(self._model.flat(images)), torch.from_numpy(label.astype(np.int64)))
        found = self._model.network.image_terms(batch, torch.Generator().manual_seed(0), _DRAWS)
        elbo, reconstruction = (found[name].double().numpy() for name in ("elbo", "reconstruction"))
        return {"elbo": elbo, "reconstruction_error": -reconstruction}


def _on_line(
    engine: LineEngine, metric: str, images: NDArray[np.float32], label: Labels | None, should_stop: ShouldStop
) -> Iterator[MetricChunk]:
    if metric == "log_evidence":
        for rows, found, moved in engine.log_evidence(images, label, should_stop):
            yield MetricChunk(rows, {"log_evidence": found}, moved <= ACCURATE)
    elif metric in ("elbo", "reconstruction_error"):
        yield from (_of_bound(*part) for part in engine.bounds(images, label, should_stop))
    else:
        for rows, evidence, gaps in engine.stream_gaps(images, label, should_stop):
            yield MetricChunk(rows, _terms(evidence, gaps), evidence.converged & gaps.converged)


def _of_estimates(found: Estimates) -> dict[str, NDArray[np.float64]]:
    return {
        "log_evidence": found.log_evidence,
        "amortisation_gap": found.amortisation,
        "approximation_gap": found.approximation,
    }


def _terms(evidence: Evidence, gaps: Gaps) -> dict[str, NDArray[np.float64]]:
    return {
        "log_evidence": evidence.log_evidence,
        "elbo": evidence.elbo,
        "amortisation_gap": gaps.amortisation,
        "approximation_gap": gaps.approximation,
        "reconstruction_error": -evidence.reconstruction,
    }


def _of_integral(found: Integral) -> MetricChunk:
    values = {"log_evidence": found.log_evidence, "posterior_area": found.area}
    return MetricChunk(np.arange(len(found.level)), values, found.difference <= ACCURATE)


def _of_bound(rows: NDArray[np.int64], found: Bound) -> MetricChunk:
    """Return the metrics that need only the plane around each code.

    The quadrature over the whole plane takes about ten times as long.
    """
    return MetricChunk(rows, {"elbo": found.elbo, "reconstruction_error": -found.reconstruction}, found.difference <= ACCURATE)


def _of_survey(part: Survey) -> MetricChunk:
    values = {
        "log_evidence": part.log_evidence,
        "elbo": part.elbo,
        "amortisation_gap": part.amortisation_gap,
        "approximation_gap": part.approximation_gap,
        "reconstruction_error": -part.reconstruction,
        "posterior_area": part.posterior_area,
    }
    return MetricChunk(part.rows, values, part.exact)
