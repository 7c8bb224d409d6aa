"""Limits how long threads of torch's parallel loops spin before they sleep.

Symptom: spinning threads hold the cores that a late thread needs. libgomp spins some 300,000 rounds by default.
Cost: an epoch beside two busy processes takes 4.2 to 4.8 times as long, or much longer. With 20,000 rounds it takes 2.2 times as
long, and alone up to 5 % longer. Without spinning (OMP_WAIT_POLICY=PASSIVE) an epoch alone takes 40 to 100 % longer.
Version: libgomp of torch 2.14. OpenMP reads the variables once, when torch loads.
Remove when: torch limits spinning itself, or uses its own thread pool on all systems.
"""

from __future__ import annotations

import os

_SPIN = {
    "GOMP_SPINCOUNT": "20000",  # libgomp on Linux, in rounds
    "KMP_BLOCKTIME": "1",  # libomp on macOS and Windows, in milliseconds
}
_POLICY = "OMP_WAIT_POLICY"


def limit_spinning() -> None:
    """Let waiting threads sleep soon, unless the person has set a policy."""
    if _POLICY not in os.environ:
        for name, value in _SPIN.items():
            os.environ.setdefault(name, value)
