"""What a trained model's exact evidence is: log p(x), the ELBO, and what lies between them. One engine for each model and thread."""

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

ACCURATE = 1e-3  # nats: a figure that moves by more under step halving does not count as exact
TOGETHER = 128  # images that lie near one another and share their tiles
ALONE = 2500  # the same where log p(x) alone is wanted: a tile is decoded anew for each group that looks at it
_AVERAGED = 256  # points that a mean image is the mean of
_OFTEN = 2400  # tiles of finer levels that are decoded at once, where the most codes are: a second of one processor for MNIST
_SURVEYED = 100_000  # codes that tell where
# The root covers this far from the origin, where N(0, I) has 1e-15 of its mass beyond; further out where codes are.
_REACH = 8.0
_MORTON_BITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Evidence(ByContent):
    """Of n images, nats: log_evidence = elbo + posterior_kl, each term from its own quadrature."""

    log_evidence: NDArray[np.float64]  # (n,) log p(x), of a conditional model log p(x|c)
    elbo: NDArray[np.float64]  # (n,)
    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z))
    posterior_kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z|x))
    step_halving_difference: NDArray[np.float64]  # (n,) the largest by which a term moves where its quadrature is halved

    @property
    def residual(self) -> NDArray[np.float64]:
        """log p(x) − (ELBO + KL(q(z|x) ‖ p(z|x))), (n,): what the three quadratures disagree by."""
        return self.log_evidence - self.elbo - self.posterior_kl

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether the figures are exact to ACCURATE, (n,): no term moves by more, and the identity holds as well."""
        return (self.step_halving_difference <= ACCURATE) & (np.abs(self.residual) <= ACCURATE)


@dataclass(frozen=True, slots=True, eq=False)
class Gaps(ByContent):
    """How log p(x) − ELBO of n images comes about, nats: Cremer, Li & Duvenaud 2018, section 3."""

    approximation: NDArray[np.float64]  # (n,) log p(x) − ELBO of the best diagonal Gaussian
    amortisation: NDArray[np.float64]  # (n,) from there to the encoder's ELBO; below 0 where a flow is better than any Gaussian
    best_mean: NDArray[np.float64]  # (n, 2), of the best diagonal Gaussian
    best_std: NDArray[np.float64]  # (n, 2)
    step_halving_difference: NDArray[np.float64]  # (n,) by which the best one's ELBO moves where its quadrature is halved

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Whether the ELBO of the best one is exact to ACCURATE, (n,)."""
        return self.step_halving_difference <= ACCURATE


