"""The words for metrics and their values."""

from __future__ import annotations

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.models.metrics import help_for, title_for, why_no_more
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.terms import number


def offered_metrics(session: Session) -> list[tuple[str, str, str]]:
    """Return (name, title, tip) of the metrics of the current model."""
    return [(name, title_of(name, session), help_of(name, session)) for name in session.part(MetricSurvey).offered]


def title_of(metric: str, session: Session) -> str:
    return title_for(metric, _spec(session))


def help_of(metric: str, session: Session) -> str:
    return help_for(metric, _spec(session))


def _spec(session: Session) -> ModelSpec | None:
    return session.model.card.spec if session.model is not None else None


def why_no_more_here(session: Session) -> str:
    card = session.model.card if session.model is not None else None
    return why_no_more(card.family, card.spec.latent_dim) if card is not None else ""


def format_value(value: float) -> str:
    """Format a value; larger values get fewer decimals."""
    decimals = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return number(value, decimals)


def format_label(value: float) -> str:
    """Format a number of a label column with four digits, or as a whole number from 1,000."""
    text = f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else f"{value:.4g}"
    return text.replace("-", "−")


def short_unit(unit: str) -> str:
    return unit.split(",")[0]
