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
    out = augmented(images, (20, 20, 1), 1.0, torch.Generator().manual_seed(0))
    assert out.dtype == torch.uint8
    assert out.shape == images.shape
    assert torch.equal(out[32:], images[32:])
    assert len(torch.unique(out[:32], dim=0)) == 32
    assert not any(torch.equal(one, images[0]) for one in out[:32])


def test_that_the_same_generator_gives_the_same_images_and_a_single_image_is_moved() -> None:
    images = square(6)
    first, second = (augmented(images, (20, 20, 1), 0.5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(augmented(images[:1], (20, 20, 1), 0.5, torch.Generator().manual_seed(3)), images[:1])


def test_that_a_turn_on_an_oblong_image_is_that_of_pillow(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Only turned, by 30 degrees, at pixels that are square: not slanted, as it would be between sides that both go from -1 to 1."""
    monkeypatch.setattr(torch, "randn", lambda n, k, **_: torch.ones(n, k))
    for name, value in (("ROTATION", math.radians(30)), ("SHEAR", 0.0), ("SCALE", 0.0), ("TRANSLATION", 0.0)):
        monkeypatch.setattr(augment, name, value)
    images = square(2, 16, 28)
    out = augmented(images, (16, 28, 1), 1.0, torch.Generator())[0].view(16, 28).numpy()
    wanted = Image.fromarray(images[0].view(16, 28).numpy()).rotate(30, Image.Resampling.BILINEAR)
    assert np.abs(out.astype(int) - np.asarray(wanted)).max() <= 2


def test_that_shear_scale_and_translation_have_the_std_that_is_said() -> None:
    """Read off the moments of a bright blob in many images, each alone."""
    rows, columns = np.mgrid[:41, :41] - 20.0
    blob = 250 * np.exp(-(rows**2 / 72 + columns**2 / 32))  # std 6 and 4
    images = torch.from_numpy(np.tile(blob.astype(np.uint8).ravel(), (4000, 1)))
    out = augmented(images, (41, 41, 1), 1.0, torch.Generator().manual_seed(0))[:2000].view(-1, 41, 41).numpy().astype(float)
    mass = out.sum(axis=(1, 2))
    x, y = ((out * axis).sum(axis=(1, 2)) / mass for axis in (columns, rows))
    for place in (x, y):
        assert abs(place.std() / (augment.TRANSLATION * 20.5) - 1) < 0.1
    across, along = ((out * axis**2).sum(axis=(1, 2)) / mass - at**2 for axis, at in ((columns, x), (rows, y)))
    both = (out * rows * columns).sum(axis=(1, 2)) / mass - x * y
    assert abs(np.log(along).std() / 2 / augment.SCALE - 1) < 0.15
    assert abs((both / along).std() / math.hypot(augment.SHEAR, augment.ROTATION * (36 - 16) / 36) - 1) < 0.2
    assert abs(np.log(across * along).mean() - math.log(16 * 36)) < 0.15
