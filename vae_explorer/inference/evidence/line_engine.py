"""Computes the exact evidence of a trained model of one latent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.inference.evidence.bound import Bound
from vae_explorer.inference.evidence.engine import check_has_evidence
from vae_explorer.inference.evidence.gaps import Best
from vae_explorer.inference.evidence.importance import estimate
from vae_explorer.inference.evidence.joint import Decoded, Joint, numpy_of
from vae_explorer.inference.evidence.line import Line, lines, points_of
from vae_explorer.inference.evidence.line_bound import best_on_line, line_bound, line_divergence
from vae_explorer.inference.evidence.results import Evidence, Gaps, Rows, gathered
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.posterior import FamilyPosterior, GaussianPosterior
from vae_explorer.runtime.loading_scipy import load_scipy

_TOGETHER = 64  # images whose joint densities are in memory at once


class LineEngine:
    """Computes log p(x), the ELBO and the gaps under a model of one latent. Threads must not share it."""

    def __init__(self, model: TrainedModel) -> None:
        """Raises `UserError` if the family has no closed p(x|z), or no density for a posterior."""
        check_has_evidence(model)
        self._model = model
        self._points = points_of(model)
        self._kept: dict[int, Decoded] = {}

    def evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Evidence:
        """Compute the evidence of images (n, H, W, C) in [0, 1], with classes (n,) if conditional.

        Takes the arguments and raises the errors of `Joint`.
        """
        parts = self._parts(Joint(self._model, images, label, seen, should_stop))
        return gathered([(rows, _terms(joint, q, self._lines(joint, q))) for rows, joint, q in parts])

    def gaps(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never, seen: ArrayLike | None = None
    ) -> tuple[Evidence, Gaps]:
        """Compute the evidence of images, and the two gaps of the ELBO."""
        parts = list(self.stream_gaps(images, label, should_stop, seen))
        return gathered([(rows, one) for rows, one, _ in parts]), gathered([(rows, other) for rows, _, other in parts])

    def stream_gaps(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never, seen: ArrayLike | None = None
    ) -> Iterator[tuple[Rows, Evidence, Gaps]]:
        """Yield rows, evidence and gaps in order."""
        for rows, joint, q in self._parts(Joint(self._model, images, label, seen, should_stop)):
            found = self._lines(joint, q)
            evidence, best = _terms(joint, q, found), best_on_line(joint, found)
            if isinstance(q, GaussianPosterior):  # the encoder's q is a candidate for the best Gaussian
                encoder = Best(numpy_of(q.mean), numpy_of(q.std), evidence.elbo, evidence.step_halving_difference)
                best = best.or_better(encoder)
            gaps = evidence.log_evidence - best.elbo, best.elbo - evidence.elbo
            yield rows, evidence, Gaps(*gaps, best.mean, best.std, best.difference)

    def bound(
        self, image: ArrayLike, label: int | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Bound:
        """Compute the `Bound` of one image (H, W, C), equal to the values in its evidence."""
        joint = Joint(self._model, image, label, seen, should_stop)
        return line_bound(joint, joint.encoded())

    def bounds(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Iterator[tuple[Rows, Bound]]:
        """Yield rows of images (n, H, W, C) and their `Bound`, in order."""
        for rows, joint, q in self._parts(Joint(self._model, images, label, None, should_stop)):
            yield rows, line_bound(joint, q)

    def log_evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Iterator[tuple[Rows, NDArray[np.float64], NDArray[np.float64]]]:
        """Yield rows of images, log p(x) and its step-halving difference, in order."""
        for rows, joint, q in self._parts(Joint(self._model, images, label, None, should_stop)):
            found = self._lines(joint, q)
            yield rows, np.array([line.log_evidence for line in found]), np.array([line.difference for line in found])

    def importance(
        self,
        images: ArrayLike,
        draws: Sequence[int],
        label: ArrayLike | None = None,
        seed: int = 0,
        should_stop: ShouldStop = never,
    ) -> NDArray[np.float64]:
        """Estimate log p(x) by importance sampling from q, (len(draws), n) in nats: Burda et al. 2016.

        Splines through the line give log p(x, z) of the draws.
        """
        load_scipy()
        from scipy.interpolate import CubicSpline

        generator = torch.Generator().manual_seed(seed)
        joint = Joint(self._model, images, label, None, should_stop)
        result = np.empty((len(draws), len(joint)))
        for rows, part, q in self._parts(joint):
            with torch.inference_mode():
                z, log_q = q.place(torch.randn(max(draws), len(rows), 1, generator=generator, dtype=joint.dtype))
            at = numpy_of(z)[..., 0]
            log_joint = [CubicSpline(line.z, line.joint)(at[:, i]) for i, line in enumerate(self._lines(part, q))]
            weights = np.stack(log_joint, axis=1) - numpy_of(log_q)
            result[:, rows] = [estimate(weights, number) for number in draws]
        return result

    def line(
        self, image: ArrayLike, label: int | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Line:
        """Compute log p(x, z) of one image (H, W, C) along the line."""
        joint = Joint(self._model, image, label, seen, should_stop)
        return self._lines(joint, joint.encoded())[0]

    def _parts(self, joint: Joint) -> Iterator[tuple[Rows, Joint, FamilyPosterior]]:
        for start in range(0, len(joint), _TOGETHER):
            rows = np.arange(start, min(start + _TOGETHER, len(joint)))
            part = joint.of(torch.from_numpy(rows))
            yield rows, part, part.encoded()

    def _lines(self, joint: Joint, q: FamilyPosterior) -> list[Line]:
        return lines(joint, self._points, numpy_of(q.mean)[:, 0], numpy_of(q.std)[:, 0], self._kept)


def _terms(joint: Joint, q: FamilyPosterior, found: list[Line]) -> Evidence:
    log_evidence = np.array([line.log_evidence for line in found])
    elbo = line_bound(joint, q)
    kl, difference = line_divergence(joint, q, log_evidence)
    moved = np.max([np.array([line.difference for line in found]), elbo.difference, difference], axis=0)
    return Evidence(log_evidence, elbo.elbo, elbo.reconstruction, elbo.kl, kl, moved)
