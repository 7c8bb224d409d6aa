"""A trained model's answers, against the same network written out in numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import erf, expit

from vae_explorer.codes import Codes
from vae_explorer.data.base import Fetching, ImageSet
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel, load_model, to_pixels
from vae_explorer.latent.grids import manifold_grid
from vae_explorer.latent.paths import linear_path
from vae_explorer.models.base import build_model
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.card import ModelCard
from vae_explorer.models.model_file import ModelFile, read_model_file
from vae_explorer.models.spec import ModelSpec

Z = np.random.default_rng(0).normal(size=(37, 2)).astype(np.float32)


@pytest.fixture
def tiny(tiny_model_path: Path) -> TrainedModel:
    return load_model(tiny_model_path)


@pytest.fixture
def digits() -> ImageSet:
    return load_dataset("digits", Fetching(Path("unused"))).test


@pytest.fixture
def torch_threads() -> Iterator[Callable[[int], None]]:
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def random_model(body: str) -> TrainedModel:
    spec = ModelSpec("vae", body, (28, 28, 1), BODIES[body].large)
    torch.manual_seed(0)
    weights = {name: tensor.numpy() for name, tensor in build_model(spec).state_dict().items()}
    card = ModelCard("random", spec, "mnist", tuple("0123456789"), "none", {}, 0, "", {}, {}, "")
    return TrainedModel(ModelFile(card, weights, Codes.empty()))


def dense(path: Path, layer: str, x: np.ndarray) -> np.ndarray:
    weights = read_model_file(path).weights
    return x @ weights[f"{layer}.weight"].astype(np.float64).T + weights[f"{layer}.bias"].astype(np.float64)


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def logits_in_numpy(path: Path, z: np.ndarray) -> np.ndarray:
    return dense(path, "decoder.2", gelu(dense(path, "decoder.0", z.astype(np.float64))))


def test_that_decode_is_the_decoder_in_numpy(tiny: TrainedModel, tiny_model_path: Path) -> None:
    images = tiny.decode(Z)
    assert (images.dtype, images.shape) == (np.float32, (37, 8, 8))
    assert images.reshape(37, 64) == pytest.approx(expit(logits_in_numpy(tiny_model_path, Z)), abs=1e-6)


def test_that_encode_is_the_encoder_in_numpy(tiny: TrainedModel, tiny_model_path: Path, digits: ImageSet) -> None:
    posterior = tiny.encode(digits.images / 255)
    features = gelu(dense(tiny_model_path, "encoder.0", digits.images.reshape(-1, 64) / 255))
    mean, log_variance = np.split(dense(tiny_model_path, "head", features), 2, axis=1)
    assert posterior.mean == pytest.approx(mean, abs=1e-5)
    assert posterior.std == pytest.approx(np.exp(log_variance.clip(-12, 4) / 2), rel=1e-5)


def test_that_log_likelihood_is_the_sum_over_pixels_in_numpy(tiny: TrainedModel, tiny_model_path: Path) -> None:
    images = (np.random.default_rng(1).random((37, 8, 8)) < 0.5).astype(np.float32)
    p = expit(logits_in_numpy(tiny_model_path, Z)).reshape(37, 8, 8)
    wanted = np.log(np.where(images == 1, p, 1 - p)).sum(axis=(1, 2))
    assert tiny.log_likelihood(images, Z) == pytest.approx(wanted, rel=1e-5)


def test_that_many_images_can_be_asked_at_one_point(tiny: TrainedModel, digits: ImageSet) -> None:
    images = (digits.images[:5] / 255).round()
    wanted = [tiny.log_likelihood(image, Z[0])[0] for image in images]
    assert tiny.log_likelihood(images, Z[0]) == pytest.approx(np.array(wanted), rel=1e-6)


def test_that_what_was_decoded_can_be_encoded(tiny: TrainedModel) -> None:
    images = tiny.decode(Z)
    assert tiny.encode(images).mean.shape == (37, 2)
    alone = tiny.encode(images[3])
    assert alone.mean[0] == pytest.approx(tiny.encode(images).mean[3], abs=1e-6)
    assert (alone.std > 0).all()


def test_that_the_stored_codes_are_what_the_encoder_gives(tiny: TrainedModel, digits: ImageSet) -> None:
    posterior = tiny.encode(digits.images / np.float32(255))
    stored = tiny.codes.of_split(1)
    assert posterior.mean == pytest.approx(stored.mean, abs=1e-5)
    assert posterior.std == pytest.approx(stored.std, rel=1e-5)
    assert stored.label.tolist() == digits.labels.tolist()


@pytest.mark.parametrize("body", list(BODIES))
def test_that_the_same_point_gives_the_same_pixels_wherever_it_is_decoded(
    body: str, torch_threads: Callable[[int], None]
) -> None:
    model = random_model(body)
    path, grid = linear_path((-1, 2), (2, -0.5), 21), manifold_grid(10)
    torch_threads(1)
    wanted_path, wanted_grid = (np.concatenate([model.decode(z) for z in points]) for points in (path, grid))
    for threads in (1, 2):
        torch_threads(threads)
        assert np.array_equal(model.decode(path), wanted_path)
        assert np.array_equal(model.decode(grid), wanted_grid)
        assert np.array_equal(model.decode(grid[::-1]), wanted_grid[::-1])
        assert np.array_equal(model.decode(grid[7:8]), wanted_grid[7:8])


def test_that_pixels_are_grey_values_rounded(tiny: TrainedModel) -> None:
    assert np.array_equal(
        tiny.decode_uint8(Z)[..., 0], np.floor(tiny.decode(Z).astype(np.float64) * 255 + 0.5).astype(np.uint8)
    )
    assert to_pixels(np.array([0, 0.2, 1], np.float32)).tolist() == [0, 51, 255]


def test_that_one_point_may_come_without_its_row(tiny: TrainedModel) -> None:
    assert np.array_equal(tiny.decode((0.5, -1)), tiny.decode([[0.5, -1]]))


def test_that_nothing_asked_is_nothing_answered(tiny: TrainedModel) -> None:
    nothing, images = np.zeros((0, 2)), np.zeros((0, 8, 8))
    assert tiny.decode(nothing).shape == (0, 8, 8)
    assert tiny.encode(images).mean.shape == (0, 2)
    assert tiny.log_likelihood(images, nothing).shape == tiny.log_likelihood(images, (0, 0)).shape == (0,)


def turned(array: np.ndarray) -> np.ndarray:
    return array[::-1]


def locked(array: np.ndarray) -> np.ndarray:
    copy = array.copy()
    copy.flags.writeable = False
    return copy


@pytest.mark.parametrize(
    "view", [turned, locked, np.asfortranarray, lambda a: a.astype(np.float64), lambda a: np.repeat(a, 2, 0)[::2]]
)
def test_that_any_view_of_an_array_will_do(tiny: TrainedModel, view: Callable[[np.ndarray], np.ndarray]) -> None:
    images = tiny.decode(view(Z))
    assert np.array_equal(images, tiny.decode(view(Z).astype(np.float32, order="C")))
    assert np.array_equal(tiny.encode(view(images)).mean, tiny.encode(np.array(view(images), order="C")).mean)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        ((0, 0, 0), r"have shape \(n, 2\), not \(1, 3\)"),
        (1.0, r"have shape \(n, 2\), not \(1, 1\)"),
        (np.zeros((2, 2, 2)), r"have shape \(n, 2\)"),
        ([], r"have shape \(n, 2\)"),
        ((np.nan, 0), "must be finite numbers"),
        ((0, np.inf), "must be finite numbers"),
        ((1e39, 0), "must be finite numbers"),
        ("middle", "must be an array of numbers"),
        ([[0, 0], [1]], "must be an array of numbers"),
    ],
    ids=str,
)
def test_that_what_is_no_latent_point_is_refused(tiny: TrainedModel, z: object, message: str) -> None:
    with pytest.raises(UserError, match=f"latent points {message}"):
        tiny.decode(z)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((28, 28)), r"of shape \(28, 28\) do not fit this model; it takes \(n, 8, 8\)"),
        (np.zeros((2, 64)), "do not fit this model"),
        (np.zeros((2, 1, 8, 8)), "do not fit this model"),
        (np.full((8, 8), 255.0), "divide 8-bit images by 255"),
        (np.full((8, 8), -0.1), r"must lie in \[0, 1\]"),
        (np.full((8, 8), np.nan), r"must lie in \[0, 1\]"),
        ("picture.png", "images must be an array of numbers"),
    ],
    ids=["another size", "flat", "with channels", "8-bit", "negative", "not a number", "words"],
)
def test_that_images_that_do_not_fit_are_refused(tiny: TrainedModel, images: object, message: str) -> None:
    with pytest.raises(UserError, match=message):
        tiny.encode(images)


def test_that_images_and_points_must_pair_up(tiny: TrainedModel) -> None:
    with pytest.raises(UserError, match="3 images and 2 latent points do not pair up"):
        tiny.log_likelihood(np.zeros((3, 8, 8)), Z[:2])


def test_that_a_model_is_in_evaluation_mode(tiny: TrainedModel) -> None:
    assert not any(module.training for module in tiny.network.modules())


def test_that_a_model_keeps_nothing_of_the_arrays_it_was_made_from(tiny_model_path: Path) -> None:
    file = read_model_file(tiny_model_path)
    weights = {name: array.copy() for name, array in file.weights.items()}
    model = TrainedModel(replace(file, weights=weights))
    before = model.decode(Z)
    for array in weights.values():
        array[...] = 0
    assert np.array_equal(model.decode(Z), before)
