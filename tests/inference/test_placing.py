"""Images on the map of a model that came from a file: by its own encoder, or refused in one line."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from vae_explorer.cli.own import place_of
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import find_dataset, load_dataset
from vae_explorer.errors import UserError
from vae_explorer.inference.own import model_of
from vae_explorer.inference.placing import placed
from vae_explorer.models.model_file import ModelFile, read_model_file


class Network(nn.Module):
    """Decodes 8×8 images, and encodes an image as the means of its left and its right half."""

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(z.sum(dim=1, keepdim=True).expand(-1, 64)).reshape(-1, 1, 8, 8)

    def encode(self, images: Tensor) -> Tensor:
        return torch.stack([images[..., :4].mean(dim=(1, 2, 3)), images[..., 4:].mean(dim=(1, 2, 3))], dim=1)


def opened(encodes: bool = True) -> ModelFile:
    network = Network()
    return model_of(network.decode, network.encode if encodes else None).file


def place(model: ModelFile, data_dir: Path, **named: str | None) -> tuple[ModelFile, np.ndarray, np.ndarray]:
    """Place images as the command line does; return the file, the images (n, 8, 8) in [0, 1] and their labels."""
    place = place_of(argparse.Namespace(**({"images": None, "data": None, "data_dir": str(data_dir)} | named)))
    assert place is not None
    file, dataset = place(model)
    assert dataset is not None
    parts = (dataset.train, dataset.test)
    images = np.concatenate([part.images for part in parts])[..., 0] / 255
    return file, images, np.concatenate([part.labels for part in parts])


def halves(images: np.ndarray) -> np.ndarray:
    return np.stack([images[:, :, :4].mean(axis=(1, 2)), images[:, :, 4:].mean(axis=(1, 2))], axis=1)


def test_that_a_data_set_is_placed_by_the_models_encoder(tmp_path: Path) -> None:
    file, images, labels = place(opened(), tmp_path, data="digits")
    np.testing.assert_allclose(file.codes.mean, halves(images), atol=1e-6)
    np.testing.assert_array_equal(file.codes.label, labels)
    assert (file.card.dataset, file.card.classes[:3]) == ("digits", ("0", "1", "2"))


def test_that_a_folder_is_read_in_the_size_and_colours_of_the_model(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(10):
        folder = tmp_path / "pictures" / ("dark" if number % 2 else "bright")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8)).save(folder / f"{number}.png")
    file, images, _ = place(opened(), tmp_path / "data", images=str(tmp_path / "pictures"))
    assert images.shape == (10, 8, 8)
    np.testing.assert_allclose(file.codes.mean, halves(images), atol=1e-6)
    assert file.card.classes == ("bright", "dark")


def test_that_what_cannot_be_placed_is_refused_in_one_line(tmp_path: Path, digits_file: ModelFile) -> None:
    with pytest.raises(UserError, match="has no encoder, so no image has a code; give the encoder's file with --encoder"):
        place(opened(encodes=False), tmp_path, data="digits")
    with pytest.raises(UserError, match="has the codes of digits; open a model of another program"):
        place(digits_file, tmp_path, data="digits")
    digits = load_dataset("digits", Fetching(tmp_path))
    with pytest.raises(UserError, match=r"the images of mnist have shape 28×28×1, and own model takes 8×8×1"):
        placed(opened(), "mnist", find_dataset("mnist", tmp_path), digits)


@pytest.fixture
def digits_file(tiny_model_path: Path) -> ModelFile:
    return read_model_file(tiny_model_path)


def test_that_without_images_nothing_is_placed() -> None:
    assert place_of(argparse.Namespace(images=None, data=None, data_dir=None)) is None
