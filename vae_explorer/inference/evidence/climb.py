"""Finds diagonal Gaussians of high ELBO for images under a model of any number of latents, by gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vae_explorer.inference.evidence.joint import AT_ONCE, Joint, log_prior
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.adam import Adam
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, FamilyPosterior, GaussianPosterior

OTHERS = 2  # starts beside the encoder's
_POOL = 1000  # codes among which other starts are looked for
_APART = 4.0  # least distance of a start from the others, in std times √d
_STEPS, _PRUNED = 50, 15  # steps of a climb, and the step after which climbs far below another end
_FAR_BELOW = 15.0  # nats
_DRAWS, _COMPARED = 4, 32  # pairs of draws ±ε of a step, and of a comparison of ELBOs
_RATE = 0.3  # of Adam at first, in std of the start; it falls to 0
_BETAS = (0.8, 0.95)

Rows = Tensor  # (s,) int64


@dataclass(frozen=True, slots=True)
class Gaussians:
    """Diagonal Gaussians of n images, `places` each; the first is the best."""

    mean: Tensor  # (n, places, d)
    std: Tensor  # (n, places, d)

    def at(self, place: int, wider: float = 1.0) -> GaussianPosterior:
        """Return the Gaussians (n, d) at one place, with their std times `wider`."""
        return GaussianPosterior(self.mean[:, place], 2 * (wider * self.std[:, place]).log())


def climbs(model: TrainedModel, joint: Joint, posterior: FamilyPosterior, generator: torch.Generator) -> Gaussians:
    """Climb from q(z|x) and from OTHERS codes of the model that explain an image, n images at once.

    Each step draws new noise, common to all images, and takes the gradient of the ELBO without the score of q (Roeder, Wu & Duvenaud
    2017, section 3). A climb that ends far below the best is replaced by the best.
    """
    n, d = posterior.mean.shape
    mean, std = _starts(model, joint, posterior)
    rows = torch.arange(n).repeat_interleave(OTHERS + 1)
    ends = _climbed(joint, rows, mean.reshape(-1, d), std.reshape(-1, d), generator)
    means, stds = ends.mean.view(n, -1, d), ends.std.view(n, -1, d)
    if isinstance(posterior, GaussianPosterior):  # the encoder's q is a candidate for the best Gaussian
        means, stds = torch.cat([posterior.mean[:, None], means], dim=1), torch.cat([posterior.std[:, None], stds], dim=1)
    return _sorted(joint, means, stds, generator)


def _sorted(joint: Joint, mean: Tensor, std: Tensor, generator: torch.Generator) -> Gaussians:
    """Return the best OTHERS + 1 of the Gaussians (n, k, d) of n images, where the best replaces Gaussians far below it."""
    n, k, d = mean.shape
    each = GaussianPosterior(mean.reshape(-1, d), 2 * std.reshape(-1, d).log())
    elbo = _elbo(joint, torch.arange(n).repeat_interleave(k), each, _COMPARED, generator).view(n, k)
    falling, order = elbo.sort(dim=1, descending=True)
    order = torch.where(falling < falling[:, :1] - _FAR_BELOW, order[:, :1], order)[:, : OTHERS + 1, None].expand(-1, -1, d)
    return Gaussians(mean.gather(1, order), std.gather(1, order))


@torch.inference_mode()
def _starts(model: TrainedModel, joint: Joint, posterior: FamilyPosterior) -> tuple[Tensor, Tensor]:
    """Return means and std of the starts of n images, (n, OTHERS + 1, d) each; the first is the encoder's."""
    n, d = posterior.mean.shape
    codes, stds = model.codes.mean.astype(np.float64), model.codes.std
    codes = codes[np.isfinite(codes).all(axis=1) & np.isfinite(stds).all(axis=1)]
    usual = posterior.std.median(dim=0)[0]
    if len(codes):
        usual = torch.from_numpy(np.nanmedian(stds, axis=0)).to(joint.dtype)
    else:
        codes = np.random.default_rng(0).standard_normal((_POOL, d))
    pool = torch.from_numpy(codes[np.linspace(0, len(codes) - 1, _POOL).astype(int)]).to(joint.dtype)
    explains = joint.log_likelihood_of_all(pool) + log_prior(pool)
    mean = [posterior.mean]
    for _ in range(OTHERS):
        squares = ((pool - mean[-1][:, None]) / usual).square().sum(dim=2)
        explains = torch.where(squares < d * _APART**2, -math.inf, explains)
        mean.append(pool[explains.argmax(dim=1)])
    return torch.stack(mean, dim=1), torch.stack([posterior.std, *([usual.expand(n, d)] * OTHERS)], dim=1)


