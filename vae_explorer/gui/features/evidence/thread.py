"""The thread that analyses one image, apart from the decode thread."""

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
from vae_explorer.kinds import PosteriorKind
from vae_explorer.latent.contours import Loop, contour
from vae_explorer.latent.regions import density_levels, raster_points
from vae_explorer.latent.section import Section
from vae_explorer.models.spec import LATENT_DIM

if TYPE_CHECKING:
    from vae_explorer.inference.evidence.engine import EvidenceEngine
    from vae_explorer.inference.evidence.line_engine import LineEngine
    from vae_explorer.inference.evidence.on_section import SectionGaussian, SectionPosterior
    from vae_explorer.inference.evidence.picture import TruePosterior
    from vae_explorer.inference.evidence.results import Estimates, Evidence, Gaps
    from vae_explorer.inference.objective import ObjectiveTerm
    from vae_explorer.inference.trained import TrainedModel

OBJECTIVE, POSTERIOR, EVIDENCE = "objective", "posterior", "evidence"
_URGENCY = (OBJECTIVE, POSTERIOR, EVIDENCE)
_RASTER = 144  # cells a side of a density's picture
_REACH = 4.0  # stds from the mean of q(z|x) to the edge of its picture
SAMPLES = 7  # draws of p(z|x) that fill hidden pixels
_SEED = 3  # constant: draws move with the posterior and do not flicker


@dataclass(frozen=True, slots=True)
class AnalysedImage:
    """An image of a data set, or a drawing."""

    pixels: NDArray[np.uint8]  # (H, W, C)
    label: int
    split: NDArray[np.uint8] | None = None  # (n, H, W, C), the images of its split; None for a drawing
    place: int = 0  # index in `split`
    hidden: NDArray[np.bool_] | None = None  # (H, W); None: no pixel is hidden


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """`key` is OBJECTIVE, POSTERIOR or EVIDENCE."""

    key: str
    image: AnalysedImage
    section: Section | None = None  # of a model of more than two latents, for the posterior
    revision: int = -1
    ticket: int = -1


@dataclass(frozen=True, slots=True)
class ObjectiveAnalysis:
    """The terms of the model's objective, and q(z|x) of a model with an encoder."""

    terms: tuple[ObjectiveTerm, ...]
    mean: NDArray[np.float64] | None  # (d,)
    std: NDArray[np.float64] | None  # (d,)


@dataclass(frozen=True, slots=True)
class Fillings:
    """Images whose hidden pixels the model has filled."""

    hidden: NDArray[np.bool_]  # (H, W)
    expected: NDArray[np.uint8]  # (H, W, C), the mean over p(z|x)
    samples: NDArray[np.uint8]  # (SAMPLES, H, W, C), decoded from draws of p(z|x)
    sample_z: NDArray[np.float32]  # (SAMPLES, 2), the draws
    encoder: NDArray[np.uint8]  # (H, W, C), decoded from the mean of q(z|x)


