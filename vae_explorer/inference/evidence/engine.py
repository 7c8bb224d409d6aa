"""Computes a trained model's exact evidence: log p(x), the ELBO, and the gaps between them.

Each model and thread has its own engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.by_content import ByContent
from vae_explorer.codes import Labels
from vae_explorer.data.base import ShouldStop, never
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.bound import Bound, bound, covered, divergence
from vae_explorer.inference.evidence.cover import MAX_LEVEL, Keys, busiest, strips_to, tiles_over
from vae_explorer.inference.evidence.gaps import Best, best_gaussian
from vae_explorer.inference.evidence.importance import estimate, importance_weights
from vae_explorer.inference.evidence.integral import Integral, integrate, integrate_pieces
from vae_explorer.inference.evidence.lattice import BUDGET, DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.picture import Range, TruePosterior, evenly, true_posterior
from vae_explorer.inference.evidence.pieces import Settled
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.measure import BATCH
from vae_explorer.models.posterior import FamilyPosterior, GaussianPosterior

T = TypeVar("T")
Rows = NDArray[np.int64]

ACCURATE = 1e-3  # nats; a value that changes more under step halving is inexact
TOGETHER = 128  # neighbouring images that share their tiles
ALONE = 2500  # neighbouring images for log p(x) alone; each group decodes its tiles anew
_AVERAGED = 256  # points averaged for a mean image
_OFTEN = 2400  # finer tiles decoded in advance where most codes lie; one processor second for MNIST
_SURVEYED = 100_000  # codes that choose these tiles
# The root covers the plane up to here, beyond which N(0, I) has 1e-15 of its mass, and the ways to codes farther out.
_ROOT_REACH = 8.0
_MORTON_BITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Evidence(ByContent):
    """log_evidence = elbo + posterior_kl of n images in nats, each term by its own quadrature."""

    log_evidence: NDArray[np.float64]  # (n,) log p(x), or log p(x|c) of a conditional model
    elbo: NDArray[np.float64]  # (n,)
    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z))
    posterior_kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z|x))
    step_halving_difference: NDArray[np.float64]  # (n,) the largest change of a term under step halving

    @property
    def residual(self) -> NDArray[np.float64]:
        """log p(x) − (ELBO + KL(q(z|x) ‖ p(z|x))), (n,): the disagreement of the three quadratures."""
        return self.log_evidence - self.elbo - self.posterior_kl

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether every term, and the identity of all terms, is exact to ACCURATE, (n,)."""
        return (self.step_halving_difference <= ACCURATE) & (np.abs(self.residual) <= ACCURATE)


