"""Makes the session part of the samples."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.samples.state import Samples


def make_session_parts(session: Session) -> tuple[Samples]:
    samples = Samples(session.inspection, session.options, session.decoder, session)
    samples.picked.connect(session.cursor.pick)
    return (samples,)
