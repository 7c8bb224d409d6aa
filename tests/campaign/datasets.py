"""Odd data sets by hypothesis: each is refused before the first step in one line, or trains to a model that opens."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import vae_explorer as vx
from tests.campaign.report import Report
from tests.campaign.sandbox import folder
from vae_explorer.cli import main
from vae_explorer.data.base import Dataset, DatasetSpec, ImageSet
from vae_explorer.data.sources import DATASETS

EXAMPLES = 300
SIDE = 8
DTYPES = ("uint8", "uint16", "int8", "int32", "int64", "float16", "float32", "float64", "bool", "complex64", "object", "U1")


@st.composite
def images(draw: st.DrawFn, count: int) -> NDArray[Any]:
    """Images of one of many dtypes, ranges and layouts, with or without numbers that are not finite."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(DTYPES))
    top = draw(st.sampled_from((1.0, 255.0, 65535.0, 1e30, 0.0)))
    values = random.random((count, SIDE, SIDE)) * top * draw(st.sampled_from((1.0, 1.0, -1.0)))
    if draw(st.booleans()) and count:
        values[0, 0, 0] = draw(st.sampled_from((np.nan, np.inf, -np.inf)))
    with np.errstate(all="ignore"):
        made = values.astype(dtype)
    layouts = {
        "(n, H, W)": made,
        "(n, H, W, 1)": made[..., None],
        "(n, 1, H, W)": made[:, None],
        "(n, H, W, 3)": np.repeat(made[..., None], 3, axis=-1),
        "flat": made.reshape(count, SIDE * SIDE),
        "transposed": made.transpose(2, 1, 0),
        "not square": made[:, :5],
        "scalar": np.asarray(made.ravel()[0] if count else 0),
    }
    return layouts[draw(st.sampled_from(("(n, H, W)",) * 6 + tuple(layouts)))]


@st.composite
def labels(draw: st.DrawFn, count: int) -> NDArray[Any]:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    low = draw(st.sampled_from((0, 0, 0, 1, -1)))
    most = draw(st.sampled_from((1, 3, 3, 3, 10, 300)))
    made = random.integers(low, low + most, count)
    kind = draw(st.sampled_from(("uint8", "uint8", "int64", "uint16", "float32", "bool", "U3", "one-hot", "short", "nan")))
    if kind == "one-hot":
        return np.eye(301, dtype=np.float32)[made]
    if kind == "short":
        return made[: count // 2]
    if kind == "nan":
        return np.full(count, np.nan)
    with np.errstate(all="ignore"):
        return made.astype(kind)


@st.composite
def datasets(draw: st.DrawFn) -> tuple[Dataset, tuple[str, ...]]:
    sizes = st.sampled_from((0, 1, 2, 10, 60, 60, 60, 200))
    train, test = draw(sizes), draw(sizes)
    names = tuple(f"class {number}" for number in range(draw(st.sampled_from((0, 1, 2, 3, 3, 3, 10, 300)))))
    same = draw(st.booleans())
    first = draw(images(train)), draw(labels(train))
    same = same and first[0].ndim > 0
    second = (first[0][:test], first[1][:test]) if same else (draw(images(test)), draw(labels(test)))
    return Dataset(ImageSet(*first), ImageSet(*second)), names


def attack(number: int, share: float) -> Report:
    report, refused = Report("datasets", number), list[str]()

    @seed(number)
    @settings(
        max_examples=max(round(EXAMPLES * share), 10), database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(datasets(), st.sampled_from(("dynamic", "none")))
    def hold(made: tuple[Dataset, tuple[str, ...]], binarised: str) -> None:
        what = f"{_words(made[0].train)}, test {_words(made[0].test)}, {len(made[1])} names, binarised {binarised}"
        with report.attempt(what):
            refused.append(_train(*made, binarised))

    hold()
    whys = [why for why in refused if why]
    report.note(f"{len(whys)} refused in one line, {len(refused) - len(whys)} trained and opened")
    print("\n".join(sorted(set(whys))), file=sys.stderr)
    return report


def _words(images: ImageSet) -> str:
    return f"images {images.images.dtype} {images.images.shape}, labels {images.labels.dtype} {images.labels.shape}"


def _train(made: Dataset, names: tuple[str, ...], binarised: str) -> str:
    """Train one epoch from the command line and open the model. Returns why the data set was refused, if it was."""
    sizes = (made.train.images.shape[0] if made.train.images.ndim else 0, len(made.test.labels))
    source = types.ModuleType("campaign_source")
    source.load = lambda fetching: made  # type: ignore[attr-defined]
    sys.modules["campaign_source"] = source
    if "odd" in DATASETS:
        DATASETS.remove("odd")
    spec = DatasetSpec("Odd", "campaign_source:load", (SIDE, SIDE), names, sizes, "made by the campaign")
    DATASETS.register("odd", spec)
    out = folder() / "odd.safetensors"
    out.unlink(missing_ok=True)
    words = ["train", "--dataset", "odd", "--epochs", "1", "--hidden", "4", "--binarised", binarised, "--out", str(out)]
    answer, complaint = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(answer), contextlib.redirect_stderr(complaint):
        status = main(words)
    said = complaint.getvalue().strip()
    if "Traceback" in said:
        raise RuntimeError(f"a traceback: {said[-300:]}")
    if status:
        if "\n" in said:
            raise RuntimeError(f"not one line: {said[:300]}")
        if out.exists():
            raise RuntimeError(f"status {status} with a file: {said}")
        if "epoch 1" in answer.getvalue():
            raise RuntimeError(f"refused after the first step: {said}")
        return said or "status without a word"
    vx.load(out)
    vx.codes(out)
    with contextlib.redirect_stdout(io.StringIO()) as figures, contextlib.redirect_stderr(io.StringIO()) as why:
        status = main(["evaluate", str(out), "--json"])
    if status or "NaN" in figures.getvalue():
        raise RuntimeError(f"evaluate ended with status {status}: {why.getvalue().strip()}")
    return ""