@dataclass(frozen=True, slots=True, eq=False)
class Gaps(ByContent):
    """The parts of log p(x) − ELBO of n images, in nats.

    Source: Cremer, Li & Duvenaud 2018, section 3.
    """

    approximation: NDArray[np.float64]  # (n,) log p(x) − ELBO of the best diagonal Gaussian
    amortisation: NDArray[np.float64]  # (n,) ELBO of the best diagonal Gaussian − encoder's ELBO; below 0 if a flow beats it
    best_mean: NDArray[np.float64]  # (n, 2), of the best diagonal Gaussian
    best_std: NDArray[np.float64]  # (n, 2)
    step_halving_difference: NDArray[np.float64]  # (n,) change of the best Gaussian's ELBO under step halving

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether the ELBO of the best Gaussian is exact to ACCURATE, (n,)."""
        return self.step_halving_difference <= ACCURATE


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
        self._root = tiles_over(0, np.full(2, -_ROOT_REACH), np.full(2, _ROOT_REACH))
        self._reach_out(model.codes.mean)

    def build(self, label: int = 0, finer: bool = True, should_stop: ShouldStop = never) -> None:
        """Decode in advance the coarse plane, and finer tiles where most codes lie."""
        self.lattice.should_stop = should_stop
        for level, keys in ((0, self._root), *(self._often(label) if finer else ())):
            self.lattice.warm(level, keys, label)

    def _often(self, label: int) -> list[tuple[int, Keys]]:
        codes = self._model.codes.mean
        if self._model.card.spec.classes:
            codes = codes[self._model.codes.label == label]
        some = codes[:: max(1, len(codes) // _SURVEYED)].astype(np.float64)
        room = max(0, self.lattice.room - len(self._root))
        return busiest(some[np.isfinite(some).all(axis=1)], min(_OFTEN, room))

    def _reach_out(self, codes: NDArray[np.float32]) -> None:
        """Extend the root to codes (n, 2), since the encoder may place an image far out."""
        strips = strips_to(codes.astype(np.float64), _ROOT_REACH - 1)
        if len(strips):
            self._root = np.unique(np.concatenate([self._root, strips]), axis=0)

    def evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Evidence:
        """Compute the evidence of images (n, H, W) in [0, 1], with classes (n,) if conditional.

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
        for rows, observed in self._groups(images, label, seen):
            yield rows, self._evidence(observed)

    def log_evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Integral:
        """Compute log p(x), its step-halving difference, and the moments of p(z|x).

        Takes the arguments and raises the errors of `evidence`.
        """
        self.lattice.should_stop = should_stop
        parts = [
            (rows, integrate(self.lattice, part, self._root, self._finest))
            for rows, part in self._groups(images, label, seen, ALONE)
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
        for rows, observed in self._groups(images, label, seen):
            found, pieces = integrate_pieces(self.lattice, observed, self._root, self._finest)
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
        for rows, observed in self._groups(images, label, None):
            weights = importance_weights(self.lattice, self._posterior(observed), observed, max(draws), generator)
            result[:, rows] = [estimate(weights, number) for number in draws]
        return result

    def bound(
        self, image: ArrayLike, label: int | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Bound:
        """Compute the `Bound` of one image (H, W), equal to the values in its evidence.

        Raises the errors of `evidence`.
        """
        self.lattice.should_stop = should_stop
        observed = self._one(image, label, seen)
        return bound(self.lattice, self._posterior(observed), observed)

    def posterior(
        self,
        image: ArrayLike,
        label: int | None = None,
        seen: ArrayLike | None = None,
        sides: tuple[Range, Range] | None = None,
        size: tuple[int, int] = (256, 256),
        should_stop: ShouldStop = never,
    ) -> TruePosterior:
        """Compute p(z|x) of one image (H, W) as a raster of `size` = (columns, rows).

        If `seen` (H, W) is given, only these pixels count. The raster covers `sides` = (x range, y range), or the region of the
        posterior. Raises the errors of `evidence`.
        """
        self.lattice.should_stop = should_stop
        observed = self._one(image, label, seen)
        return true_posterior(self.lattice, observed, self._root, self._finest, sides, size)

    @torch.inference_mode()
    def sides_of_both(self, image: ArrayLike, label: int | None = None) -> tuple[Range, Range]:
        """Return a square (x range, y range) that holds p(z|x) and q(z|x) of one image (H, W)."""
        found = self.posterior(image, label, size=(2, 2))
        low, high = covered(self._posterior(self._one(image, label, None)), self.lattice.dtype)
        low = np.minimum(low[0], (found.x_range[0], found.y_range[0]))
        high = np.maximum(high[0], (found.x_range[1], found.y_range[1]))
        centre, half = (low + high) / 2, float((high - low).max()) / 2
        x, y = ((float(place - half), float(place + half)) for place in centre)
        return x, y

    def mean_image(self, posterior: TruePosterior, label: int | None = None) -> NDArray[np.float32]:
        """Return the mean image (H, W) in [0, 1] under p(z|x), E[x|x seen], pixel by pixel."""
        points = posterior.placed(evenly(_AVERAGED))
        images = self._model.decode(points, label if self._model.card.spec.classes else None)
        return np.asarray(images.mean(axis=0, dtype=np.float64), np.float32)

    def _one(self, image: ArrayLike, label: int | None, seen: ArrayLike | None) -> Observed:
        groups = list(self._groups(image, label, seen))
        if len(groups) != 1 or len(groups[0][0]) != 1:
            raise UserError("the true posterior takes one image at a time; give one image")
        return groups[0][1]

    def _gaps(self, observed: Observed, found: Integral, pieces: list[Settled]) -> tuple[Evidence, Gaps]:
        evidence, posterior = self._terms(observed, found), self._posterior(observed)
        best = best_gaussian(self.lattice, observed, found, pieces)
        if isinstance(posterior, GaussianPosterior):  # the encoder's q is a candidate for the best Gaussian
            mean, std = posterior.mean.double().numpy(), posterior.std.double().numpy()
            best = best.or_better(Best(mean, std, evidence.elbo, evidence.step_halving_difference))
        approximation, amortisation = evidence.log_evidence - best.elbo, best.elbo - evidence.elbo
        return evidence, Gaps(approximation, amortisation, best.mean, best.std, best.difference)

    def _evidence(self, observed: Observed) -> Evidence:
        return self._terms(observed, integrate(self.lattice, observed, self._root, self._finest))

    def _terms(self, observed: Observed, found: Integral) -> Evidence:
        posterior = self._posterior(observed)
        elbo = bound(self.lattice, posterior, observed)
        kl, difference = divergence(self.lattice, posterior, observed, found.log_evidence, elbo)
        moved = np.max([found.difference, elbo.difference, difference], axis=0)
        return Evidence(found.log_evidence, elbo.elbo, elbo.reconstruction, elbo.kl, kl, moved)

    @torch.inference_mode()
    def _posterior(self, observed: Observed) -> FamilyPosterior:
        label = torch.full((len(observed),), observed.label) if self._model.card.spec.classes else None
        return self._model.network.encode(observed.images, label)

    def chunks(self, images: ArrayLike, label: ArrayLike | None = None, together: int = TOGETHER) -> list[tuple[int, Rows]]:
        """Return (class, rows) of images by class and place on the plane, `together` images each.

        Raises the errors of `evidence`.
        """
        flat = self._model.flat(images)
        return list(self._chunks(flat, self._classes(label, len(flat)), together))

    def _groups(
        self, images: ArrayLike, label: ArrayLike | None, seen: ArrayLike | None, together: int = TOGETHER
    ) -> Iterator[tuple[Rows, Observed]]:
        flat = self._model.flat(images)
        classes = self._classes(label, len(flat))
        counts = None if seen is None else np.broadcast_to(self._model.flat(np.asarray(seen, bool)), flat.shape)
        for one, rows in self._chunks(flat if counts is None else flat * counts, classes, together):
            if len(rows) > 1:  # many images would displace the coarse plane; for one image warming costs more than it saves
                self.lattice.warm(0, self._root, one)
            every = len(rows) == len(flat)  # a copy would cost memory
            part, hidden = (flat, counts) if every else (flat[rows], None if counts is None else counts[rows])
            yield rows, self._observed(part, one, hidden)

    def _chunks(self, flat: NDArray[np.float32], classes: Labels, together: int) -> Iterator[tuple[int, Rows]]:
        """Yield (class, rows) by class. More than `together` images are sorted by place first."""
        codes = self._codes(flat, classes)
        self._reach_out(codes)
        for one in np.unique(classes).tolist():
            rows = np.flatnonzero(classes == one)
            if len(rows) > together:
                rows = rows[np.argsort(self._places(flat, codes, rows, one), kind="stable")]
            for start in range(0, len(rows), together):
                yield one, rows[start : start + together]

    @torch.inference_mode()
    def _codes(self, flat: NDArray[np.float32], classes: Labels) -> NDArray[np.float32]:
        """Return the encoder's codes, (n, 2)."""
        codes = np.empty((len(flat), 2), np.float32)
        for one, rows in _batches(classes):
            codes[rows] = self._posterior(self._observed(flat[rows], one, None)).mean.float().numpy()
        return codes

    def _places(self, flat: NDArray[np.float32], codes: NDArray[np.float32], rows: Rows, label: int) -> NDArray[np.int64]:
        """Return numbers (m,) by which images with neighbouring p(z|x) sort next to one another.

        The highest point of the coarse plane comes first, since the encoder may miss p(z|x). Hidden pixels count as black.
        """
        self.lattice.warm(0, self._root, label)
        parts = np.array_split(rows, -(-len(rows) // BATCH))
        highest = [self.lattice.highest(self._observed(flat[part], label, None), 0, self._root) for part in parts]
        return (morton(np.concatenate(highest)) << _MORTON_BITS) + morton(codes[rows])

    def _observed(self, flat: NDArray[np.float32], label: int, counts: NDArray[np.float32] | None) -> Observed:
        images = torch.from_numpy(np.require(flat, requirements="W")).to(self.lattice.dtype)  # torch warns of read-only
        if counts is None:
            return Observed(images, label)
        seen = torch.from_numpy(np.require(counts, requirements="W")).to(self.lattice.dtype)
        return Observed(images * seen, label, seen)

    def _classes(self, label: ArrayLike | None, n: int) -> Labels:
        if not self._model.card.spec.classes:
            return np.zeros(n, np.uint8)
        classes = self._model.checked_label(label, n)
        if classes is None:
            raise UserError(f"{self._model.card.name} needs classes; give the class of each of the {n} images")
        return classes


def check_has_evidence(model: TrainedModel) -> None:
    """Raise `UserError` with the reason if the model's family has no computable log p(x)."""
    why = model.card.family.why_no_evidence
    if why:
        raise UserError(f"there is no exact evidence of {model.card.name}: {why}; choose a model of one layer with a q(z|x)")


def _batches(classes: Labels) -> Iterator[tuple[int, Rows]]:
    for one in np.unique(classes).tolist():
        found = np.flatnonzero(classes == one)
        yield from ((one, rows) for rows in np.array_split(found, -(-len(found) // BATCH)))


def morton(z: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return numbers (n,) by which neighbouring points (n, 2) sort together: Morton 1966."""
    cells = np.clip((z + _ROOT_REACH) * (2 ** (_MORTON_BITS // 2) / (2 * _ROOT_REACH)), 0, 2 ** (_MORTON_BITS // 2) - 1).astype(
        np.int64
    )
    bits = np.arange(_MORTON_BITS // 2)
    spread = ((cells[:, :, None] >> bits) & 1) << (2 * bits)
    places: NDArray[np.int64] = (spread.sum(axis=2) << np.arange(2)).sum(axis=1)
    return places


def gathered(parts: Sequence[tuple[Rows, T]]) -> T:
    """Join dataclasses of arrays, each for some rows, in the order of rows."""
    if not parts:
        raise UserError("there are no images; give at least one image")
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    kind: Any = type(parts[0][1])
    return kind(*(np.concatenate([getattr(part, field.name) for _, part in parts])[order] for field in fields(kind)))  # type: ignore[no-any-return]
