"""Makes the session part of the factors."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.factors.state import Factors


def make_session_parts(session: Session) -> tuple[Factors]:
    factors = Factors(session.jobs, session)
    session.images_changed.connect(factors.set_images)
    return (factors,)