@dataclass(frozen=True, slots=True)
class PosteriorAnalysis:
    """p(z|x) and q(z|x) of one image."""

    true: TruePosterior | SectionPosterior  # p(z|x), of a model of more than two latents restricted to the section
    mean: NDArray[np.float64]  # (2,), of q(z|x)
    std: NDArray[np.float64]  # (2,), of q(z|x)
    borders: tuple[tuple[Loop, ...], ...]  # of regions that hold SHARES of p(z|x)
    encoder_borders: tuple[tuple[Loop, ...], ...] | None  # of q(z|x); None where its regions are ellipses
    fillings: Fillings | None  # None where no pixel is hidden

    @property
    def log_evidence(self) -> float | None:
        """Log p(x) in nats; None on a section."""
        from vae_explorer.inference.evidence.picture import TruePosterior

        return self.true.log_evidence if isinstance(self.true, TruePosterior) else None

    def bounds(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return centre and half sides of a rectangle around both posteriors' visible parts."""
        corners = [corner for loop in self.borders[-1] for corner in (loop.min(axis=0), loop.max(axis=0))]
        if not corners:
            corners = list(zip(self.true.x_range, self.true.y_range, strict=True))
        low = np.min([self.mean - _REACH * self.std, *corners], axis=0)
        high = np.max([self.mean + _REACH * self.std, *corners], axis=0)
        (x, y), (half_width, half_height) = ((low + high) / 2).tolist(), ((high - low) / 2).tolist()
        return (x, y), (half_width, half_height)


@dataclass(frozen=True, slots=True)
class EvidenceAnalysis:
    """log p(x) with its terms and gaps, of the visible pixels alone."""

    evidence: Evidence
    gaps: Gaps


@dataclass(frozen=True, slots=True)
class EstimateAnalysis:
    """Estimates of log p(x) with terms and gaps, of the visible pixels alone."""

    estimates: Estimates


Analysis = ObjectiveAnalysis | PosteriorAnalysis | EvidenceAnalysis | EstimateAnalysis


@dataclass(frozen=True, slots=True)
class AnalysisAnswer:
    key: str
    ticket: int
    analysis: Analysis


class AnalysisThread(ModelThread[AnalysisRequest]):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("analysisThread", _URGENCY, "no image can be analysed", parent)
        self._split = MeasuredSplit()
        self._engine: EvidenceEngine | None = None
        self._line: LineEngine | None = None

    def forget(self) -> None:
        self._engine = self._line = None

    def answer(self, model: TrainedModel, request: AnalysisRequest) -> None:
        """A newer request cancels the evidence, not the posterior, which moves during drawing."""
        work: dict[str, Callable[[TrainedModel, AnalysedImage], Analysis]] = {
            OBJECTIVE: self._objective,
            POSTERIOR: lambda model, image: self._posterior(model, image, request.section),
            EVIDENCE: self._evidence,
        }
        with contextlib.suppress(Cancelled):
            self.answered.emit(AnalysisAnswer(request.key, request.ticket, work[request.key](model, request.image)))

    def _objective(self, model: TrainedModel, subject: AnalysedImage) -> ObjectiveAnalysis:
        from vae_explorer.inference.objective import objective_terms

        family = model.card.family
        image, label, seen = self._measured(model, subject)
        exact = None
        if not model.card.why_no_evidence:
            exact = self._exact_engine(model, label).bound(image, label, seen, self._is_other_model)
        terms = objective_terms(model, image, subject.label, exact=exact, partial=seen is not None)
        if family.posterior is PosteriorKind.NONE:
            return ObjectiveAnalysis(terms, None, None)
        return ObjectiveAnalysis(terms, *self._encoded(model, image, label, seen))

    def _posterior(self, model: TrainedModel, subject: AnalysedImage, section: Section | None) -> PosteriorAnalysis:
        image, label, seen = self._measured(model, subject)
        if model.card.has_estimates and section is not None:
            from vae_explorer.inference.evidence.on_section import posterior_on_section

            found, q = posterior_on_section(model, image, section, label, seen, _RASTER, self._is_other_model)
            return _on_section(found, q)
        engine = self._engine_of(model, label)
        true = engine.posterior(image, label, seen, size=(_RASTER, _RASTER), should_stop=self._is_other_model)
        mean, std = self._encoded(model, image, label, seen)
        borders = tuple(contour(true.density, true.x_range, true.y_range, level) for level in true.levels)
        encoder_borders = None
        if model.card.family.bends:
            encoder_borders = _encoder_borders(model, _visible(image, seen), label, mean, std)
        fillings = None if seen is None else _fillings(model, engine, subject.pixels, ~seen, true, mean, label)
        return PosteriorAnalysis(true, mean, std, borders, encoder_borders, fillings)

    def _evidence(self, model: TrainedModel, subject: AnalysedImage) -> EvidenceAnalysis | EstimateAnalysis:
        image, label, seen = self._measured(model, subject)

        def should_stop() -> bool:
            # With more than two latents a newer posterior may be of another section, and changes no estimate.
            keys = (MODEL, EVIDENCE) if model.card.has_estimates else (MODEL, POSTERIOR, EVIDENCE)
            return any(self._mailbox.is_stale(key) for key in keys)

        if model.card.has_estimates:
            from vae_explorer.inference.evidence.sampled import EvidenceSampler

            return EstimateAnalysis(EvidenceSampler(model).estimates(image, label, seen, should_stop))
        return EvidenceAnalysis(*self._exact_engine(model, label).gaps(image, label, should_stop, seen))

    def _is_other_model(self) -> bool:
        return self._mailbox.is_stale(MODEL)

    def _exact_engine(self, model: TrainedModel, label: int | None) -> EvidenceEngine | LineEngine:
        """Return the engine of a line or a plane."""
        if model.card.spec.latent_dim == LATENT_DIM:
            return self._engine_of(model, label)
        from vae_explorer.inference.evidence.line_engine import LineEngine

        if self._line is None:
            self._line = LineEngine(model)
        return self._line

    def _engine_of(self, model: TrainedModel, label: int | None) -> EvidenceEngine:
        """Return the model's engine. The first call decodes the plane."""
        from vae_explorer.inference.evidence.engine import EvidenceEngine

        if self._engine is None:
            self._engine = EvidenceEngine(model)
            self._engine.build(label or 0, should_stop=self._is_other_model)
        return self._engine

    def _encoded(
        self, model: TrainedModel, image: NDArray[np.float32], label: int | None, seen: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean and std of q(z|x), each (d,). The encoder gets hidden pixels as black."""
        code = model.encode(_visible(image, seen), label)
        return code.mean[0].astype(np.float64), code.std[0].astype(np.float64)

    def _measured(
        self, model: TrainedModel, subject: AnalysedImage
    ) -> tuple[NDArray[np.float32], int | None, NDArray[np.bool_] | None]:
        """Return measured image (H, W, C), class (conditional models) and visible pixels (H, W)."""
        label = subject.label if model.card.spec.classes else None
        return self._image(model, subject), label, None if subject.hidden is None else ~subject.hidden

    def _image(self, model: TrainedModel, subject: AnalysedImage) -> NDArray[np.float32]:
        if subject.split is None:
            from vae_explorer.images import in_domain

            return in_domain(subject.pixels, model.card.binarised)
        measured: NDArray[np.float32] = self._split.rows(subject.split, np.array([subject.place]), model.card.binarised)[0]
        return measured


def _on_section(true: SectionPosterior, q: SectionGaussian) -> PosteriorAnalysis:
    borders = tuple(contour(true.density, true.x_range, true.y_range, level) for level in true.levels)
    low, high = q.mean - _REACH * q.std, q.mean + _REACH * q.std
    x_range, y_range = ((float(low[i]), float(high[i])) for i in range(2))
    density = q.density(raster_points((x_range, y_range), _RASTER)).reshape(_RASTER, _RASTER)
    encoder_borders = tuple(contour(density, x_range, y_range, level) for level in density_levels(density))
    return PosteriorAnalysis(true, q.mean, q.std, borders, encoder_borders, None)


def _visible(image: NDArray[np.float32], seen: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    """Return image (H, W, C) with black where a pixel is not `seen` (H, W)."""
    return image if seen is None else image * seen[..., None]


def _encoder_borders(
    model: TrainedModel, image: NDArray[np.float32], label: int | None, mean: NDArray[np.float64], std: NDArray[np.float64]
) -> tuple[tuple[Loop, ...], ...]:
    """Return the borders of regions that hold SHARES of q(z|x)."""
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
    filled = np.where(hidden[..., None], decoded, pixels).astype(np.uint8)
    expected = np.where(hidden[..., None], to_pixels(engine.mean_image(true, label)), pixels).astype(np.uint8)
    return Fillings(hidden, expected, filled[:SAMPLES], places, filled[SAMPLES])
