"""Ends a preparation that the person cancelled."""

from __future__ import annotations

from vae_explorer.data.base import Cancelled, ShouldStop


def check_stop(should_stop: ShouldStop) -> None:
    """Raise `Cancelled` once `should_stop` is true."""
    if should_stop():
        raise Cancelled("the preparation was cancelled; nothing was kept")
