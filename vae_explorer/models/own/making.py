"""Makes a model file of a person's functions, with a card that says what they are."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.codes import Codes, Labels, Split
from vae_explorer.errors import UserError
from vae_explorer.kinds import Binarised
from vae_explorer.models.card import ModelCard
from vae_explorer.models.families.own import OWN, OWN_DECODER, OWN_POINTS
from vae_explorer.models.measure import encode_images
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.own.contract import CONTRACT, Contract, Spread
from vae_explorer.models.own.finding import Found
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.network import OwnNetwork
from vae_explorer.models.own.own_images import OwnImages
from vae_explorer.models.rules import check_card, check_codes
from vae_explorer.models.spec import ModelSpec

_BODY = "own network"
NO_IMAGES = "no images"


def live_model(
    name: str,
    found: Found,
    given: Given,
    images: OwnImages | None = None,
    labels: Labels | None = None,
    classes: Sequence[str] = (),
    weights: Mapping[str, NDArray[Any]] | None = None,
) -> ModelFile:
    """Return a model that calls a person's functions, with the codes of `images`.

    Raises `UserError` if the codes are not finite numbers, or a limit is exceeded.
    """
    spec = _spec(found.contract, given)

    def make() -> OwnNetwork:
        return OwnNetwork(spec, found.contract, found.decode, found.encode).eval()

    codes = Codes.empty(spec.latent_dim)
    if images is not None and found.encode is not None:
        codes = _codes(make(), images, labels)
    card = _card(name, spec, found.contract, f"images of {name}" if images is not None else NO_IMAGES, tuple(classes))
    check_card(card)
    try:
        check_codes(codes, card)
    except UserError as error:
        raise UserError(f"encode gives codes that cannot be shown: {error}") from error
    return ModelFile(card, weights or {}, codes, make)


def family_of(contract: Contract) -> str:
    """Return the family of own models whose encoder gives what the contract says."""
    read = contract.encoding
    return OWN_DECODER if read is None else OWN_POINTS if read.spread is Spread.NONE else OWN


def _spec(contract: Contract, given: Given) -> ModelSpec:
    made = contract.decoding
    return ModelSpec(family_of(contract), _BODY, made.image_shape, (), given.likelihood, made.latents, given.parameters)


def _codes(network: OwnNetwork, images: OwnImages, labels: Labels | None) -> Codes:
    unit = images.unit(network.spec.image_shape).numpy()
    try:
        mean, std = encode_images(network, unit)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"encode fails on the images: {type(error).__name__}: {error}") from error
    label = np.zeros(len(unit), np.uint8) if labels is None else labels
    return Codes(mean, std, label, np.full(len(unit), Split.TEST, np.uint8))


def _card(name: str, spec: ModelSpec, contract: Contract, dataset: str, classes: tuple[str, ...]) -> ModelCard:
    return ModelCard(
        name=name,
        spec=spec,
        dataset=dataset,
        classes=classes,
        binarised=Binarised.NONE,
        training={},
        seed=0,
        command="",
        metrics={},
        versions={"python": platform.python_version(), "torch": torch.__version__},
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        extra={CONTRACT: contract.to_json()},
    )
