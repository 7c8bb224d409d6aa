"""Finds diagonal Gaussians of high ELBO for images under a model of any number of latents, by gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vae_explorer.inference.evidence.joint import AT_ONCE, Joint
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.adam import Adam
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, FamilyPosterior, GaussianPosterior

OTHERS, OTHER_POSES = 2, 5  # starts beside the encoder's; of a model with a pose
_ANGLES = 64  # of the encoder's guess, among which other starts of a model with a pose are looked for
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
    kind: type[GaussianPosterior] = GaussianPosterior

    def at(self, place: int, wider: float = 1.0) -> GaussianPosterior:
        """Return the Gaussians (n, d) at one place, with their std times `wider`."""
        return self.kind(self.mean[:, place], 2 * (wider * self.std[:, place]).log())


def climbs(model: TrainedModel, joint: Joint, posterior: FamilyPosterior, generator: torch.Generator) -> Gaussians:
    """Climb from q(z|x) and from other points that explain an image, n images at once.

    These are OTHERS codes of the model, or with a pose OTHER_POSES turns of the encoder's guess.

    Each step draws new noise, common to all images, and takes the gradient of the ELBO without the score of q (Roeder, Wu & Duvenaud
    2017, section 3). A climb that ends far below the best is replaced by the best.
    """
    n, d = posterior.mean.shape
    mean, std = _starts(model, joint, posterior)
    rows = torch.arange(n).repeat_interleave(others_of(joint.is_posed) + 1)
    ends = _climbed(joint, rows, mean.reshape(-1, d), std.reshape(-1, d), generator)
    means, stds = ends.mean.view(n, -1, d), ends.std.view(n, -1, d)
    if isinstance(posterior, GaussianPosterior):  # the encoder's q is a candidate for the best Gaussian
        means, stds = torch.cat([posterior.mean[:, None], means], dim=1), torch.cat([posterior.std[:, None], stds], dim=1)
    return _sorted(joint, means, stds, generator)


def others_of(is_posed: bool) -> int:
    """Return the number of starts beside the encoder's."""
    return OTHER_POSES if is_posed else OTHERS


def _sorted(joint: Joint, mean: Tensor, std: Tensor, generator: torch.Generator) -> Gaussians:
    """Return the best Gaussians of (n, k, d), as many as starts; the best replaces Gaussians far below it."""
    (n, k, d), kept = mean.shape, others_of(joint.is_posed) + 1
    each = joint.kind(mean.reshape(-1, d), 2 * std.reshape(-1, d).log())
    elbo = _elbo(joint, torch.arange(n).repeat_interleave(k), each, _COMPARED, generator).view(n, k)
    falling, order = elbo.sort(dim=1, descending=True)
    order = torch.where(falling < falling[:, :1] - _FAR_BELOW, order[:, :1], order)[:, :kept, None].expand(-1, -1, d)
    return Gaussians(mean.gather(1, order), std.gather(1, order), joint.kind)


@torch.inference_mode()
def _starts(model: TrainedModel, joint: Joint, posterior: FamilyPosterior) -> tuple[Tensor, Tensor]:
    """Return means and std of the starts of n images, (n, others + 1, d) each; the first is the encoder's."""
    (n, d), others = posterior.mean.shape, others_of(joint.is_posed)
    pool, usual, explains = _turned(joint, posterior) if joint.is_posed else _among_codes(model, joint, posterior)
    mean = [posterior.mean]
    for _ in range(others):
        squares = ((pool - mean[-1][:, None]) / usual).square().sum(dim=2)
        explains = torch.where(squares < d * _APART**2, -math.inf, explains)
        mean.append(pool.expand(n, -1, d)[torch.arange(n), explains.argmax(dim=1)])
    return torch.stack(mean, dim=1), torch.stack([posterior.std, *([usual[:, 0].expand(n, d)] * others)], dim=1)


def _among_codes(model: TrainedModel, joint: Joint, posterior: FamilyPosterior) -> tuple[Tensor, Tensor, Tensor]:
    """Return codes (1, k, d), their usual std (1, 1, d), and how well they explain each image, (n, k)."""
    codes, stds = model.codes.mean.astype(np.float64), model.codes.std
    codes = codes[np.isfinite(codes).all(axis=1) & np.isfinite(stds).all(axis=1)]
    usual = posterior.std.median(dim=0)[0]
    if len(codes):
        usual = torch.from_numpy(np.nanmedian(stds, axis=0)).to(joint.dtype)
    else:
        codes = np.random.default_rng(0).standard_normal((_POOL, posterior.mean.shape[1]))
    pool = torch.from_numpy(codes[np.linspace(0, len(codes) - 1, _POOL).astype(int)]).to(joint.dtype)
    return pool[None], usual[None, None], joint.log_likelihood_of_all(pool) + joint.log_prior(pool)


