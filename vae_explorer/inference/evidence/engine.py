"""Computes a trained model's exact evidence: log p(x), the ELBO, and the gaps between them.

Each model and thread has its own engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.bound import Bound, bound, covered, divergence
from vae_explorer.inference.evidence.cover import MAX_LEVEL, Keys, busiest
from vae_explorer.inference.evidence.gaps import Best, best_gaussian
from vae_explorer.inference.evidence.grouping import ALONE, TOGETHER, Grouping
from vae_explorer.inference.evidence.importance import estimate, importance_weights
from vae_explorer.inference.evidence.integral import Integral, integrate, integrate_pieces
from vae_explorer.inference.evidence.lattice import BUDGET, DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.picture import Range, TruePosterior, evenly, true_posterior
from vae_explorer.inference.evidence.pieces import Settled
from vae_explorer.inference.evidence.results import Evidence, Gaps, Rows, gathered
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.posterior import GaussianPosterior

_AVERAGED = 256  # points averaged for a mean image
_OFTEN = 2400  # finer tiles decoded in advance where most codes lie; one processor second for MNIST
_SURVEYED = 100_000  # codes that choose these tiles


class EvidenceEngine:
    """Decodes the plane of one model where needed, and keeps the tiles.

    Threads must not share it.
    """

    def __init__(self, model: TrainedModel, budget: int = BUDGET, finest: int = MAX_LEVEL) -> None:
        """Keep at most `budget` bytes of the decoded plane, with levels down to `finest`.

        Raises `UserError` if the family has no closed p(x|z), or no density for a posterior.
        """
        check_has_evidence(model)
        self._model, self._finest = model, finest
        self.lattice = DecodedLattice(model.network, budget)
        self._grouping = Grouping(model, self.lattice)

    def build(self, label: int = 0, finer: bool = True, should_stop: ShouldStop = never) -> None:
        """Decode in advance the coarse plane, and finer tiles where most codes lie."""
        self.lattice.should_stop = should_stop
        for level, keys in ((0, self._grouping.root), *(self._often(label) if finer else ())):
            self.lattice.warm(level, keys, label)

    def _often(self, label: int) -> list[tuple[int, Keys]]:
        codes = self._model.codes.mean
        if self._model.card.spec.classes:
            codes = codes[self._model.codes.label == label]
        some = codes[:: max(1, len(codes) // _SURVEYED)].astype(np.float64)
        room = max(0, self.lattice.room - len(self._grouping.root))
        return busiest(some[np.isfinite(some).all(axis=1)], min(_OFTEN, room))

    def chunks(self, images: ArrayLike, label: ArrayLike | None = None, together: int = TOGETHER) -> list[tuple[int, Rows]]:
        """Return (class, rows) of images by class and place on the plane, `together` images each.

        Raises the errors of `evidence`.
        """
        return self._grouping.chunks(images, label, together)

    def evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Evidence:
        """Compute the evidence of images (n, H, W, C) in [0, 1], with classes (n,) if conditional.

        Images are in the domain of the model. `seen` (n, H, W) or (H, W) is true for pixels that count; the encoder sees other
        pixels black. Raises `UserError` on other shapes and missing classes, `Cancelled` once `should_stop` is true.
        """
        return gathered(list(self.stream(images, label, seen, should_stop)))

    def stream(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Iterator[tuple[Rows, Evidence]]:
        """Yield (rows of `images`, their evidence) in the order of places on the plane.

        Takes the arguments and raises the errors of `evidence`.
        """
        self.lattice.should_stop = should_stop
        for rows, observed in self._grouping.groups(images, label, seen):
            yield rows, self._evidence(observed)

    def log_evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Integral:
        """Compute log p(x), its step-halving difference, and the moments of p(z|x).

        Takes the arguments and raises the errors of `evidence`.
        """
        self.lattice.should_stop = should_stop
        parts = [
            (rows, integrate(self.lattice, part, self._grouping.root, self._finest))
            for rows, part in self._grouping.groups(images, label, seen, ALONE)
        ]
        return gathered(parts)

    def gaps(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never, seen: ArrayLike | None = None
    ) -> tuple[Evidence, Gaps]:
        """Compute the evidence of images, and the two gaps of the ELBO.

        Takes the arguments and raises the errors of `evidence`.
        """
        parts = list(self.stream_gaps(images, label, should_stop, seen))
        return gathered([(rows, one) for rows, one, *_ in parts]), gathered([(rows, other) for rows, _, other, _ in parts])

    def stream_gaps(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never, seen: ArrayLike | None = None
    ) -> Iterator[tuple[Rows, Evidence, Gaps, Integral]]:
        """Yield rows, evidence, gaps and integral in the order of places on the plane."""
        self.lattice.should_stop = should_stop
        for rows, observed in self._grouping.groups(images, label, seen):
            found, pieces = integrate_pieces(self.lattice, observed, self._grouping.root, self._finest)
            yield rows, *self._gaps(observed, found, pieces), found

    def importance(
        self,
        images: ArrayLike,
        draws: Sequence[int],
        label: ArrayLike | None = None,
        seed: int = 0,
        should_stop: ShouldStop = never,
    ) -> NDArray[np.float64]:
        """Estimate log p(x) by importance sampling from q, (len(draws), n) in nats.

        Source: Burda et al. 2016.
        """
        self.lattice.should_stop = should_stop
        generator = torch.Generator().manual_seed(seed)
        flat = self._model.flat(images)
        result = np.empty((len(draws), len(flat)))
        for rows, observed in self._grouping.groups(images, label, None):
            weights = importance_weights(self.lattice, self._grouping.posterior(observed), observed, max(draws), generator)
            result[:, rows] = [estimate(weights, number) for number in draws]
        return result

    def bound(
        self, image: ArrayLike, label: int | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Bound:
        """Compute the `Bound` of one image (H, W, C), equal to the values in its evidence.

        Raises the errors of `evidence`.
        """
        self.lattice.should_stop = should_stop
        observed = self._one(image, label, seen)
        return bound(self.lattice, self._grouping.posterior(observed), observed)

    def posterior(
        self,
        image: ArrayLike,
        label: int | None = None,
        seen: ArrayLike | None = None,
        sides: tuple[Range, Range] | None = None,
        size: tuple[int, int] = (256, 256),
        should_stop: ShouldStop = never,
    ) -> TruePosterior:
        """Compute p(z|x) of one image (H, W, C) as a raster of `size` = (columns, rows).

        If `seen` (H, W) is given, only these pixels count. The raster covers `sides` = (x range, y range), or the region of the
        posterior. Raises the errors of `evidence`.
        """
        self.lattice.should_stop = should_stop
        observed = self._one(image, label, seen)
        return true_posterior(self.lattice, observed, self._grouping.root, self._finest, sides, size)

    @torch.inference_mode()
    def sides_of_both(self, image: ArrayLike, label: int | None = None) -> tuple[Range, Range]:
        """Return a square (x range, y range) that holds p(z|x) and q(z|x) of one image (H, W, C)."""
        found = self.posterior(image, label, size=(2, 2))
        low, high = covered(self._grouping.posterior(self._one(image, label, None)), self.lattice.dtype)
        low = np.minimum(low[0], (found.x_range[0], found.y_range[0]))
        high = np.maximum(high[0], (found.x_range[1], found.y_range[1]))
        centre, half = (low + high) / 2, float((high - low).max()) / 2
        x, y = ((float(place - half), float(place + half)) for place in centre)
        return x, y

    def mean_image(self, posterior: TruePosterior, label: int | None = None) -> NDArray[np.float32]:
        """Return the mean image (H, W, C) in [0, 1] under p(z|x), E[x|x seen], pixel by pixel."""
        points = posterior.placed(evenly(_AVERAGED))
        images = self._model.decode(points, label if self._model.card.spec.classes else None)
        return np.asarray(images.mean(axis=0, dtype=np.float64), np.float32).reshape(self._model.image_shape)

    def _one(self, image: ArrayLike, label: int | None, seen: ArrayLike | None) -> Observed:
        groups = list(self._grouping.groups(image, label, seen))
        if len(groups) != 1 or len(groups[0][0]) != 1:
            raise UserError("the true posterior takes one image at a time; give one image")
        return groups[0][1]

    def _gaps(self, observed: Observed, found: Integral, pieces: list[Settled]) -> tuple[Evidence, Gaps]:
        evidence, posterior = self._terms(observed, found), self._grouping.posterior(observed)
        best = best_gaussian(self.lattice, observed, found, pieces)
        if isinstance(posterior, GaussianPosterior):  # the encoder's q is a candidate for the best Gaussian
            mean, std = posterior.mean.double().numpy(), posterior.std.double().numpy()
            best = best.or_better(Best(mean, std, evidence.elbo, evidence.step_halving_difference))
        approximation, amortisation = evidence.log_evidence - best.elbo, best.elbo - evidence.elbo
        return evidence, Gaps(approximation, amortisation, best.mean, best.std, best.difference)

    def _evidence(self, observed: Observed) -> Evidence:
        return self._terms(observed, integrate(self.lattice, observed, self._grouping.root, self._finest))

    def _terms(self, observed: Observed, found: Integral) -> Evidence:
        posterior = self._grouping.posterior(observed)
        elbo = bound(self.lattice, posterior, observed)
        kl, difference = divergence(self.lattice, posterior, observed, found.log_evidence, elbo)
        moved = np.max([found.difference, elbo.difference, difference], axis=0)
        return Evidence(found.log_evidence, elbo.elbo, elbo.reconstruction, elbo.kl, kl, moved)


def check_has_evidence(model: TrainedModel) -> None:
    """Raise `UserError` with the reason if the model's family has no computable log p(x)."""
    why = model.card.why_no_evidence
    if why:
        instead = "`evaluate --evidence` estimates its log p(x)"
        remedy = instead if model.card.has_estimates else "choose a model of one layer with a q(z|x)"
        raise UserError(f"there is no exact evidence of {model.card.name}: {why}; {remedy}")
