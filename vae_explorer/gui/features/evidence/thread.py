"""The thread that works out figures of one image beside its picture. Never in the decoder's way."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from vae_explorer.data.base import Cancelled
from vae_explorer.gui.core.measured import MeasuredSplit
from vae_explorer.gui.core.model_thread import MODEL, ModelThread
from vae_explorer.images import in_domain
from vae_explorer.kinds import PosteriorKind
from vae_explorer.latent.contours import Loop, contour
from vae_explorer.latent.regions import density_levels, raster_points

if TYPE_CHECKING:
    from vae_explorer.inference.evidence.engine import EvidenceEngine
    from vae_explorer.inference.evidence.picture import TruePosterior
    from vae_explorer.inference.evidence.results import Evidence, Gaps
    from vae_explorer.inference.objective import ObjectiveTerm
    from vae_explorer.inference.trained import TrainedModel

OBJECTIVE, POSTERIOR, EVIDENCE = "objective", "posterior", "evidence"
_URGENCY = (OBJECTIVE, POSTERIOR, EVIDENCE)
_RASTER = 144  # cells a side of the picture of p(z|x), and of a q(z|x) that is no ellipse
_REACH = 4.0  # std from the mean of q to the edge of its picture
SAMPLES = 7  # draws of p(z|x) that hidden pixels are filled by
_SEED = 3  # of them; always the same, so that they move with the posterior and do not flicker


@dataclass(frozen=True, slots=True)
class AnalysedImage:
    """The image in question: one of a data set's, or one of a person's own."""

    pixels: NDArray[np.uint8]  # (H, W)
    label: int
    split: NDArray[np.uint8] | None = None  # (n, H, W): the images that it is one of
    place: int = 0  # among them
    hidden: NDArray[np.bool_] | None = None  # (H, W): pixels that do not count; None where none is hidden


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """OBJECTIVE: the terms of the model's objective at one image; POSTERIOR: where it lies; EVIDENCE: log p(x) and its terms."""

    key: str
    image: AnalysedImage
    revision: int = -1
    ticket: int = -1


@dataclass(frozen=True, slots=True)
class ObjectiveAnalysis:
    """The terms of the model's objective, and the encoder's q(z|x); no place where there is no encoder."""

    terms: tuple[ObjectiveTerm, ...]
    mean: NDArray[np.float64] | None  # (2,)
    std: NDArray[np.float64] | None  # (2,)


@dataclass(frozen=True, slots=True)
class Fillings:
    """What hidden pixels may be: whole images (H, W) uint8 in which what is seen is as it was."""

    hidden: NDArray[np.bool_]  # (H, W)
    expected: NDArray[np.uint8]  # the mean over p(z|x)
    samples: NDArray[np.uint8]  # (SAMPLES, H, W), of draws of p(z|x)
    places: NDArray[np.float32]  # (SAMPLES, 2), their z
    encoder: NDArray[np.uint8]  # of the mean of the encoder's q