class EvidenceEngine:
    """Decodes the plane of one model where it is needed, and remembers. Not to be shared between threads."""

    def __init__(self, model: TrainedModel, budget: int = BUDGET, finest: int = MAX_LEVEL) -> None:
        """`budget` bytes of the decoded plane are kept. Levels go down to `finest`.

        Raises `UserError` where the family has no p(x|z) in closed form or no density for a posterior.
        """
        check_has_evidence(model)
        self._model, self._finest = model, finest
        self.lattice = DecodedLattice(model.network, budget)
        self._root = tiles_over(0, np.full(2, -_REACH), np.full(2, _REACH))
        self._reach_out(model.codes.mean)

    def build(self, label: int = 0, finer: bool = True, should_stop: ShouldStop = never) -> None:
        """Decode the coarse plane, and where the most codes are finer levels too, so that an image need not wait for them."""
        self.lattice.should_stop = should_stop
        for level, keys in ((0, self._root), *(self._often(label) if finer else ())):
            self.lattice.warm(level, keys, label)

    def _often(self, label: int) -> list[tuple[int, Keys]]:
        """Levels and tiles that images are likely to need, as many as there is room for beside the coarse plane."""
        codes = self._model.codes.mean
        if self._model.card.spec.classes:
            codes = codes[self._model.codes.label == label]
        some = codes[:: max(1, len(codes) // _SURVEYED)].astype(np.float64)
        room = max(0, self.lattice.room - len(self._root))
        return busiest(some[np.isfinite(some).all(axis=1)], min(_OFTEN, room))

    def _reach_out(self, codes: NDArray[np.float32]) -> None:
        """Have the root cover the way to these (n, 2): what lies far out counts where the encoder puts an image there."""
        strips = strips_to(codes.astype(np.float64), _REACH - 1)
        if len(strips):
            self._root = np.unique(np.concatenate([self._root, strips]), axis=0)

    def evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Evidence:
        """The evidence of images (n, H, W) in [0, 1], in the model's own domain, and of classes (n,) where it is given classes.

        `seen` (n, H, W) or (H, W) is true where a pixel counts; the encoder is shown the others black. Raises `UserError` on other
        shapes and on missing classes, `Cancelled` once `should_stop` says so.
        """
        return gathered(list(self.stream(images, label, seen, should_stop)))

    def stream(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Iterator[tuple[Rows, Evidence]]:
        """The same bit by bit, in the order of places on the plane: (rows of `images`, their evidence)."""
        self.lattice.should_stop = should_stop
        for rows, observed in self._groups(images, label, seen):
            yield rows, self._evidence(observed)

    def log_evidence(
        self, images: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None, should_stop: ShouldStop = never
    ) -> Integral:
        """log p(x) alone, with its difference under step halving, and the moments of p(z|x). Takes and raises what `evidence` does."""
        self.lattice.should_stop = should_stop
        parts = [
            (rows, integrate(self.lattice, part, self._root, self._finest))
            for rows, part in self._groups(images, label, seen, ALONE)
        ]
        return gathered(parts)

    def gaps(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never, seen: ArrayLike | None = None
    ) -> tuple[Evidence, Gaps]:
        """The evidence of images, and what the ELBO loses split in two. Takes and raises what `evidence` does."""
        parts = list(self.stream_gaps(images, label, should_stop, seen))
        return gathered([(rows, one) for rows, one, *_ in parts]), gathered([(rows, other) for rows, _, other, _ in parts])

    def stream_gaps(
        self, images: ArrayLike, label: ArrayLike | None = None, should_stop: ShouldStop = never, seen: ArrayLike | None = None
    ) -> Iterator[tuple[Rows, Evidence, Gaps, Integral]]:
        """The same bit by bit, in the order of places on the plane, with what is known of p(z|x)."""
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
        """What importance sampling from q makes of log p(x) with each number of draws, (len(draws), n) nats: Burda et al. 2016."""
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
        """The ELBO of one image (H, W) and its two terms alone, the same numbers as in its evidence. Raises what `evidence` does."""
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
        """p(z|x) of one image (H, W), or of its pixels that are `seen` (H, W), as a raster of `size` = (columns, rows).

        It covers `sides` = (x range, y range) of the plane, or what holds the posterior. Raises what `evidence` does.
        """
        self.lattice.should_stop = should_stop
        observed = self._one(image, label, seen)
        return true_posterior(self.lattice, observed, self._root, self._finest, sides, size)

    @torch.inference_mode()
    def sides_of_both(self, image: ArrayLike, label: int | None = None) -> tuple[Range, Range]:
        """A square of the plane that holds both p(z|x) and q(z|x) of one image (H, W), as (x range, y range)."""
        found = self.posterior(image, label, size=(2, 2))
        low, high = covered(self._posterior(self._one(image, label, None)), self.lattice.dtype)
        low = np.minimum(low[0], (found.x_range[0], found.y_range[0]))
        high = np.maximum(high[0], (found.x_range[1], found.y_range[1]))
        centre, half = (low + high) / 2, float((high - low).max()) / 2
        x, y = ((float(place - half), float(place + half)) for place in centre)
        return x, y

    def mean_image(self, posterior: TruePosterior, label: int | None = None) -> NDArray[np.float32]:
        """E[x|x seen], the mean image under p(z|x), (H, W) in [0, 1]: what hidden pixels most likely are, each by itself."""
        points = posterior.placed(evenly(_AVERAGED))
        images = self._model.decode(points, label if self._model.card.spec.classes else None)
        return np.asarray(images.mean(axis=0, dtype=np.float64), np.float32)

    def _one(self, image: ArrayLike, label: int | None, seen: ArrayLike | None) -> Observed:
        groups = list(self._groups(image, label, seen))
        if len(groups) != 1 or len(groups[0][0]) != 1:
            raise UserError("the true posterior is asked for one image at a time")
        return groups[0][1]

    def _gaps(self, observed: Observed, found: Integral, pieces: list[Settled]) -> tuple[Evidence, Gaps]:
        evidence, posterior = self._terms(observed, found), self._posterior(observed)
        best = best_gaussian(self.lattice, observed, found, pieces)
        if isinstance(posterior, GaussianPosterior):  # the encoder's own q is one of those that the best is chosen from
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
        """(class, rows) of images by class and by their place on the plane, `together` at a time. Raises what `evidence` does."""
        flat = self._model.flat(images)
        return list(self._chunks(flat, self._classes(label, len(flat)), together))

    def _groups(
        self, images: ArrayLike, label: ArrayLike | None, seen: ArrayLike | None, together: int = TOGETHER
    ) -> Iterator[tuple[Rows, Observed]]:
        """Images by class and by their place on the plane, `together` at a time."""
        flat = self._model.flat(images)
        classes = self._classes(label, len(flat))
        counts = None if seen is None else np.broadcast_to(self._model.flat(np.asarray(seen, bool)), flat.shape)
        for one, rows in self._chunks(flat if counts is None else flat * counts, classes, together):
            if len(rows) > 1:  # many read so much that the coarse plane would give way; for one alone it is not worth the time
                self.lattice.warm(0, self._root, one)
            every = len(rows) == len(flat)  # as they come; a copy is memory
            part, hidden = (flat, counts) if every else (flat[rows], None if counts is None else counts[rows])
            yield rows, self._observed(part, one, hidden)

    def _chunks(self, flat: NDArray[np.float32], classes: Labels, together: int) -> Iterator[tuple[int, Rows]]:
        """Images of a class that stay together as they come, without an order."""
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
        """Where the encoder puts images, (n, 2)."""
        codes = np.empty((len(flat), 2), np.float32)
        for one, rows in _batches(classes):
            codes[rows] = self._posterior(self._observed(flat[rows], one, None)).mean.float().numpy()
        return codes

    def _places(self, flat: NDArray[np.float32], codes: NDArray[np.float32], rows: Rows, label: int) -> NDArray[np.int64]:
        """Numbers by which images whose p(z|x) lie near one another come near one another, of some rows, (m,).

        By the highest point of the coarse plane, since the encoder may put an image elsewhere, and within that by their codes; hidden
        pixels count as black ones.
        """
        self.lattice.warm(0, self._root, label)
        parts = np.array_split(rows, -(-len(rows) // BATCH))
        highest = [self.lattice.highest(self._observed(flat[part], label, None), 0, self._root) for part in parts]
        return (morton(np.concatenate(highest)) << _MORTON_BITS) + morton(codes[rows])

    def _observed(self, flat: NDArray[np.float32], label: int, counts: NDArray[np.float32] | None) -> Observed:
        images = torch.from_numpy(np.require(flat, requirements="W")).to(self.lattice.dtype)  # torch warns of what is read-only
        if counts is None:
            return Observed(images, label)
        seen = torch.from_numpy(np.require(counts, requirements="W")).to(self.lattice.dtype)
        return Observed(images * seen, label, seen)

    def _classes(self, label: ArrayLike | None, n: int) -> Labels:
        """(n,) classes, all 0 where the model is given none."""
        if not self._model.card.spec.classes:
            return np.zeros(n, np.uint8)
        classes = self._model.checked_label(label, n)
        if classes is None:
            raise UserError(f"{self._model.card.name} is given the class of an image; say which one each of the {n} images has")
        return classes


def check_has_evidence(model: TrainedModel) -> None:
    """Raises `UserError` where log p(x) of the model's family cannot be worked out, and says why."""
    why = model.card.family.why_no_evidence
    if why:
        raise UserError(f"there is no exact evidence of {model.card.name}: {why}; choose a model of one layer with a q(z|x)")


def _batches(classes: Labels) -> Iterator[tuple[int, Rows]]:
    """(class, rows) of classes (n,), each of one class and no more than BATCH."""
    for one in np.unique(classes).tolist():
        found = np.flatnonzero(classes == one)
        yield from ((one, rows) for rows in np.array_split(found, -(-len(found) // BATCH)))


def morton(z: NDArray[np.float32]) -> NDArray[np.int64]:
    """A number by which points (n, 2) that lie near one another come near one another: Morton 1966. (n,)."""
    cells = np.clip((z + _REACH) * (2 ** (_MORTON_BITS // 2) / (2 * _REACH)), 0, 2 ** (_MORTON_BITS // 2) - 1).astype(np.int64)
    bits = np.arange(_MORTON_BITS // 2)
    spread = ((cells[:, :, None] >> bits) & 1) << (2 * bits)
    places: NDArray[np.int64] = (spread.sum(axis=2) << np.arange(2)).sum(axis=1)
    return places


def gathered(parts: Sequence[tuple[Rows, T]]) -> T:
    """Dataclasses of arrays, each of some rows, as one of all rows in order."""
    if not parts:
        raise UserError("there are no images to work on; give at least one")
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    kind: Any = type(parts[0][1])
    return kind(*(np.concatenate([getattr(part, field.name) for _, part in parts])[order] for field in fields(kind)))  # type: ignore[no-any-return]
