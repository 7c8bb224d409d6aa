"""Adam and the cycle of its rate, beside torch's own."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from vae_explorer.models.adam import Adam
from vae_explorer.training.mover import SECOND_BETA, WARM_UP, one_cycle


@pytest.mark.parametrize("steps", [1, 2, 5, 6, 7, 20, 400])
@pytest.mark.parametrize("cycled", [True, False])
def test_that_weights_and_rates_are_those_of_torchs_optimiser_and_schedule(steps: int, cycled: bool) -> None:
    ours = [torch.randn(3, 4, generator=torch.Generator().manual_seed(seed)) for seed in range(2)]
    theirs = [weight.clone() for weight in ours]
    adam = Adam(ours)
    peer = torch.optim.Adam(theirs, lr=0.1, betas=(0.9, SECOND_BETA), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(peer, 0.1, total_steps=steps, pct_start=WARM_UP, cycle_momentum=cycled)
    noise = torch.Generator().manual_seed(9)
    for step in range(steps):
        gradients = [torch.randn(3, 4, generator=noise) for _ in ours]
        rate, beta = one_cycle(step, steps, 0.1)
        assert rate == pytest.approx(peer.param_groups[0]["lr"], rel=1e-9)
        if cycled:
            assert beta == pytest.approx(peer.param_groups[0]["betas"][0], rel=1e-9)
        adam.step(gradients, rate, (beta if cycled else 0.9, SECOND_BETA))
        for weight, gradient in zip(theirs, gradients, strict=True):
            weight.grad = gradient
        peer.step()
        schedule.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_that_a_training_does_not_wait_for_torchs_compiler() -> None:
    words = (
        "import sys; from vae_explorer.training.loop import warm_up; warm_up(); "
        "assert 'torch.optim.adam' in sys.modules; print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "False\n"
