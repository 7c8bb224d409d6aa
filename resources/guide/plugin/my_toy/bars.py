import numpy as np

from vae_explorer.data.base import Dataset, DatasetSpec, ImageSet

SPEC = DatasetSpec("Bars", "my_toy.bars:load", (12, 12, 1), ("upright", "level"), (400, 100), "a package of mine")


def load(fetching):
    random = np.random.default_rng(0)
    return Dataset(*(draw(random, count) for count in SPEC.size))


def draw(random, count):
    """Draw images of one bar each, which differ in place and brightness."""
    images, classes = np.zeros((count, 12, 12, 1), np.uint8), random.integers(0, 2, count)
    for image, level in zip(images, classes, strict=True):
        place, brightness = random.integers(0, 10), random.integers(128, 256)
        (image.swapaxes(0, 1) if level else image)[:, place : place + 3] = brightness
    return ImageSet(images, classes)
