"""Makes the session part of the codes' labels."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.codes.state import CodeLabels


def make_session_parts(session: Session) -> tuple[CodeLabels]:
    labels = CodeLabels(session)
    session.images_changed.connect(labels.set_images)
    return (labels,)
