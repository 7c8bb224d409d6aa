"""Makes the health feature's part."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.health.state import CodesHealth


def make_session_parts(session: Session) -> tuple[CodesHealth]:
    return (CodesHealth(session.jobs, session),)
