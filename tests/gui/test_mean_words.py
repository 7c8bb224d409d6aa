"""What is said of the mean of a metric: a standard error only where the images are all of the set. No window."""

from __future__ import annotations

import statistics

import numpy as np

from vae_explorer.gui.features.metrics.presenter import mean_words

VALUES = np.array([-130.25, -128.5, -141.0, -120.75])


def test_that_a_survey_that_goes_on_claims_no_error() -> None:
    """Its images come from a few places of the plane, and are no random sample."""
    assert mean_words(VALUES, 4, is_done=False) == "mean −130.1 of the 4 done so far"
    assert mean_words(VALUES, 9, is_done=False) == "mean −130.1 of the 4 exact done so far"


def test_that_a_mean_of_all_images_has_its_standard_error() -> None:
    error = statistics.stdev(VALUES.tolist()) / 2
    assert mean_words(VALUES, 4, is_done=True) == f"mean −130.1 ± {error:.2f}"
    assert mean_words(VALUES, 9, is_done=True) == f"mean −130.1 ± {error:.2f}, of the 4 exact"
    assert mean_words(VALUES[:1], 1, is_done=True) == "mean −130.2"
