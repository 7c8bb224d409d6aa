"""One metric of many images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MetricColumn:
    values: NDArray[np.float64]  # (n,), NaN where no finite value is known
    answered: NDArray[np.bool_]  # (n,), whether the survey is done with the image
    exact: NDArray[np.bool_]  # (n,)

    @staticmethod
    def empty(n: int) -> MetricColumn:
        return MetricColumn(np.full(n, np.nan), np.zeros(n, bool), np.ones(n, bool))

    def add(self, index: NDArray[np.int64], values: NDArray[np.float64], exact: NDArray[np.bool_], requested: bool) -> None:
        """Add values of the images `index` (m,) that have no answer yet.

        Values that are not `requested` are by-products. The survey computes inexact by-products anew when a person asks for them.
        """
        new = ~self.answered[index]
        at = index[new]
        self.values[at], self.exact[at] = values[new], exact[new]
        self.answered[at] = exact[new] | requested