@dataclass(frozen=True, slots=True)
class PosteriorAnalysis:
    """Both posteriors of one image."""

    true: TruePosterior  # p(z|x)
    mean: NDArray[np.float64]  # (2,), of the encoder's q(z|x)
    std: NDArray[np.float64]  # (2,), of q(z|x)
    borders: tuple[tuple[Loop, ...], ...]  # of the regions that hold SHARES of p(z|x)
    bent: tuple[tuple[Loop, ...], ...] | None  # the same of q(z|x) where that is no ellipse
    fillings: Fillings | None  # None where no pixel is hidden

    def room(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The middle and the half sides of a rectangle that holds both, of p(z|x) the largest region: nothing is seen beyond."""
        corners = [corner for loop in self.borders[-1] for corner in (loop.min(axis=0), loop.max(axis=0))]
        if not corners:
            corners = list(zip(self.true.x_range, self.true.y_range, strict=True))
        low = np.min([self.mean - _REACH * self.std, *corners], axis=0)
        high = np.max([self.mean + _REACH * self.std, *corners], axis=0)
        (x, y), (across, along) = ((low + high) / 2).tolist(), ((high - low) / 2).tolist()
        return (x, y), (across, along)


@dataclass(frozen=True, slots=True)
class EvidenceAnalysis:
    """log p(x) with its terms, and what the ELBO loses; with hidden pixels, of those that are seen."""

    figures: Evidence
    gaps: Gaps


Analysis = ObjectiveAnalysis | PosteriorAnalysis | EvidenceAnalysis


@dataclass(frozen=True, slots=True)
class AnalysisAnswer:
    key: str
    ticket: int
    found: Analysis


class AnalysisThread(ModelThread[AnalysisRequest]):
    """Answers by `answered` with a `AnalysisAnswer`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("analysisThread", _URGENCY, "nothing can be worked out", parent)
        self._split = MeasuredSplit()
        self._engine: EvidenceEngine | None = None  # of the model

    def forget(self) -> None:
        self._engine = None

    def answer(self, model: TrainedModel, request: AnalysisRequest) -> None:
        """Figures of an image that has changed meanwhile are given up; its posterior is not, or it would never move."""
        work: dict[str, Callable[[TrainedModel, AnalysedImage], Analysis]] = {
            OBJECTIVE: self._objective,
            POSTERIOR: self._posterior,
            EVIDENCE: self._evidence,
        }
        with contextlib.suppress(Cancelled):  # the newer question is on its way
            self.answered.emit(AnalysisAnswer(request.key, request.ticket, work[request.key](model, request.image)))

    def _objective(self, model: TrainedModel, asked: AnalysedImage) -> ObjectiveAnalysis:
        from vae_explorer.inference.objective import objective_terms

        family = model.card.family
        image, label, seen = self._measured(model, asked)
        exact = self._engine_of(model, label).bound(image, label, seen, self._is_other_model) if family.has_evidence else None
        terms = objective_terms(model, image, asked.label, exact=exact, partial=seen is not None)
        if family.posterior is PosteriorKind.NONE:
            return ObjectiveAnalysis(terms, None, None)
        return ObjectiveAnalysis(terms, *self._encoded(model, image, label, seen))

    def _posterior(self, model: TrainedModel, asked: AnalysedImage) -> PosteriorAnalysis:
        image, label, seen = self._measured(model, asked)
        engine = self._engine_of(model, label)
        true = engine.posterior(image, label, seen, size=(_RASTER, _RASTER), should_stop=self._is_other_model)
        mean, std = self._encoded(model, image, label, seen)
        borders = tuple(contour(true.density, true.x_range, true.y_range, level) for level in true.levels)
        bent = None
        if model.card.family.bends:
            bent = _bent(model, image if seen is None else image * seen, label, mean, std)
        fillings = None if seen is None else _fillings(model, engine, asked.pixels, ~seen, true, mean, label)
        return PosteriorAnalysis(true, mean, std, borders, bent, fillings)

    def _evidence(self, model: TrainedModel, asked: AnalysedImage) -> EvidenceAnalysis:
        image, label, seen = self._measured(model, asked)

        def should_stop() -> bool:
            return any(self._mailbox.is_stale(key) for key in (MODEL, POSTERIOR, EVIDENCE))

        return EvidenceAnalysis(*self._engine_of(model, label).gaps(image, label, should_stop, seen))

    def _is_other_model(self) -> bool:
        return self._mailbox.is_stale(MODEL)

    def _engine_of(self, model: TrainedModel, label: int | None) -> EvidenceEngine:
        """The model's, with the plane decoded where its codes are; the first question waits for that."""
        from vae_explorer.inference.evidence.engine import EvidenceEngine

        if self._engine is None:
            self._engine = EvidenceEngine(model)
            self._engine.build(label or 0, should_stop=self._is_other_model)
        return self._engine

    def _encoded(
        self, model: TrainedModel, image: NDArray[np.float32], label: int | None, seen: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and std of q, each (2,). Hidden pixels are black for the encoder, which cannot leave them out."""
        code = model.encode(image if seen is None else image * seen, label)
        return code.mean[0].astype(np.float64), code.std[0].astype(np.float64)

    def _measured(
        self, model: TrainedModel, asked: AnalysedImage
    ) -> tuple[NDArray[np.float32], int | None, NDArray[np.bool_] | None]:
        """The image (H, W) as figures are measured on it; its class, for a model that is told it; which pixels are seen, if not all."""
        label = asked.label if model.card.spec.classes else None
        return self._image(model, asked), label, None if asked.hidden is None else ~asked.hidden

    def _image(self, model: TrainedModel, asked: AnalysedImage) -> NDArray[np.float32]:
        """A data set's is as binarised for all figures."""
        if asked.split is None:
            return in_domain(asked.pixels, model.card.binarised)
        measured: NDArray[np.float32] = self._split.rows(asked.split, np.array([asked.place]), model.card.binarised)[0]
        return measured


def _bent(
    model: TrainedModel, image: NDArray[np.float32], label: int | None, mean: NDArray[np.float64], std: NDArray[np.float64]
) -> tuple[tuple[Loop, ...], ...]:
    """The borders of the regions that hold SHARES of q(z|x), around its mean."""
    low, high = mean - _REACH * std, mean + _REACH * std
    x_range, y_range = ((float(low[i]), float(high[i])) for i in range(2))
    log_density = model.log_posterior(image, raster_points((x_range, y_range), _RASTER), label)
    density = np.exp(log_density).reshape(_RASTER, _RASTER)
    return tuple(contour(density, x_range, y_range, level) for level in density_levels(density))


def _fillings(
    model: TrainedModel,
    engine: EvidenceEngine,
    pixels: NDArray[np.uint8],
    hidden: NDArray[np.bool_],
    true: TruePosterior,
    mean: NDArray[np.float64],
    label: int | None,
) -> Fillings:
    from vae_explorer.inference.trained import to_pixels

    places = true.samples(SAMPLES, np.random.default_rng(_SEED))
    decoded = model.decode_uint8(np.vstack([places, mean[None].astype(np.float32)]), label)
    filled = np.where(hidden, decoded, pixels).astype(np.uint8)
    expected = np.where(hidden, to_pixels(engine.mean_image(true, label)), pixels).astype(np.uint8)
    return Fillings(hidden, expected, filled[:SAMPLES], places, filled[SAMPLES])
