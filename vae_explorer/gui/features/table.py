"""The features of the window, one row each. A feature imports only the features above it.

Installed packages add features by the entry point `vae_explorer.features`.
"""

from __future__ import annotations

from vae_explorer.gui.features.feature import HORIZONTAL, VERTICAL, Area, Feature
from vae_explorer.gui.features.outside import failures, note_failure
from vae_explorer.registry import OpenRegistry

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
    Feature("factors", "FACTORS", _BOTTOM, "path", HORIZONTAL, offered=False, session_parts=True),
    Feature("metrics", "BEST AND WORST", _BOTTOM, "path", HORIZONTAL, stored_as="extremes", session_parts=True),
    Feature("channels", "CHANNELS", _BOTTOM, "path", HORIZONTAL, offered=False),
    Feature("pose", "POSE", _BOTTOM, "path", HORIZONTAL, offered=False),
)


def feature_of(value: object) -> Feature:
    """Return the `Feature` that an entry point of the group `vae_explorer.features` names, and import its modules.

    Raises `TypeError` or `ValueError` on a feature that the window cannot hold, and whatever the modules raise.
    """
    if not isinstance(value, Feature):
        raise TypeError(f"{type(value).__name__} is no Feature")
    words = (value.name, value.title, value.tab_of, value.stored_as, value.home)
    if not all(isinstance(each, str) for each in words) or not isinstance(value.layer, int):
        raise TypeError("a field of its Feature has another type")
    if not value.is_outside or not value.name.isidentifier() or value.stored_as:
        raise ValueError("its Feature needs a name of letters, the home of its package, and no other stored name")
    if value.area is not None and value.tab_of not in _FIRST_TABS:
        raise ValueError(f"its panel is no tab of {' or '.join(_FIRST_TABS)}")
    value.load()
    return value


_FIRST_TABS = tuple(dict.fromkeys(feature.tab_of for feature in FEATURES if feature.tab_of))
OUTSIDE: OpenRegistry[Feature] = OpenRegistry("feature", "vae_explorer.features", feature_of)
for _feature in FEATURES:  # packages may not take their names
    OUTSIDE.register(_feature.name, _feature)


def all_features() -> tuple[Feature, ...]:
    """Return the program's features, then those of installed packages, which are imported at the first call."""
    return (*FEATURES, *(OUTSIDE[name] for name in OUTSIDE if OUTSIDE[name].is_outside and _is_called(name)))


def _is_called(name: str) -> bool:
    """Return whether the row of an entry point has the name of the entry point, which no other row has."""
    is_called = OUTSIDE[name].name == name
    if not is_called:
        note_failure(name, f"its row is called {OUTSIDE[name].name}")
    return is_called


def feature_problems() -> tuple[str, ...]:
    """Return one line for each feature of a package that cannot be used or has failed."""
    return (*OUTSIDE.problems(), *failures())


def with_panels() -> tuple[Feature, ...]:
    return tuple(feature for feature in all_features() if feature.area is not None)


def with_overlays() -> tuple[Feature, ...]:
    """Return the features that have an overlay, from the lowest layer to the highest."""
    return tuple(sorted((feature for feature in all_features() if feature.layer), key=lambda feature: feature.layer))
