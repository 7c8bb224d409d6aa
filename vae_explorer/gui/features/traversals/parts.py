"""Makes the session part of the traversals."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.traversals.state import Traversals


def make_session_parts(session: Session) -> tuple[Traversals]:
    return (Traversals(session.inspection, session.options, session.decoder, session),)
