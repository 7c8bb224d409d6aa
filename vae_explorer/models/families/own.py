"""Models that the program did not train: a decoder, and what a person gives with it. They are in no list of families."""

from __future__ import annotations

from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.spec import Family
from vae_explorer.registry import Registry

OWN, OWN_POINTS, OWN_DECODER = "own", "own-points", "own-decoder"
NO_LIKELIHOOD = "no likelihood p(x|z) was given"
_SOURCE = "not trained by this program"

OWN_FAMILIES: Registry[Family] = Registry("family of own models")
OWN_FAMILIES.register(OWN, Family("Own model", "", _SOURCE, ()))
OWN_FAMILIES.register(OWN_POINTS, Family("Own model of points", "", _SOURCE, (), posterior=PosteriorKind.POINT))
OWN_FAMILIES.register(
    OWN_DECODER,
    Family("Own decoder", "", _SOURCE, (), posterior=PosteriorKind.NONE, lacks="no encoder was given"),
)
