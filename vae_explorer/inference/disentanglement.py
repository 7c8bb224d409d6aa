"""Measures how latents and known factors of the images belong together: MIG and DCI."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.by_content import ByContent
from vae_explorer.data.columns import Column, ColumnKind, is_known, varies
from vae_explorer.errors import UserError
from vae_explorer.runtime.loading_scipy import load_scipy

BINS = 20  # of a latent, and of a factor that is a number
MOST = 10_000  # images that are measured, evenly spaced
_TREES, _DEPTH, _SEED = 20, 12, 0
_HELD_OUT = 4  # every fourth image tests the forests
_LEAST = 20  # images

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Disentanglement(ByContent):
    """How d latents and k factors belong together. All figures lie in [0, 1] and 1 is best."""

    factors: tuple[str, ...]  # k names
    information: Floats  # (d, k) mutual information of latent and factor, over the factor's entropy
    importance: Floats  # (d, k) share of each latent in the prediction of a factor; columns sum to 1
    gaps: Floats  # (k,) between the two latents that know most of a factor
    informativeness: Floats  # (k,) accuracy on held-out images, or R² of numbers, at least 0

    @property
    def mig(self) -> float:
        """The mutual information gap, mean over factors. Source: Chen et al. 2018, equation 6, with binned posterior means."""
        return float(self.gaps.mean())

    @property
    def disentanglement(self) -> float:
        """Whether each latent predicts one factor alone. Source: Eastwood & Williams 2018, equations 1 and 2."""
        weight = self.importance.sum(axis=1)
        scores = 1 - _entropy(self.importance) / np.log(max(len(self.factors), 2))
        return float((scores * weight).sum() / weight.sum())

    @property
    def completeness(self) -> float:
        """Whether each factor is predicted by one latent alone. Source: Eastwood & Williams 2018, equation 3."""
        return float((1 - _entropy(self.importance.T) / np.log(max(len(self.importance), 2))).mean())


def disentanglement(
    mean: NDArray[np.floating], columns: Sequence[Column], check: Callable[[], None] = lambda: None
) -> Disentanglement:
    """Measure codes (n, d) against columns of categories and numbers, each (n,).

    Importances are those of random forests, one a factor, on three quarters of the images. An angle is predicted by its cosine and
    sine. Images with a missing value are left out. `check` is called before each forest; its exception ends the
    measurement. Raises `UserError` without such columns, or with fewer than 20 images.
    """
    known = [column for column in columns if column.kind is not ColumnKind.TEXT and varies(column)]
    if not known:
        raise UserError("the images have no factors; give a data set with label columns that vary")
    rows = np.flatnonzero(np.logical_and.reduce([is_known(column) for column in known]))
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), MOST)).astype(int)] if len(rows) else rows
    if len(rows) < _LEAST:
        raise UserError(f"{len(rows)} images have a value of every factor; at least {_LEAST} are needed")
    z, few = np.asarray(mean[rows], np.float64), [column.rows(rows) for column in known]
    information = np.stack([_information(z, column) for column in few], axis=1)
    highest = np.sort(information, axis=0)[::-1]
    gaps = highest[0] - (highest[1] if len(highest) > 1 else 0.0)
    forests = []
    for column in few:
        check()
        forests.append(_forest(z, column))
    importance = np.stack([share for share, _ in forests], axis=1)
    scores = np.array([score for _, score in forests])
    return Disentanglement(tuple(column.name for column in known), information, importance, gaps, scores)


def _information(z: Floats, column: Column) -> Floats:
    """Return I(z_j; v) / H(v) of each latent j by histograms, (d,)."""
    values = np.asarray(column.values)
    v = values.astype(np.int64) if column.kind is ColumnKind.CATEGORICAL else _binned(values)
    table = np.zeros((z.shape[1], BINS, int(v.max()) + 1))
    for latent, own in enumerate(z.T):
        np.add.at(table[latent], (_binned(own), v), 1.0 / len(v))
    of_both = _entropy_of(table.reshape(len(table), -1))
    of_latent, of_factor = _entropy_of(table.sum(axis=2)), _entropy_of(table.sum(axis=1))
    return np.asarray(np.maximum(of_latent + of_factor - of_both, 0) / of_factor)


def _binned(values: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the place of each value among `BINS` even bins from the least to the largest, (n,)."""
    low, high = float(values.min()), float(values.max())
    share = (values - low) / max(high - low, np.finfo(float).tiny)
    return np.minimum((share * BINS).astype(np.int64), BINS - 1)


def _forest(z: Floats, column: Column) -> tuple[Floats, float]:
    """Return the importance of each latent, (d,), and the score on held-out images, of a random forest for one factor."""
    load_scipy()  # which scikit-learn imports too
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    settings = {"n_estimators": _TREES, "max_depth": _DEPTH, "random_state": _SEED, "max_features": None, "n_jobs": 1}
    values, held_out = np.asarray(column.values), np.arange(len(z)) % _HELD_OUT == 0
    if column.kind is ColumnKind.CATEGORICAL:
        forest, wanted = RandomForestClassifier(**settings), values
    else:
        forest, wanted = RandomForestRegressor(**settings), _as_numbers(values, column.turn)
    forest.fit(z[~held_out], wanted[~held_out])
    importance: Floats = forest.feature_importances_
    total = importance.sum()
    even = np.full(z.shape[1], 1 / z.shape[1])  # a forest of stumps tells nothing of any latent
    return importance / total if total > 0 else even, max(float(forest.score(z[held_out], wanted[held_out])), 0.0)


def _as_numbers(values: NDArray[np.floating], turn: tuple[float, float] | None) -> Floats:
    """Return numbers as they are, (n,), and angles as cosine and sine, (n, 2)."""
    if turn is None:
        return np.asarray(values, np.float64)
    angle = 2 * np.pi * (values - turn[0]) / turn[1]
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _entropy(weights: Floats) -> Floats:
    """Return the entropy of each row (n, m) after its sum is made 1, (n,) nats."""
    total = weights.sum(axis=1, keepdims=True)
    return _entropy_of(weights / np.where(total > 0, total, 1.0))


def _entropy_of(shares: Floats) -> Floats:
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(-(shares * logs).sum(axis=1))
