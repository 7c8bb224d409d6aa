"""Codes, labels and images of a person's own model."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_explorer.errors import UserError
from vae_explorer.inference.own import model_of

IMAGES = np.random.default_rng(0).random((12, 5, 5))


def decode(z: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.full((len(z), 5, 5), 0.5, np.float32)


def encode(images: NDArray[np.float32]) -> NDArray[np.float32]:
    return images[:, 0, :2]


def test_that_the_images_become_a_data_set() -> None:
    own = model_of(decode, encode, IMAGES)
    assert own.dataset is not None
    np.testing.assert_array_equal(own.dataset.test.images[..., 0], np.rint(255 * IMAGES.astype(np.float32)))
    np.testing.assert_allclose(own.file.codes.mean, IMAGES[:, 0, :2], rtol=1e-6)
    assert own.file.card.classes == ()


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (np.arange(12) % 3, ("0", "1", "2")),
        (["cat", "dog"] * 6, ("cat", "dog")),
        (np.linspace(0, 1, 12), ()),  # numbers are a column and no class
    ],
)
def test_that_labels_become_classes_or_a_column(labels: object, classes: tuple[str, ...]) -> None:
    own = model_of(decode, encode, IMAGES, labels)  # type: ignore[arg-type]
    assert own.dataset is not None
    assert own.file.card.classes == classes
    assert [column.name for column in own.dataset.columns] == ["label"]
    if classes:
        assert [classes[each] for each in own.file.codes.label] == [str(each) for each in np.asarray(labels)]


def test_that_several_labels_have_names() -> None:
    own = model_of(decode, encode, IMAGES, {"kind": ["a", "b"] * 6, "size": np.linspace(0.5, 9, 12)})
    assert own.dataset is not None
    assert [column.name for column in own.dataset.columns] == ["kind", "size"]


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (IMAGES, [1, 2], "there are 12 images; give one label for each image"),
        (None, [1, 2], "labels were given without images"),
        ("cells", None, "images must be an array or a tensor of numbers"),
        (IMAGES[0, 0], None, "images have shape"),
        (np.full((3, 5, 5), np.nan), None, "NaN"),
    ],
)
def test_that_arrays_that_do_not_fit_are_refused(images: object, labels: object, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        model_of(decode, encode, images, labels)  # type: ignore[arg-type]


def test_that_codes_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UserError, match="encode gives codes that cannot be shown"):
        model_of(decode, lambda images: images[:, 0, :2] / (images[:, 0, :2] > 0.5), IMAGES)
