"""Muon beside torch's own, and what it makes of a matrix beside its singular vectors."""

from __future__ import annotations

import pytest
import torch

from vae_explorer.models import muon
from vae_explorer.models.adam import Adam
from vae_explorer.models.muon import Muon, orthogonal

SHAPES = [(96, 64), (64, 96), (200, 70), (80, 80)]


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="this version of torch has no Muon")
@pytest.mark.parametrize("shape", SHAPES)
def test_that_large_matrices_take_the_steps_of_torchs_muon(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(muon, "has_short_products", lambda: True)  # as torch's are, whatever the processor multiplies
    noise = torch.Generator().manual_seed(0)
    ours = torch.randn(shape, generator=noise)
    theirs = ours.clone()
    mine, rate = Muon([ours]), 0.01
    peer = torch.optim.Muon([theirs], lr=muon.RATE * rate, weight_decay=0.0, momentum=muon.MOMENTUM)
    for _ in range(5):
        gradient = torch.randn(shape, generator=noise)
        mine.step([gradient], rate)
        theirs.grad = gradient
        peer.step()
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_that_a_matrix_keeps_its_singular_vectors_and_loses_their_weights(
    shape: tuple[int, int], short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(muon, "has_short_products", lambda: short)
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    left, sizes, right = torch.linalg.svd(matrix, full_matrices=False)
    weights = left.t() @ orthogonal(matrix) @ right.t()
    strong = weights.diagonal()[sizes > 0.02 * sizes.norm()]
    assert orthogonal(matrix).dtype == matrix.dtype
    assert strong.min() > 0.5
    assert weights.diagonal().max() < 1.3
    assert len(strong) >= 0.8 * len(sizes)
    assert (weights - weights.diagonal().diag()).abs().max() < 0.05


def test_that_all_else_takes_the_steps_of_adam() -> None:
    noise = torch.Generator().manual_seed(2)
    shapes = [(96, 2), (96,), (8, 1, 70, 70), (4, 128), (96, 64)]
    ours = [torch.randn(shape, generator=noise) for shape in shapes]
    theirs = [weight.clone() for weight in ours]
    mine, peer = Muon(ours), Adam(theirs)
    for _ in range(3):
        gradients = [torch.randn(shape, generator=noise) for shape in shapes]
        mine.step(gradients, 0.01, (0.9, 0.95))
        peer.step(gradients, 0.01, (0.9, 0.95))
    same = [torch.equal(one, other) for one, other in zip(ours, theirs, strict=True)]
    assert same == [True, True, True, True, False]
