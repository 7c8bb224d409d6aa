"""Small models whose evidence can be worked out in another way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tests.models.specs import a_spec
from vae_explorer.codes import Codes
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import Binarised
from vae_explorer.models.base import build_model
from vae_explorer.models.card import ModelCard
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.spec import GELU


def small_model(
    family: str = "vae",
    likelihood: str = "bernoulli",
    gain: float = 2.0,
    activation: str = GELU,
    latents: int = 2,
    **parameters: float,
) -> TrainedModel:
    """A model of 2 × 3 pixels with drawn weights in float64; `gain` scales the decoder's layers, so that its images differ."""
    plain = a_spec(family, "", (2, 3, 1), likelihood, small=True)
    spec = replace(plain, parameters={**plain.parameters, **parameters}, activation=activation, latent_dim=latents)
    torch.manual_seed(3)
    network = build_model(spec)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    card = ModelCard(
        name="small",
        spec=spec,
        dataset="digits",
        classes=tuple("0123456789"),
        binarised=Binarised.DYNAMIC if likelihood == "bernoulli" else Binarised.NONE,
        training={},
        seed=0,
        command="",
        metrics={},
        versions={},
        created="",
        extra={},
    )
    weights |= {name: gain * weights[name] for name in weights if name.startswith("decoder") and name.endswith("weight")}
    model = TrainedModel(ModelFile(card, weights, Codes.empty(latents)))
    model.network.double()
    return model


def some_images(model: TrainedModel, n: int = 4) -> np.ndarray:
    """Images in the domain of the likelihood: black and white, 8-bit or any grey, (n, H, W, C) float32."""
    grey = np.random.default_rng(5).uniform(size=(n, *model.image_shape)).astype(np.float32)
    if model.card.spec.likelihood == "discretised-logistic":
        return (np.rint(grey * 300 - 20).clip(0, 255) / 255).astype(np.float32)  # some pixels are black or white
    return grey.round() if model.card.binarised == "dynamic" else grey
