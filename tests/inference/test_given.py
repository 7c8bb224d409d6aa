"""What a script may hand over: every kind of array is answered as its numbers are, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
import torch

import vae_explorer as vx
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import Moments, TrainedModel

ZEROS = np.zeros((3, 8, 8), np.float32)
BINARY = (np.random.default_rng(0).random((3, 8, 8)) < 0.5).astype(np.float32)
Z = np.array([[0.5, -1], [0, 0], [2, 1]], np.float32)
Ask = Callable[[TrainedModel, Any], Any]


@pytest.fixture(scope="module")
def digits() -> TrainedModel:
    return vx.load("digits-vae")


@pytest.fixture(scope="module")
def told() -> TrainedModel:
    """A model that is told the class."""
    return vx.load("mnist-cvae")


OF_IMAGES: dict[str, Ask] = {
    "encode": lambda model, images: model.encode(images),
    "reconstruct": lambda model, images: model.reconstruct(images, Z),
    "log_likelihood": lambda model, images: model.log_likelihood(images, Z),
    "evidence": lambda model, images: vx.evidence(model, images),
}
OF_POINTS: dict[str, Ask] = {
    "decode": lambda model, z: model.decode(z),
    "decode_uint8": lambda model, z: model.decode_uint8(z),
    "reconstruct": lambda model, z: model.reconstruct(BINARY, z),
    "log_posterior": lambda model, z: model.log_posterior(BINARY[0], z),
    "log_likelihood": lambda model, z: model.log_likelihood(BINARY, z),
}
ALIKE: dict[str, Callable[[np.ndarray], Any]] = {
    "a list": lambda array: array.tolist(),
    "a tensor": torch.from_numpy,
    "a tensor with a gradient": lambda array: torch.from_numpy(array.copy()).requires_grad_(),
    "a tensor of a computation": lambda array: torch.from_numpy(array.copy()).requires_grad_() * 1,
    "a tensor in double precision": lambda array: torch.from_numpy(array).double(),
    "a tensor in half precision": lambda array: torch.from_numpy(array).bfloat16(),
    "a sparse tensor": lambda array: torch.from_numpy(array).to_sparse(),
    "a turned tensor": lambda array: torch.from_numpy(array).flip(0).flip(0),
    "a masked array without a mask": np.ma.masked_array,
    "Fortran's order": np.asfortranarray,
}
REFUSED: dict[str, tuple[Callable[[np.ndarray], Any], str]] = {
    "complex numbers": (lambda array: array + 0j, "numbers that are real, not complex64; take .real or abs"),
    "a complex tensor": (lambda array: torch.from_numpy(array) + 0j, "numbers that are real, not complex64"),
    "masked values": (
        lambda array: np.ma.masked_array(array, mask=array < 2),
        r"some are masked; fill them first, as with \.fill",
    ),
    "objects": (lambda array: array.astype(object), r"not of object; convert them with \.astype"),
    "text": (lambda array: array.astype(str), "not of <U"),
    "times": (lambda array: array.astype("M8[s]"), "not of datetime64"),
    "nothing": (lambda array: None, "not of object"),
    "a generator": (lambda array: (row for row in array), "not of object"),
    "a ragged list": (lambda array: [array.tolist(), array[0].tolist()], "must be an array of numbers"),
    "a tensor without numbers": (lambda array: torch.from_numpy(array).to("meta"), "take tensors to the CPU"),
    "NaN": (lambda array: np.full_like(array, np.nan), "NaN or infinite|must be finite"),
    "one dimension more": (lambda array: array[:, None], "shape"),
}


def arrays(answer: Any) -> list[np.ndarray]:
    return [answer] if isinstance(answer, np.ndarray) else [getattr(answer, each.name) for each in fields(answer)]


def line(ask: Callable[[], Any]) -> str:
    with pytest.raises(UserError) as refused:
        ask()
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("form", ALIKE.values(), ids=ALIKE.keys())
@pytest.mark.parametrize(("table", "given"), [(OF_IMAGES, BINARY), (OF_POINTS, Z)], ids=["images", "points"])
def test_that_the_form_of_the_numbers_does_not_matter(
    digits: TrainedModel, table: dict[str, Ask], given: np.ndarray, form: Callable[[np.ndarray], Any]
) -> None:
    for name, ask in table.items():
        if name != "evidence":  # which takes its images by the function that `encode` takes them by
            for found, wanted in zip(arrays(ask(digits, form(given))), arrays(ask(digits, given)), strict=True):
                assert np.array_equal(found, wanted), name


@pytest.mark.parametrize(("form", "message"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize(("table", "given"), [(OF_IMAGES, BINARY), (OF_POINTS, Z)], ids=["images", "points"])
def test_that_what_is_no_array_of_real_numbers_is_refused(
    digits: TrainedModel, table: dict[str, Ask], given: np.ndarray, form: Callable[[np.ndarray], Any], message: str
) -> None:
    for ask in table.values():
        with pytest.raises(UserError, match=message) as refused:
            ask(digits, form(given))
        assert "\n" not in str(refused.value)


def test_that_evidence_takes_a_tensor_as_an_array(digits: TrainedModel) -> None:
    assert vx.evidence(digits, torch.from_numpy(BINARY[:1]).requires_grad_()) == vx.evidence(digits, BINARY[:1])


def test_that_grey_images_of_a_model_of_black_and_white_have_no_likelihood(digits: TrainedModel) -> None:
    for ask in (OF_IMAGES["evidence"], OF_IMAGES["log_likelihood"]):
        assert line(lambda ask=ask: ask(digits, BINARY / 2)) == (
            f"{digits.card.name} was trained on black-and-white images, but these images are grey; round them to 0 and 1 first"
        )


@pytest.mark.parametrize("label", [0, [1, 2, 3], torch.tensor([1, 2, 3])])
def test_that_classes_are_refused_where_a_family_has_none(digits: TrainedModel, label: Any) -> None:
    message = f"{digits.card.name} encodes without a class; leave the label out"
    assert line(lambda: digits.encode(BINARY, label)) == message
    assert line(lambda: digits.log_posterior(BINARY[0], Z, 0)) == message
    assert line(lambda: vx.evidence(digits, BINARY, label)) == message
    for ask in (digits.decode, digits.decode_uint8):
        assert line(lambda ask=ask: ask(Z, 3)).endswith("decodes without a class; leave the class out")
    assert line(lambda: digits.class_weights(3)).endswith("decodes without a class; leave the class out")


@pytest.mark.parametrize(
    "label", [10, -1, 2.5, np.nan, 1j, "3", [1, 2], [[1, 2, 3]], np.eye(3), np.ma.masked_array([1, 2, 3], [0, 1, 0]), {}]
)
def test_that_what_is_no_class_is_refused(told: TrainedModel, label: Any) -> None:
    for ask in (told.encode, lambda images, label: vx.evidence(told, images, label)):
        assert "class" in line(lambda ask=ask: ask(np.zeros((3, 28, 28)), label))


@pytest.mark.parametrize("form", [list, np.array, torch.tensor, lambda label: np.array(label, float)])
def test_that_classes_come_in_any_form(told: TrainedModel, form: Callable[[list[int]], Any]) -> None:
    images = np.zeros((3, 28, 28))
    assert told.encode(images, form([1, 7, 3])) == told.encode(images, np.array([1, 7, 3], np.uint8))


BAD_CONDITIONS: dict[str, tuple[Any, str]] = {
    "an unknown class": (10, "there is no class 10; choose 0 to 9"),
    "no number": (np.nan, "there is no class nan"),
    "a complex class": (1j, "numbers that are real"),
    "a name": ("3", "not of <U1"),
    "a class for each of few points": ([1, 2, 3], r"weights of classes have shape \(n, 10\), not \(3,\)"),
    "classes in place of weights": (list(range(10)), r"sum to 1; for a class at each point give numpy\.eye\(10\)\[labels\]"),
    "weights below zero": ([2, -1, *[0] * 8], "lie in"),
    "weights that are no numbers": ([np.nan] * 10, "lie in"),
}


@pytest.mark.parametrize(("condition", "message"), BAD_CONDITIONS.values(), ids=BAD_CONDITIONS.keys())
def test_that_what_is_no_condition_is_refused(told: TrainedModel, condition: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        told.decode(np.zeros((3, 2)), condition)


def test_that_a_condition_comes_in_any_form(told: TrainedModel) -> None:
    wanted = told.decode(Z, 3)
    for form in (
        np.eye(10)[3],
        torch.eye(10)[3].requires_grad_(),
        np.eye(10)[[3, 3, 3]].tolist(),
        np.int64(3),
        torch.tensor(3),
    ):
        assert np.array_equal(told.decode(Z, form), wanted)


def test_that_a_switch_by_its_name_alone_is_refused_by_its_name(digits: TrainedModel) -> None:
    assert "has no switch 'sharp'" in line(lambda: digits.decode(Z, switches="sharp"))


def test_that_as_many_images_as_codes_are_reconstructed(digits: TrainedModel) -> None:
    assert line(lambda: digits.reconstruct(BINARY, Z[:2])).startswith("3 images and 2 latent points do not pair up")


def test_that_codes_are_equal_where_their_numbers_are(tiny_model_path: Path) -> None:
    codes, again = vx.codes(tiny_model_path), vx.codes(tiny_model_path)
    assert codes == again
    assert codes == codes.of_split(0).__class__(*codes.arrays().values())
    assert codes != codes.of_split(0)
    assert codes != replace(codes, mean=codes.mean + 1)
    assert codes != replace(codes, mean=codes.mean.astype(np.float64))
    assert codes != "codes"
    strange = replace(codes, mean=np.full_like(codes.mean, np.nan))
    assert strange == replace(strange, mean=strange.mean.copy())
    with pytest.raises(TypeError, match="unhashable"):
        hash(codes)


def test_that_answers_are_equal_where_their_numbers_are(digits: TrainedModel) -> None:
    assert digits.encode(BINARY) == digits.encode(BINARY)
    assert digits.encode(BINARY) != digits.encode(BINARY[::-1])
    assert digits.encode(BINARY) != Moments(BINARY, BINARY)


def test_that_the_types_of_the_api_travel_with_it() -> None:
    assert Path(vx.__file__).with_name("py.typed").is_file()
    public = [value for name, value in vars(TrainedModel).items() if callable(value) and not name.startswith("_")]
    public += [getattr(vx, name) for name in vx.__all__ if name != "UserError"]
    assert len(public) > 10
    for function in public:
        assert "return" in function.__annotations__
        assert function.__doc__
    assert get_type_hints(TrainedModel.encode)["return"] is Moments
