"""Makes the draw feature's part."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.draw.picture import PictureReader


def make_session_parts(session: Session) -> tuple[PictureReader]:
    pictures = PictureReader(session.jobs, session)
    pictures.notice_raised.connect(session.notice_raised)
    return (pictures,)