def _climbed(joint: Joint, rows: Rows, mean: Tensor, std: Tensor, generator: torch.Generator) -> GaussianPosterior:
    """Climb from s Gaussians by Adam on mean and log std, both in units of the start's std."""
    mean, std = mean.clone(), std.clone()  # autograd takes no inference tensors
    moved = torch.zeros(2, *mean.shape, dtype=joint.dtype)  # of the mean, and of log std
    adam, going = Adam([moved]), torch.arange(len(rows))
    for step in range(_STEPS):
        if step == _PRUNED:
            going = _promising(joint, rows, _ends(mean, std, moved), generator)
        slope = torch.zeros_like(moved)
        for part in torch.split(going, max(1, AT_ONCE // (2 * _DRAWS))):
            here = moved[:, part].requires_grad_()
            weights = _log_weights(joint, rows[part], _ends(mean[part], std[part], here), generator)
            slope[:, part] = torch.autograd.grad(weights.mean(0).sum(), here)[0].nan_to_num(nan=0.0)
        adam.step([-slope], _RATE * (1 - step / _STEPS), _BETAS)
    return _ends(mean, std, moved)


def _ends(mean: Tensor, std: Tensor, moved: Tensor) -> GaussianPosterior:
    log_variance = 2 * (std.log() + moved[1])
    return GaussianPosterior(mean + std * moved[0], log_variance.clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))


def _promising(joint: Joint, rows: Rows, here: GaussianPosterior, generator: torch.Generator) -> Rows:
    """Return the climbs that are not far below another climb of their image."""
    elbo = _elbo(joint, rows, here, _DRAWS, generator).view(-1, OTHERS + 1)
    return (elbo >= elbo.max(dim=1, keepdim=True).values - 2 * _FAR_BELOW).view(-1).nonzero()[:, 0]


def _log_weights(joint: Joint, rows: Rows, q: GaussianPosterior, generator: torch.Generator) -> Tensor:
    """Return log p(x, z) − log q(z) at z = mean ± std · ε, (2 · _DRAWS, s), with gradients through z alone."""
    s, d = q.mean.shape
    half = torch.randn(_DRAWS, 1, d, generator=generator, dtype=joint.dtype)
    z = q.mean + q.std * torch.cat([half, -half])
    fixed = GaussianPosterior(q.mean.detach(), q.log_variance.detach())
    flat = z.reshape(-1, d)
    log_q = fixed.select(torch.arange(s).repeat(2 * _DRAWS)).log_prob(flat)
    fit = joint.log_likelihood(rows.repeat(2 * _DRAWS), flat, precise=False)
    return (fit + log_prior(flat) - log_q).view(2 * _DRAWS, s)


@torch.inference_mode()
def _elbo(joint: Joint, rows: Rows, q: GaussianPosterior, pairs: int, generator: torch.Generator) -> Tensor:
    """Return the ELBO of s Gaussians by common draws, (s,)."""
    noise = torch.randn(pairs, 1, q.mean.shape[1], generator=generator, dtype=joint.dtype)
    found = []
    for part in torch.split(torch.arange(len(rows)), max(1, AT_ONCE // (2 * pairs))):
        z, log_q = q.select(part).place(torch.cat([noise, -noise]))
        flat = z.reshape(-1, z.shape[2])
        fit = joint.log_likelihood(rows[part].repeat(2 * pairs), flat).view(z.shape[:2])
        found.append((fit + log_prior(z) - log_q).mean(0))
    return torch.cat(found)
