"""What is known of a metric of many images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """One metric of n images."""

    values: NDArray[np.float64]  # (n,), NaN where it is not known
    answered: NDArray[np.bool_]  # (n,); a metric may be no number once it is worked out
    exact: NDArray[np.bool_]  # (n,), whether it is to be relied on

    @staticmethod
    def nothing(n: int) -> MetricColumn:
        return MetricColumn(np.full(n, np.nan), np.zeros(n, bool), np.ones(n, bool))

    def learn(self, index: NDArray[np.int64], values: NDArray[np.float64], exact: NDArray[np.bool_], asked: bool) -> None:
        """Metrics of the images `index` (m,). What is known stays.

        One that was not `asked` for and is not exact is worked out by itself once it is.
        """
        new = ~self.answered[index]
        at = index[new]
        self.values[at], self.exact[at] = values[new], exact[new]
        self.answered[at] = exact[new] | asked
