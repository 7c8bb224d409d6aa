"""Checks of a model spec's names and numbers. Knows no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.cost import check_cost
from vae_explorer.models.families import FAMILIES, family_named
from vae_explorer.models.families.own import OWN_FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS, likelihood_of
from vae_explorer.models.spec import ACTIVATIONS, LATENT_DIM, ModelSpec, Parameter
from vae_explorer.shapes import written


def parameters_of(family: str, likelihood: str) -> tuple[Parameter, ...]:
    """Return the parameters of a family with a likelihood. Raises `UserError` on an unknown name."""
    return family_named(family).parameters + likelihood_of(likelihood).parameters


def check_names(family: str, body: str, likelihood: str, activation: str) -> None:
    """Raise `UserError` if a name is unknown, or the family does not have it."""
    made = FAMILIES[family]
    for what, name, table, own in (
        ("body", body, BODIES, made.bodies),
        ("likelihood", likelihood, LIKELIHOODS, made.likelihoods),
    ):
        table[name]
        if name not in own:
            raise UserError(f"family {family!r} has no {what} {name!r}; choose {' or '.join(own)}")
    if activation not in ACTIVATIONS:
        raise UserError(f"unknown activation {activation!r}; known: {', '.join(ACTIVATIONS)}")


def check_numbers(hidden: tuple[int, ...], parameters: Mapping[str, float], known: tuple[Parameter, ...]) -> None:
    """Raise `UserError` if a width or a given parameter of `known` is out of range."""
    LIMITS["layers"].check(len(hidden))
    for width in hidden:
        check_within("hidden width", width, 1, LIMITS["width"].most)
    for parameter in known:
        refusal = parameter.refusal(parameters[parameter.name]) if parameter.name in parameters else ""
        if refusal:
            raise UserError(refusal)


def check_within(name: str, value: float, low: float, high: float) -> None:
    """Raise `UserError` if `value` is no number from `low` to `high`."""
    if not low <= value <= high:
        raise UserError(f"{name} {value:g} is out of range; choose a value from {low:g} to {high:g}")


def check_latents(family: str, latents: int) -> None:
    """Raise `UserError` if a family has no models of so many latents."""
    check_within("number of latents", latents, 1, LIMITS["latents"].most)
    if FAMILIES[family].plane_only and latents != LATENT_DIM:
        raise UserError(f"family {family!r} has models of {LATENT_DIM} latents, not {latents}; choose another family")


def check_classes(family: str, classes: int) -> None:
    """Raise `UserError` if a family is told the class, and images have none."""
    if FAMILIES[family].conditional and not classes:
        raise UserError(
            f"family {family!r} is told the class of each image, and these images have no classes; choose another family, "
            "or read the images with a column as their class"
        )


def check_spec(spec: ModelSpec, classes: int) -> None:
    """Raise `UserError` if `spec` describes no model of images of `classes` classes."""
    is_own = spec.family in OWN_FAMILIES
    if is_own:
        check_within("number of latents", spec.latent_dim, 1, LIMITS["latents"].most)
    else:
        check_names(spec.family, spec.body, spec.likelihood, spec.activation)
        check_classes(spec.family, classes)
        check_latents(spec.family, spec.latent_dim)
    check_numbers(spec.hidden, spec.parameters, parameters_of(spec.family, spec.likelihood))
    if min(spec.image_shape) < 1:
        raise UserError(f"its images are {written(spec.image_shape)} pixels; train the model again")
    LIMITS["side"].check(max(spec.image_shape[:2]))
    LIMITS["channels"].check(spec.image_shape[2])
    LIMITS["pixels"].check(spec.image_size)
    for name, number in spec.parameters.items():
        if not math.isfinite(number):
            raise UserError(f"its parameter {name} is {number}")
    given = classes if family_named(spec.family).conditional else 0
    if spec.classes != given:
        raise UserError(f"family {spec.family!r} of images of {classes} classes is given {given} of them, not {spec.classes}")
    if not is_own:  # the program does not know an own network's layers
        check_cost(spec)
