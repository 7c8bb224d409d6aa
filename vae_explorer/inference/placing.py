"""Places the images of a data set on the map of an own model, by its encoder."""

from __future__ import annotations

from dataclasses import replace

from vae_explorer.data.base import Dataset, DatasetSpec
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.families.own import OWN_DECODER
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.rules import check_card, check_codes


def check_encoder(file: ModelFile) -> None:
    """Raise `UserError` if the model cannot encode images that a person names."""
    name = file.card.name
    if not file.card.is_own:
        raise UserError(
            f"{name} has the codes of {file.card.dataset}; open a model of another program to place images on its map"
        )
    if file.card.spec.family == OWN_DECODER:
        raise UserError(f"{name} has no encoder, so no image has a code; give the encoder's file with --encoder")


def placed(file: ModelFile, name: str, spec: DatasetSpec, dataset: Dataset) -> ModelFile:
    """Return an own model with the codes of the images of data set `name`.

    Raises `UserError` without an encoder, on images of another shape, and on codes that are not finite numbers.
    """
    check_encoder(file)
    if spec.image_shape != file.card.spec.image_shape:
        sides = ["×".join(map(str, shape)) for shape in (spec.image_shape, file.card.spec.image_shape)]
        raise UserError(
            f"the images of {name} have shape {sides[0]}, and {file.card.name} takes {sides[1]}; choose other images"
        )
    card = replace(file.card, dataset=name, classes=spec.classes)
    codes = TrainedModel(file).codes_of(dataset)
    check_card(card)
    check_codes(codes, card)
    return replace(file, card=card, codes=codes)
