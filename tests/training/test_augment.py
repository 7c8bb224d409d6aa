from __future__ import annotations

import math

import numpy as np
import torch
from PIL import Image

from vae_explorer.training import augment
from vae_explorer.training.augment import augmented


def square(n: int, height: int = 20, width: int = 20) -> torch.Tensor:
    """A bright rectangle off the middle, (n, height · width) uint8."""
    image = torch.zeros(n, height, width, dtype=torch.uint8)
    image[:, 4:12, 6:10] = 200
    return image.flatten(1)


def test_that_half_of_the_images_are_moved_each_by_itself_and_the_others_are_as_they_were() -> None:
    images = square(64)
    out = augmented(images, (20, 20), 1.0, torch.Generator().manual_seed(0))
    assert out.dtype == torch.uint8
    assert out.shape == images.shape
    assert torch.equal(out[32:], images[32:])
    assert len(torch.unique(out[:32], dim=0)) == 32
    assert not any(torch.equal(one, images[0]) for one in out[:32])


def test_that_the_same_generator_gives_the_same_images_and_a_single_image_stays() -> None:
    images = square(6)
    first, second = (augmented(images, (20, 20), 0.5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(augmented(images[:1], (20, 20), 0.5, torch.Generator().manual_seed(3)), images[:1])


def test_that_a_turn_on_an_oblong_image_is_that_of_pillow(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Only turned, by 30 degrees, at pixels that are square: not slanted, as it would be between sides that both go from -1 to 1."""
    monkeypatch.setattr(torch, "randn", lambda n, k, **_: torch.ones(n, k))
    for name, value in (("TURN", math.radians(30)), ("SLANT", 0.0), ("SCALE", 0.0), ("SHIFT", 0.0)):
        monkeypatch.setattr(augment, name, value)
    images = square(2, 16, 28)
    out = augmented(images, (16, 28), 1.0, torch.Generator())[0].view(16, 28).numpy()
    wanted = Image.fromarray(images[0].view(16, 28).numpy()).rotate(30, Image.Resampling.BILINEAR)
    assert np.abs(out.astype(int) - np.asarray(wanted)).max() <= 2
