"""How long threads of torch's parallel loops spin before they sleep. OpenMP reads it once, when torch is loaded."""

from __future__ import annotations

import os

# Threads that spin hold the cores that a late thread needs. Left to itself libgomp spins some 300,000 rounds, and an epoch beside two
# busy processes took 4.2 to 4.8 times as long, or much longer. With 20,000 it takes 2.2 times, and alone up to 5 % longer.
# With no spinning at all (OMP_WAIT_POLICY=PASSIVE) an epoch alone takes 40 to 100 % longer.
_SPIN = {
    "GOMP_SPINCOUNT": "20000",
    "KMP_BLOCKTIME": "1",
}  # libgomp of Linux, in rounds; libomp of macOS and Windows, in milliseconds
_POLICY = "OMP_WAIT_POLICY"


def limit_spinning() -> None:
    """Let waiting threads sleep soon, unless the person has set a policy."""
    if _POLICY not in os.environ:
        for name, value in _SPIN.items():
            os.environ.setdefault(name, value)
