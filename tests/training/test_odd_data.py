"""An odd data set is refused in one line before the first step, or it trains and every later command opens the model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vae_explorer as vx
from vae_explorer.data.base import Dataset, DatasetSpec, ImageSet
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.inference.evaluation import evaluate
from vae_explorer.models.model_file import write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished
from vae_explorer.training.loop import train

SHAPE, CLASSES = (5, 4), 3
SIZES = {"training": 20, "test": 7}
Form = Callable[[np.ndarray], Any]
AS_IT_IS: Form = lambda array: array  # noqa: E731

PIXELS: dict[str, tuple[Form, bool]] = {  # what becomes of uint8 images, and whether they are still taken
    "uint8": (AS_IT_IS, True),
    "int64": (lambda grey: grey.astype(np.int64), True),
    "big-endian uint16": (lambda grey: grey.astype(">u2"), True),
    "float32 in [0, 1]": (lambda grey: (grey / 255).astype(np.float32), True),
    "float64 in [0, 1]": (lambda grey: grey / 255, True),
    "float32 to 255": (lambda grey: grey.astype(np.float32), False),
    "divided twice": (lambda grey: grey / 255 / 255, False),
    "12 bits": (lambda grey: grey.astype(np.uint16) * 16, False),
    "below 0": (lambda grey: grey / 127.5 - 1, False),
    "NaN": (lambda grey: np.where(grey == grey.max(), np.nan, grey / 255), False),
    "complex": (lambda grey: grey.astype(np.complex64), False),
    "text": (lambda grey: grey.astype(str), False),
}
LAYOUTS: dict[str, tuple[Form, bool]] = {
    "(n, H, W, 1)": (AS_IT_IS, True),
    "(n, H, W)": (lambda images: images[..., 0], True),
    "(n, 1, H, W)": (lambda images: images.transpose(0, 3, 1, 2), True),
    "(n, H · W)": (lambda images: images.reshape(len(images), -1), True),
    "Fortran order": (np.asfortranarray, True),
    "backwards in memory": (lambda images: images[:, ::-1].copy()[:, ::-1], True),
    "(H, W, n)": (lambda images: images[..., 0].transpose(1, 2, 0), False),
    "(n, W, H)": (lambda images: images[..., 0].transpose(0, 2, 1), False),
    "(n, H, W, 3)": (lambda images: np.concatenate([images] * 3, axis=-1), False),
    "one column less": (lambda images: images[:, :, 1:], False),
    "none": (lambda images: images[:0], False),
}
LABELS: dict[str, tuple[Form, bool]] = {
    "uint8": (AS_IT_IS, True),
    "int64": (lambda label: label.astype(np.int64), True),
    "uint16": (lambda label: label.astype(np.uint16), True),
    "float32": (lambda label: label.astype(np.float32), True),
    "(n, 1)": (lambda label: label[:, None], True),
    "one-hot": (lambda label: np.eye(CLASSES)[label], True),
    "from 1": (lambda label: label + 1, False),
    "below 0": (lambda label: label.astype(np.int8) - 1, False),
    "halves": (lambda label: label + 0.5, False),
    "text": (lambda label: label.astype(str), False),
    "one-hot of more": (lambda label: np.eye(CLASSES + 1)[label], False),
    "one less": (lambda label: label[1:], False),
    "none": (lambda label: None, False),
}
CLEAN = {
    split: ImageSet(
        np.random.default_rng(n).integers(0, 256, (n, *SHAPE, 1), np.uint8), (np.arange(n) % CLASSES).astype(np.uint8)
    )
    for split, n in SIZES.items()
}
MEANT = Dataset(CLEAN["training"], CLEAN["test"])


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch, own_tables: None) -> Callable[[Dataset, tuple[str, ...]], None]:
    """Puts a data set into the table as 'odd'."""
    module = ModuleType("odd_images")
    monkeypatch.setitem(sys.modules, "odd_images", module)

    def register(dataset: Dataset, classes: tuple[str, ...] = ("A", "B", "C")) -> None:
        module.load = lambda fetching: dataset  # type: ignore[attr-defined]
        size = (SIZES["training"], SIZES["test"])
        if "odd" in DATASETS:
            DATASETS.remove("odd")
        DATASETS.register("odd", DatasetSpec("Odd", "odd_images:load", SHAPE, classes, size, "here"))

    return register


def odd(**changes: Any) -> TrainConfig:
    return TrainConfig(dataset="odd", epochs=1, hidden=(4,), **changes)


def trained(path: Path, **changes: Any) -> Finished:
    """Train on 'odd' and save the model as `path`."""
    *_, last = train(odd(**changes))
    assert isinstance(last, Finished)
    write_model_file(path, last.model)
    return last


def refusal(**changes: Any) -> str:
    """The one line with which a training is refused before it says that it has started."""
    events = train(odd(**changes))
    with pytest.raises(UserError) as caught:
        next(events)
    message = str(caught.value)
    assert "\n" not in message
    assert "odd" in message
    return message


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    split=st.sampled_from(list(SIZES)),
    pixels=st.sampled_from(list(PIXELS)),
    layout=st.sampled_from(list(LAYOUTS)),
    labels=st.sampled_from(list(LABELS)),
    changed=st.sets(st.sampled_from(["pixels", "layout", "labels"]), min_size=1, max_size=3),
    mapped=st.booleans(),
    family=st.sampled_from(["vae", "cvae", "ae"]),
)
def test_that_an_odd_data_set_is_refused_or_opens_with_the_right_figures(
    split: str,
    pixels: str,
    layout: str,
    labels: str,
    changed: set[str],
    mapped: bool,
    family: str,
    register: Callable[..., None],
    tmp_path: Path,
) -> None:
    forms = {"pixels": PIXELS[pixels], "layout": LAYOUTS[layout], "labels": LABELS[labels]}
    (as_pixels, _), (as_layout, _), (as_labels, _) = (forms[each] if each in changed else (AS_IT_IS, True) for each in forms)
    clean = CLEAN[split]
    images = as_layout(as_pixels(clean.images))
    if mapped:
        np.save(tmp_path / "images.npy", images)
        images = np.load(tmp_path / "images.npy", mmap_mode="r")
    part = ImageSet(images, as_labels(clean.labels))
    register(Dataset(*(part if each == split else CLEAN[each] for each in SIZES)))
    path = tmp_path / "m.safetensors"
    if not all(forms[each][1] for each in changed):
        refusal(family=family)
        return
    card = trained(path, family=family).model.card
    model = vx.load(path)
    assert model.card == card
    figures = evaluate(model, MEANT)
    assert {name: figures[name] for name in card.metrics} == pytest.approx(dict(card.metrics), rel=1e-4, abs=1e-5)
    codes = vx.codes(path)
    assert codes.label.tolist() == [*MEANT.train.labels, *MEANT.test.labels]
    conditional = {"label": MEANT.test.labels} if family == "cvae" else {}
    assert codes.of_split(1).mean == pytest.approx(model.encode(MEANT.test.images / 255, **conditional).mean, abs=1e-5)


@pytest.mark.parametrize("binarised", ["none", "dynamic"])
def test_that_floats_train_to_the_very_model_that_bytes_train_to(
    binarised: str, register: Callable[..., None], tmp_path: Path
) -> None:
    register(MEANT)
    of_bytes = trained(tmp_path / "bytes.safetensors", binarised=binarised).model
    register(Dataset(*(ImageSet(part.images / np.float32(255), part.labels) for part in CLEAN.values())))  # type: ignore[arg-type]
    of_floats = trained(tmp_path / "floats.safetensors", binarised=binarised).model
    assert of_floats.card.metrics == of_bytes.card.metrics
    assert np.array_equal(of_floats.codes.mean, of_bytes.codes.mean)


@pytest.mark.parametrize("family", ["vae", "cvae", "dfc-vae"])
def test_that_300_classes_open(family: str, register: Callable[..., None], tmp_path: Path) -> None:
    label = np.array([299, 0, 256, 255, 7] * 4)
    many = Dataset(ImageSet(CLEAN["training"].images, label), ImageSet(CLEAN["test"].images, label[:7]))
    register(many, tuple(f"class {number}" for number in range(300)))
    trained(tmp_path / "m.safetensors", family=family)
    assert vx.codes(tmp_path / "m.safetensors").label.tolist() == [*label, *label[:7]]
    assert evaluate(vx.load(tmp_path / "m.safetensors"), many)["n"] == 7


@pytest.mark.parametrize("family", ["vae", "info-vae", "aae", "gan"])
def test_that_one_image_of_one_class_opens(family: str, register: Callable[..., None], tmp_path: Path) -> None:
    one = ImageSet(CLEAN["test"].images[:1], CLEAN["test"].labels[:1])
    register(Dataset(one, one), ("only",))
    card = trained(tmp_path / "m.safetensors", family=family).model.card
    figures = evaluate(vx.load(tmp_path / "m.safetensors"), Dataset(one, one))
    assert all(np.isfinite(value) for value in card.metrics.values())
    assert "knn_accuracy" not in figures


def test_that_labels_beyond_the_names_are_refused_with_the_way_out(register: Callable[..., None]) -> None:
    register(MEANT, ("A", "B"))
    assert refusal() == "odd holds labels from 0 to 2 but names 2 classes. Give 3 names, or labels from 0 to 1."


@pytest.mark.parametrize("changes", [{"seed": np.int64(3)}, {"parameters": {"warm_up": np.float32(0.5)}}], ids=str)
def test_that_a_card_that_no_file_can_hold_ends_the_run_before_its_first_step(
    changes: dict[str, Any], register: Callable[..., None]
) -> None:
    register(MEANT)
    assert "the model odd-vae could not be opened: its model card cannot be written" in refusal(**changes)
