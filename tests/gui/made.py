"""Made models, images and answers for tests below the window: plain values, no torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.models.specs import a_spec
from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset, ImageSet
from vae_explorer.data.columns import MISSING, Column, ColumnKind, Columns, Texts
from vae_explorer.gui.features.evidence.thread import (
    EVIDENCE,
    Analysis,
    AnalysisAnswer,
    EvidenceAnalysis,
    Fillings,
    PosteriorAnalysis,
)
from vae_explorer.inference.evidence.engine import Evidence, Gaps
from vae_explorer.inference.evidence.picture import TruePosterior
from vae_explorer.kinds import PosteriorKind
from vae_explorer.models.model_file import ModelFile

from .fakes import FakeModelThread

KINDS = ("round", "שָׁלוֹם עוֹלָם", "<i>long</i> " + 50 * "x")
LATENTS = 5  # of `of_five`
SAVED = Path("model.safetensors")  # the file of a model that a person opens
SEEN = np.zeros((8, 8), bool)  # no pixel of a drawing is hidden


def made_images_of(codes: Codes, side: int = 8) -> Dataset:
    """One image (side, side, 1) for each code, of the class of the code. No two images are alike."""
    pixels = np.random.default_rng(0).integers(0, 256, (len(codes), side, side, 1), dtype=np.uint8)
    splits = (codes.split == split for split in (Split.TRAIN, Split.TEST))
    return Dataset(*(ImageSet(pixels[rows], codes.label[rows]) for rows in splits))


def made_columns(codes: Codes) -> Columns:
    """Labels for each code: the class, a kind and a weight with missing values, and a text."""
    n = np.arange(len(codes))
    kind = np.where(n % 5 == 4, MISSING, n % 3).astype(np.int32)
    weight = np.where(n % 7 == 6, np.nan, n / 10.0)
    digit = Column("digit", ColumnKind.CATEGORICAL, codes.label.astype(np.int32), tuple("0123456789"))
    texts = Texts.of([f"<b>image {number}</b>" for number in n])
    return Columns(
        (
            digit,
            Column("kind", ColumnKind.CATEGORICAL, kind, KINDS),
            Column("weight", ColumnKind.CONTINUOUS, weight, unit="mg"),
            Column("note", ColumnKind.TEXT, texts),
        ),
        "digit",
    )


def of_family(file: ModelFile, family: str, **card: Any) -> ModelFile:
    """The codes of `file` under a card of another family, for a decoder that asks for no weights.

    Codes of a family without posteriors have no width.
    """
    changed = replace(file.card, name=family, spec=a_spec(family, small=True), metrics={}, training={}, **card)
    has_width = changed.family.posterior in (PosteriorKind.GAUSSIAN, PosteriorKind.FLOW)
    codes = file.codes if has_width else replace(file.codes, std=np.zeros_like(file.codes.std))
    return ModelFile(changed, {}, codes)


def of_five(file: ModelFile, seed: int = 0) -> ModelFile:
    """`file` with five latents and codes of their own: z₂ is the widest, then z₄."""
    codes = file.codes
    means = np.random.default_rng(seed).normal(size=(len(codes), LATENTS)) * [0.5, 3.0, 0.7, 2.0, 0.1]
    widened = Codes(means.astype(np.float32), np.full((len(codes), LATENTS), 0.5, np.float32), codes.label, codes.split)
    card = replace(file.card, spec=replace(file.card.spec, latent_dim=LATENTS))
    return replace(file, card=card, codes=widened)


def without_codes(file: ModelFile) -> ModelFile:
    return replace(file, codes=Codes.empty())


def without_classes(file: ModelFile) -> ModelFile:
    """The model as if its images had no classes."""
    codes = replace(file.codes, label=np.zeros_like(file.codes.label))
    return replace(file, card=replace(file.card, name="plain", classes=()), codes=codes)


def made_evidence(log_evidence: float = -100.0, amortisation: float = 0.5, step: float = 1e-5) -> EvidenceAnalysis:
    """An image whose terms add up: the KL term is 4 nats, and the approximation gap 0.25 nats."""
    posterior_kl = 0.25 + amortisation
    elbo = log_evidence - posterior_kl
    terms = (log_evidence, elbo, elbo + 4.0, 4.0, posterior_kl, step)
    best, one = np.zeros((1, 2)), np.array
    gaps = Gaps(one([0.25]), one([amortisation]), best, best + 1, one([step / 2]))
    return EvidenceAnalysis(Evidence(*(one([term]) for term in terms)), gaps)


def made_posterior(mean: tuple[float, float] = (0.0, 0.0), hidden: bool = False) -> PosteriorAnalysis:
    """Both posteriors of an image at `mean`; with `hidden` pixels there are fillings."""
    z, side = np.asarray(mean), 8
    true = TruePosterior(
        log_evidence=-100.0,
        step_halving_difference=0.0,
        x_range=(z[0] - 1, z[0] + 1),
        y_range=(z[1] - 1, z[1] + 1),
        density=np.full((4, 4), 0.25, np.float32),
        levels=(0.2, 0.1, 0.05),
        area=4.0,
        mean=z,
        covariance=np.eye(2),
        mode=z,
        points=z[None].astype(np.float32),
        weights=np.ones(1),
        step=0.1,
    )
    loop = z + np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, -0.5)])
    image = np.zeros((side, side, 1), np.uint8)
    fillings = Fillings(image[..., 0] > 0, image, image[None], z[None].astype(np.float32), image) if hidden else None
    return PosteriorAnalysis(true, z, np.full(2, 0.1), ((loop,),) * 3, None, fillings)


def a_drawing(value: int = 200) -> NDArray[np.uint8]:
    """A drawing of one grey value, in the size of the digits."""
    return np.full((8, 8, 1), value, np.uint8)


def answer_analysis(thread: FakeModelThread, request: Any, analysis: Analysis | None = None) -> Analysis:
    """As if the thread had answered `request`, with made terms or a made posterior where no `analysis` is given."""
    found = analysis or (made_evidence() if request.key == EVIDENCE else made_posterior())
    thread.answered.emit(AnalysisAnswer(request.key, request.ticket, found))
    return found
