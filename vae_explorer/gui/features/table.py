"""The features of the window, one row each. A feature imports only the features above it."""

from __future__ import annotations

from vae_explorer.gui.features.feature import HORIZONTAL, VERTICAL, Area, Feature

_LEFT, _RIGHT, _BOTTOM = Area.LEFT, Area.RIGHT, Area.BOTTOM

FEATURES = (
    Feature("section", "SECTION", _BOTTOM, "path", HORIZONTAL, offered=False, session_parts=True),
    Feature("codes", layer=10, presents=False, session_parts=True),
    Feature("manifold", layer=20, presents=False),
    Feature("prior_ratio", layer=25, session_parts=True),
    Feature("model", "MODEL", _LEFT, scrolls=VERTICAL, session_parts=True),
    Feature("decoder", "DECODER", _RIGHT),
    Feature("inspector", "INSPECTOR", _RIGHT, scrolls=VERTICAL, layer=30, session_parts=True),
    Feature("evidence", "EVIDENCE", _RIGHT, "inspector", VERTICAL, layer=35, session_parts=True),
    Feature("draw", "DRAW", _RIGHT, "inspector", VERTICAL, session_parts=True),
    Feature("training", "TRAINING", _LEFT, "health", VERTICAL, workspace_parts=True),
    Feature("health", "HEALTH", _LEFT, scrolls=VERTICAL, session_parts=True),
    Feature("path", "PATH", _BOTTOM, scrolls=HORIZONTAL, wraps=True, layer=40),
    Feature("equation", "EQUATION", _BOTTOM, "path", HORIZONTAL, layer=45),
    Feature("samples", "SAMPLES", _BOTTOM, "path", HORIZONTAL, layer=50, session_parts=True),
    Feature("traversals", "TRAVERSALS", _BOTTOM, "path", HORIZONTAL, offered=False, session_parts=True),
    Feature("metrics", "BEST AND WORST", _BOTTOM, "path", HORIZONTAL, stored_as="extremes", session_parts=True),
    Feature("channels", "CHANNELS", _BOTTOM, "path", HORIZONTAL, offered=False),
)


def with_panels() -> tuple[Feature, ...]:
    return tuple(feature for feature in FEATURES if feature.area is not None)


def with_overlays() -> tuple[Feature, ...]:
    """Return the features that have an overlay, from the lowest layer to the highest."""
    return tuple(sorted((feature for feature in FEATURES if feature.layer), key=lambda feature: feature.layer))
