"""Makes the session part of the prior ratio."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.prior_ratio.state import PriorRatio


def make_session_parts(session: Session) -> tuple[PriorRatio]:
    return (PriorRatio(session.jobs, session),)
