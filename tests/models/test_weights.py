"""What each family minimises is the sum of its terms with the weights that it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.models.slopes import generator
from tests.models.specs import a_spec
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.families import FAMILIES

GAMES = {"aae", "vae-gan", "gan"}


@pytest.mark.parametrize("family", list(FAMILIES))
def test_that_the_terms_with_their_weights_add_up_to_what_is_minimised(family: str) -> None:
    spec = a_spec(family, small=True)
    torch.manual_seed(0)
    without = {name: 0.0 for name in ("free_bits",) if name in spec.parameters}
    model = build_model(replace(spec, parameters={**spec.parameters, **without})).double()
    batch = Batch(torch.rand(9, 64, generator=generator(), dtype=torch.float64), torch.arange(9))
    weights = model.weights()
    assert bool(weights) == (family not in GAMES)
    assert set(weights) <= set(FAMILIES[family].terms)
    if weights:
        loss = model.loss(batch, generator())
        total = sum(weight * loss.terms[name].item() for name, weight in weights.items())
        assert total == pytest.approx(loss.total.item(), rel=1e-6)
