"""The aggregate posterior q(z) = mean over images of q(z|x), compared with the prior."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.errors import UserError
from vae_explorer.latent.mixture import draw_parts
from vae_explorer.latent.plane import FAR, is_on_map
from vae_explorer.runtime.loading_scipy import load_scipy

_CODE_REACH = 9.0  # std of a code; its density counts as 0 farther out
_SIDE = 2400  # most lattice points a side
_SMALL = 0.02  # quantile of the codes' std that the lattice resolves
_TOGETHER = 256  # neighbouring codes summed in one matrix product
RATIO_SPAN = 4.0  # nats of log q(z)/p(z) at the ends of the colour scale: a factor of 55
_LEAST_REACH = 4.0  # least half side of a picture of q(z), in std of the prior
_FAR, _FARTHEST = 0.999, 2.0  # a picture always holds this quantile of codes, and ends at most _FARTHEST times as far out
_PLANE = 2  # latents of codes whose parts are quadratures
_ORDER = 6  # Gauss–Hermite nodes a side, for one code
_LOG_TWO_PI = math.log(2 * math.pi)
_DEEP = -200.0  # nats; smaller log-densities are raised to this

Floats = NDArray[np.float64]
Check = Callable[[], None]  # called often during the work; an exception from it ends the work
Kernel = Callable[[Floats, Floats, Floats], Floats]  # edges (k + 1,) or points (k,), means and std (m, 1) -> (m, k)


@dataclass(frozen=True, slots=True)
class Surgery:
    """mean_kl = information + marginal_kl in nats an image, by independent quadratures, or by draws with standard errors.

    Source: Hoffman & Johnson 2016, section 2.
    """

    mean_kl: float  # mean over images of KL(q(z|x) ‖ p(z)), exact
    information: float  # I(x; z) = mean KL(q(z|x) ‖ q(z)) ≤ log n, by Gauss–Hermite nodes or by draws
    marginal_kl: float  # KL(q(z) ‖ p(z)), by a sum over a lattice or by draws
    difference: float = 0.0  # of marginal_kl between the step and twice the step
    information_se: float | None = None  # standard errors over draws; None for quadratures
    marginal_kl_se: float | None = None

    @property
    def residual(self) -> float:
        """mean_kl − information − marginal_kl in nats: the error of the three quadratures together."""
        return self.mean_kl - self.information - self.marginal_kl


def _no_check() -> None:
    """A `Check` that lets the work go on."""


def surgery(mean: NDArray[np.floating], std: NDArray[np.floating], check: Check = _no_check) -> Surgery:
    """Split the KL term of diagonal Gaussian codes (n, d) into its two parts.

    Unless d = 2, both parts are estimates by draws z ~ q(z|x), where q(z) is the mixture of all codes. For d = 2, KL(q(z) ‖ p(z))
    is a trapezoidal sum over a lattice. The means over codes use Gauss–Hermite nodes, where log q(z) is
    interpolated from the lattice. Raises `ValueError` for codes without a density (std 0), `UserError` for codes off the map,
    and whatever `check` raises.
    """
    centre, spread = _finite(mean, std)
    if len(mean) and not len(centre):
        raise UserError(f"no code lies, with its std, within ±{FAR:g}, so the KL term cannot be split")
    if not len(centre) or not spread.all():
        raise ValueError("codes that are points have no density")
    if centre.shape[1] != _PLANE:
        return _estimated(centre, spread, check)
    axes, step = _lattice(centre, spread)
    density = _mixture(centre, spread, axes, _at_points, check)
    log_density = np.log(np.maximum(density, math.exp(_DEEP)))
    log_prior = -0.5 * (np.square(axes[0]) + np.square(axes[1])[:, None]) - _LOG_TWO_PI
    terms = density * (log_density - log_prior)
    quarters = np.array([terms[i::2, j::2].sum() for i in (0, 1) for j in (0, 1)]) * (2 * step) ** 2
    marginal = float(quarters.mean())
    own, prior, mixed = _at_nodes(centre, spread, axes, step, log_density, check)
    return Surgery(own - prior, own - mixed, marginal, float(np.abs(quarters - marginal).max()))


def _estimated(mean: Floats, std: Floats, check: Check) -> Surgery:
    mean_kl = float(0.5 * (np.square(mean) + np.square(std) - 1 - 2 * np.log(std)).sum(axis=1).mean())
    drawn = draw_parts(mean, std, check)
    information, marginal = (float(each.mean()) for each in (drawn.information, drawn.marginal))
    errors = [float(each.std(ddof=1)) / math.sqrt(len(each)) for each in (drawn.information, drawn.marginal)]
    return Surgery(mean_kl, information, marginal, information_se=errors[0], marginal_kl_se=errors[1])


def _at_nodes(
    mean: Floats, std: Floats, axes: tuple[Floats, Floats], step: float, log_density: Floats, check: Check
) -> tuple[float, float, float]:
    """Return the means over codes of E[log q(z|x)], E[log p(z)] and E[log q(z)] under q(z|x)."""
    load_scipy()
    from scipy.ndimage import map_coordinates, spline_filter

    node, weight = np.polynomial.hermite_e.hermegauss(_ORDER)
    weight = weight / weight.sum()
    own = -float((np.log(std) + 0.5 * (1 + _LOG_TWO_PI)).sum(axis=1).mean())
    filtered, origin = spline_filter(log_density, order=3), np.array([axes[0][0], axes[1][0]])
    prior = mixed = 0.0
    for first, share in zip(node.tolist(), weight.tolist(), strict=True):
        for second, other in zip(node.tolist(), weight.tolist(), strict=True):
            check()
            z = mean + std * np.array([first, second])
            there = map_coordinates(filtered, ((z - origin) / step).T[::-1], order=3, prefilter=False, mode="nearest")
            mixed += share * other * float(there.mean())
            prior += share * other * float((-0.5 * np.square(z).sum(axis=1) - _LOG_TWO_PI).mean())
    return own, prior, mixed


def log_ratio(
    mean: NDArray[np.floating],
    std: NDArray[np.floating],
    x_edges: Floats,
    y_edges: Floats,
    floor: float = 1e-8,
    check: Check = _no_check,
) -> NDArray[np.float32]:
    """Return log q(z) / p(z) in nats for each cell, (rows, columns) from the lowest row.

    Values below 0 mark holes. The masses of a cell are differences of normal distribution functions. `floor`, a share of the
    prior's largest mass, is added to both masses, so a cell that neither reaches is 0. A hole of RATIO_SPAN nats is 0.1 nats
    off at |z| = 4.8, and shows as half as deep from |z| = 5.7 on. Raises what `check` raises.
    """
    centre, spread = _finite(mean, std)
    mass = _mixture(centre, spread, (x_edges, y_edges), _in_cells, check)
    at_origin, as_prior = np.zeros((1, 1)), np.ones((1, 1))
    prior = _in_cells(y_edges, at_origin, as_prior).T * _in_cells(x_edges, at_origin, as_prior)
    least = floor * prior.max()
    return np.asarray(np.log((mass + least) / (prior + least)), np.float32)


def reach_of(mean: NDArray[np.floating], std: NDArray[np.floating]) -> float:
    """Return the half side of a picture with the prior and nearly all codes (n, 2)."""
    centre, spread = _finite(mean, std)
    ends = np.abs(centre) + 2 * spread if len(centre) else np.zeros((1, 2))
    return max(min(float(ends.max()), _FARTHEST * float(np.quantile(ends, _FAR))), _LEAST_REACH)


def spread_of(std: NDArray[np.floating], edges: Floats) -> NDArray[np.floating]:
    """Return the std of codes (n, 2) for `log_ratio`.

    Points get the width of a cell as their std; otherwise nothing would lie between them.
    """
    return std if std.any() else np.full(std.shape, float(np.median(np.diff(edges))))


def _finite(mean: NDArray[np.floating], std: NDArray[np.floating]) -> tuple[Floats, Floats]:
    keep = is_on_map(mean) & is_on_map(std)
    return np.asarray(mean[keep], np.float64), np.asarray(std[keep], np.float64)


def _lattice(mean: Floats, std: Floats) -> tuple[tuple[Floats, Floats], float]:
    low, high = (mean - _CODE_REACH * std).min(axis=0), (mean + _CODE_REACH * std).max(axis=0)
    step = max(0.7 * float(np.quantile(std, _SMALL)), float((high - low).max()) / _SIDE)
    x, y = (np.arange(a, b + step, step) for a, b in zip(low, high, strict=True))
    return (x, y), step


def _mixture(mean: Floats, std: Floats, axes: tuple[Floats, Floats], kernel: Kernel, check: Check) -> Floats:
    """Return the mean over codes of kernel(y) · kernel(x), (rows, columns)."""
    rows, columns = (kernel(axis, mean[:1, :1], std[:1, :1]).shape[1] for axis in reversed(axes))
    total = np.zeros((rows, columns))
    low, high = mean - _CODE_REACH * std, mean + _CODE_REACH * std
    for part in _neighbours(mean):
        check()
        left, bottom = (max(int(np.searchsorted(axis, low[part, i].min())) - 1, 0) for i, axis in enumerate(axes))
        right, top = (int(np.searchsorted(axis, high[part, i].max())) + 1 for i, axis in enumerate(axes))
        if right - left < 2 or top - bottom < 2:
            continue  # the codes lie beyond the edge
        across, along = (
            kernel(axis[span], mean[part, i, None], std[part, i, None])
            for i, (axis, span) in enumerate(zip(axes, (slice(left, right), slice(bottom, top)), strict=True))
        )
        total[bottom : bottom + along.shape[1], left : left + across.shape[1]] += along.T @ across
    return total / len(mean)


def _neighbours(mean: Floats) -> Iterator[NDArray[np.int64]]:
    strips = max(round(math.sqrt(len(mean) / _TOGETHER)), 1)
    for strip in np.array_split(np.argsort(mean[:, 1], kind="stable"), strips):
        along = strip[np.argsort(mean[strip, 0], kind="stable")]
        yield from (along[start : start + _TOGETHER] for start in range(0, len(along), _TOGETHER))


def _at_points(axis: Floats, mean: Floats, std: Floats) -> Floats:
    density: Floats = np.exp(-0.5 * np.square((axis - mean) / std)) / (std * math.sqrt(2 * math.pi))
    return density


def _in_cells(edges: Floats, mean: Floats, std: Floats) -> Floats:
    load_scipy()
    from scipy.special import ndtr

    return np.diff(ndtr((edges - mean) / std), axis=1)
