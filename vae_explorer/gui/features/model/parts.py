"""Makes the session part of the pretrained models' cards."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.model.card_manifolds import CardManifolds


def make_session_parts(session: Session) -> tuple[CardManifolds]:
    return (CardManifolds(session.jobs, session),)
