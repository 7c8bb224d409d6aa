"""Makes the session part of the inspector."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.inspector.state import PosteriorDensity


def make_session_parts(session: Session) -> tuple[PosteriorDensity]:
    density = PosteriorDensity(session.decoder, session)
    session.inspection.changed.connect(density.set_code)
    return (density,)
