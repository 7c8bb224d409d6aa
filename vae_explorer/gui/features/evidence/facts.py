"""Gathers the facts for the states of panels about one image."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.states import ImageFacts, images_of


def facts_of_image(session: Session, key: str, why_none: str, note: str | None) -> ImageFacts:
    analysis, code = session.part(ImageAnalysis), session.inspection.current
    return ImageFacts(images_of(session), why_none, code is not None, analysis.has_image, analysis.failure(key), note)
