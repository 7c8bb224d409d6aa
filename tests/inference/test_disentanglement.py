"""MIG and DCI on codes made by hand, whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from vae_explorer.data.columns import MISSING, Column, ColumnKind, Texts
from vae_explorer.errors import UserError
from vae_explorer.inference.disentanglement import BINS, disentanglement

RANDOM = np.random.default_rng(3)
N = 4000
SHAPE = RANDOM.integers(0, 4, N).astype(np.int32)
PLACE = RANDOM.uniform(0, 10, N)
ANGLE = RANDOM.uniform(0, 360, N)


def shape() -> Column:
    return Column("shape", ColumnKind.CATEGORICAL, SHAPE, ("a", "b", "c", "d"))


def place() -> Column:
    return Column("place", ColumnKind.CONTINUOUS, PLACE, unit="px")


def noise(*, d: int) -> np.ndarray:
    return RANDOM.normal(size=(N, d))


def test_that_one_latent_for_each_factor_is_perfect() -> None:
    found = disentanglement(np.stack([SHAPE, PLACE], axis=1).astype(np.float32), [shape(), place()])
    assert found.factors == ("shape", "place")
    assert found.mig == pytest.approx(1, abs=0.03)
    assert found.disentanglement > 0.95
    assert found.completeness > 0.95
    np.testing.assert_allclose(found.informativeness, 1, atol=0.01)
    assert found.importance[0, 0] > 0.98
    assert found.importance[1, 1] > 0.98


def test_that_latents_that_know_nothing_have_no_gap_and_no_informativeness() -> None:
    found = disentanglement(noise(d=3), [place()])
    assert found.mig < 0.02
    assert found.informativeness[0] < 0.05
    assert found.completeness < 0.1


def test_that_two_latents_with_the_same_factor_have_no_gap_and_half_the_importance_each() -> None:
    both = np.stack([PLACE, -PLACE], axis=1) + 0.01 * noise(d=2)
    found = disentanglement(both, [place()])
    assert found.mig < 0.05
    assert found.completeness < 0.3
    assert found.informativeness[0] > 0.99


def test_that_a_latent_of_two_factors_is_not_disentangled() -> None:
    one = (SHAPE * 10 + PLACE)[:, None]
    alone = disentanglement(np.concatenate([one, noise(d=1)], axis=1), [shape(), place()])
    apart = disentanglement(np.stack([SHAPE, PLACE], axis=1), [shape(), place()])
    assert alone.disentanglement < 0.2 < 0.9 < apart.disentanglement


def test_that_the_information_is_that_of_scikit_learn() -> None:
    z = np.stack([PLACE + RANDOM.normal(size=N), SHAPE + 0.5 * RANDOM.normal(size=N)], axis=1)
    found = disentanglement(z, [shape()])
    for latent in range(2):
        edges = np.linspace(z[:, latent].min(), z[:, latent].max(), BINS + 1)[1:-1]
        wanted = mutual_info_score(np.digitize(z[:, latent], edges), SHAPE) / mutual_info_score(SHAPE, SHAPE)
        assert found.information[latent, 0] == pytest.approx(wanted, abs=2e-3)


def test_that_an_angle_is_predicted_across_its_ends() -> None:
    turned = np.deg2rad(ANGLE)
    column = Column("angle", ColumnKind.CONTINUOUS, ANGLE, unit="°")
    found = disentanglement(np.stack([np.cos(turned), np.sin(turned)], axis=1), [column])
    assert found.informativeness[0] > 0.99
    np.testing.assert_allclose(found.importance[:, 0], 0.5, atol=0.05)


def test_that_missing_values_texts_and_constants_are_left_out() -> None:
    with_gaps = Column(
        "shape", ColumnKind.CATEGORICAL, np.where(np.arange(N) < 3900, SHAPE, MISSING).astype(np.int32), tuple("abcd")
    )
    constant = Column("one", ColumnKind.CONTINUOUS, np.ones(N))
    text = Column("note", ColumnKind.TEXT, Texts.of(["x"] * N))
    found = disentanglement(np.stack([SHAPE, PLACE], axis=1), [with_gaps, constant, text])
    assert found.factors == ("shape",)
    with pytest.raises(UserError, match="no factors"):
        disentanglement(noise(d=2), [constant, text])
    few = Column("few", ColumnKind.CONTINUOUS, np.where(np.arange(N) < 7, PLACE, np.nan))
    with pytest.raises(UserError, match="7 images"):
        disentanglement(noise(d=2), [few])