def _turned(joint: Joint, posterior: FamilyPosterior) -> tuple[Tensor, Tensor, Tensor]:
    """Return turns of each image's mean (n, k, d), its std (n, 1, d), and how well they explain the image, (n, k).

    An object that is symmetric, or that the encoder took for another angle, has several such turns.
    """
    turns = torch.linspace(-math.pi, math.pi, _ANGLES + 1, dtype=joint.dtype)[:-1]
    pool = posterior.mean[:, None].repeat(1, _ANGLES, 1)
    pool[..., -1] += turns
    return pool, posterior.std[:, None], joint.log_likelihood_at(pool) + joint.log_prior(pool)


def _climbed(joint: Joint, rows: Rows, mean: Tensor, std: Tensor, generator: torch.Generator) -> GaussianPosterior:
    """Climb from s Gaussians by Adam on mean and log std, both in units of the start's std."""
    mean, std = mean.clone(), std.clone()  # autograd takes no inference tensors
    moved = torch.zeros(2, *mean.shape, dtype=joint.dtype)  # of the mean, and of log std
    adam, going = Adam([moved]), torch.arange(len(rows))
    for step in range(_STEPS):
        if step == _PRUNED:
            going = _promising(joint, rows, _ends(joint, mean, std, moved), generator)
        slope = torch.zeros_like(moved)
        for part in torch.split(going, max(1, AT_ONCE // (2 * _DRAWS))):
            here = moved[:, part].requires_grad_()
            weights = _log_weights(joint, rows[part], _ends(joint, mean[part], std[part], here), generator)
            slope[:, part] = torch.autograd.grad(weights.mean(0).sum(), here)[0].nan_to_num(nan=0.0)
        adam.step([-slope], _RATE * (1 - step / _STEPS), _BETAS)
    return _ends(joint, mean, std, moved)


def _ends(joint: Joint, mean: Tensor, std: Tensor, moved: Tensor) -> GaussianPosterior:
    log_variance = 2 * (std.log() + moved[1])
    return joint.kind(mean + std * moved[0], log_variance.clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))


def _promising(joint: Joint, rows: Rows, here: GaussianPosterior, generator: torch.Generator) -> Rows:
    """Return the climbs that are not far below another climb of their image."""
    elbo = _elbo(joint, rows, here, _DRAWS, generator).view(-1, others_of(joint.is_posed) + 1)
    return (elbo >= elbo.max(dim=1, keepdim=True).values - 2 * _FAR_BELOW).view(-1).nonzero()[:, 0]


def _log_weights(joint: Joint, rows: Rows, q: GaussianPosterior, generator: torch.Generator) -> Tensor:
    """Return log p(x, z) − log q(z) at z = mean ± std · ε, (2 · _DRAWS, s), with gradients through z alone."""
    s, d = q.mean.shape
    half = torch.randn(_DRAWS, 1, d, generator=generator, dtype=joint.dtype)
    z = q.mean + q.std * torch.cat([half, -half])
    fixed = joint.kind(q.mean.detach(), q.log_variance.detach())
    flat = z.reshape(-1, d)
    log_q = fixed.select(torch.arange(s).repeat(2 * _DRAWS)).log_prob(flat)
    fit = joint.log_likelihood(rows.repeat(2 * _DRAWS), flat, precise=False)
    return (fit + joint.log_prior(flat) - log_q).view(2 * _DRAWS, s)


@torch.inference_mode()
def _elbo(joint: Joint, rows: Rows, q: GaussianPosterior, pairs: int, generator: torch.Generator) -> Tensor:
    """Return the ELBO of s Gaussians by common draws, (s,)."""
    noise = torch.randn(pairs, 1, q.mean.shape[1], generator=generator, dtype=joint.dtype)
    found = []
    for part in torch.split(torch.arange(len(rows)), max(1, AT_ONCE // (2 * pairs))):
        z, log_q = q.select(part).place(torch.cat([noise, -noise]))
        flat = z.reshape(-1, z.shape[2])
        fit = joint.log_likelihood(rows[part].repeat(2 * pairs), flat).view(z.shape[:2])
        found.append((fit + joint.log_prior(z) - log_q).mean(0))
    return torch.cat(found)
