"""Makes the session part of the section."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.section.state import SectionChoice


def make_session_parts(session: Session) -> tuple[SectionChoice]:
    return (SectionChoice(session.show_section, session.cursor.pick, session),)
