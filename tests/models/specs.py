"""A small spec of every family, with each body and likelihood that it offers."""

from __future__ import annotations

from vae_explorer.models.bodies import BODIES
from vae_explorer.models.check import parameters_of
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.spec import ModelSpec
from vae_explorer.shapes import ImageShape

CLASSES = 10
FAMILIES_AND_BODIES = [(family, body) for family in FAMILIES for body in FAMILIES[family].bodies]


def a_spec(family: str, body: str = "", shape: ImageShape = (8, 8, 1), likelihood: str = "", small: bool = False) -> ModelSpec:
    """The family's defaults on images of `shape`; with `small` a network of a few units."""
    made = FAMILIES[family]
    body, likelihood = body or made.bodies[0], likelihood or made.likelihoods[0]
    hidden = tuple(6 for _ in BODIES[body].small) if small else BODIES[body].small
    parameters = {parameter.name: parameter.default for parameter in parameters_of(family, likelihood)}
    classes = CLASSES if made.conditional else 0
    return ModelSpec(family, body, shape, hidden, likelihood, parameters=parameters, classes=classes)
