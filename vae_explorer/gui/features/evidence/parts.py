"""Makes the evidence feature's part."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.inspector.state import PosteriorDensity


def make_session_parts(session: Session) -> tuple[ImageAnalysis]:
    """Connect the analysis, whose posteriors on the map replace the inspector's density."""
    analysis, density = ImageAnalysis(session.options, session), session.part(PosteriorDensity)
    session.inspection.changed.connect(analysis.set_code)
    session.inspection.code_pinned.connect(analysis.show_code)
    analysis.problem_raised.connect(session.problem_raised)
    analysis.posterior_visibility_changed.connect(
        lambda: density.set_true_posterior(analysis.posterior_on_map, analysis.posterior_is_of_code)
    )
    return (analysis,)
