"""Draws from the prior, and from the posterior of the inspected code. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.decode_thread import POSTERIOR_DRAWS, PRIOR_DRAWS, DecodeAnswer
from vae_explorer.gui.core.decoder import DecoderPort
from vae_explorer.gui.core.inspection import InspectedCode, Inspection
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.samples.limits import SEEDS
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.kinds import PosteriorKind
from vae_explorer.latent.paths import Point
from vae_explorer.latent.sampling import NOISE_REACH, noise_of, reparameterised, standard_normal

_FIRST_COUNT, _NOISES = 16, 6
_FIRST_NOISE = 165  # a seed whose draws lie apart, so that the mouse can grab each


@dataclass(frozen=True, slots=True)
class PriorDraws:
    """z ~ N(0, I), with images once the decoder has answered."""

    seed: int = 0
    z: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))  # (n, 2)
    images: NDArray[np.uint8] | None = None  # (n, H, W, C)
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class PosteriorDraws:
    """z = mean + std · ε of a code. During a drag, images may belong to an earlier ε."""

    code: InspectedCode
    noise: NDArray[np.float64]  # (n, 2)
    z: NDArray[np.float64]  # (n, 2)
    images: NDArray[np.uint8] | None  # (n, H, W, C)
    selected: int


@dataclass(frozen=True)
class KeptSamples(Kept):
    count: int
    seed: int
    has_drawn: bool
    chosen: int | None
    noise: tuple[Point, ...]
    noise_seed: int
    selected: int


class Samples(SessionPart):
    """Draws from the prior and from a code. A hidden panel sends no requests to the decoder."""

    kept_as = "samples"
    prior_changed = Signal(object)  # PriorDraws
    posterior_changed = Signal(object)  # PosteriorDraws | None
    picked = Signal(object)  # (x, y) of the chosen draw from the prior

    def __init__(self, inspection: Inspection, options: DecodeOptions, decoder: DecoderPort, parent: QObject) -> None:
        super().__init__(parent)
        self._inspection, self._options, self._decoder = inspection, options, decoder
        self._is_open = False
        self._count = _FIRST_COUNT
        self._prior = PriorDraws()
        self._noise, self._noise_seed, self._selected = standard_normal(_NOISES, _FIRST_NOISE), _FIRST_NOISE, 0
        self._posterior: PosteriorDraws | None = None
        self._kind = PosteriorKind.NONE
        inspection.changed.connect(self._update_draws)
        decoder.answered.connect(self._on_answered)

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def kind(self) -> PosteriorKind:
        return self._kind

    @property
    def count(self) -> int:
        """The number of points in the next draw from the prior."""
        return self._count

    @property
    def prior(self) -> PriorDraws:
        return self._prior

    @property
    def posterior(self) -> PosteriorDraws | None:
        return self._posterior

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Keep points and noise. The codes of the model come by the inspection."""
        self._kind = model.card.family.posterior

    @Slot(bool)
    def set_open(self, is_open: bool) -> None:
        self._is_open = is_open
        self._set_prior(replace(self._prior, images=None))
        self._update_draws()
        self._ask_for_prior()

    def ask_again(self) -> None:
        self._ask_for_prior()
        self._ask_for_posterior()

    def kept(self) -> KeptSamples:
        prior, noise = self._prior, tuple((float(x), float(y)) for x, y in self._noise)
        return KeptSamples(self._count, prior.seed, bool(len(prior.z)), prior.chosen, noise, self._noise_seed, self._selected)

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptSamples)
        if kept == self.kept():
            return
        self._count, self._noise_seed, self._selected = kept.count, kept.noise_seed, kept.selected
        self._noise = np.asarray(kept.noise)
        z = standard_normal(kept.count, kept.seed).astype(np.float32) if kept.has_drawn else np.zeros((0, 2), np.float32)
        self._set_prior(PriorDraws(kept.seed, z, chosen=kept.chosen))
        self._ask_for_prior()
        self._update_draws()

    # The prior

    @Slot()
    def draw(self) -> None:
        """Draw points with the next seed; the first draw uses the current seed."""
        self._draw((self._prior.seed + bool(len(self._prior.z))) % SEEDS)

    @Slot(int)
    def set_seed(self, seed: int) -> None:
        self._draw(seed)

    @Slot(int)
    def set_count(self, count: int) -> None:
        """Draw more or fewer points of the current seed; the first points stay."""
        self._count = count
        if len(self._prior.z):
            self._draw(self._prior.seed)

    @Slot()
    def clear(self) -> None:
        self._set_prior(PriorDraws(self._prior.seed))
        self._ask_for_prior()  # an empty request replaces the last request

    @Slot(int)
    def choose(self, index: int) -> None:
        self._set_prior(replace(self._prior, chosen=index))
        x, y = self._prior.z[index].tolist()
        self.picked.emit((x, y))

    def _draw(self, seed: int) -> None:
        self._set_prior(PriorDraws(seed, standard_normal(self._count, seed).astype(np.float32)))
        self._ask_for_prior()

    def _ask_for_prior(self) -> None:
        if self._is_open:
            self._decoder.ask(self._options.request(PRIOR_DRAWS, self._prior.z))

    def _set_prior(self, prior: PriorDraws) -> None:
        self._prior = prior
        self.prior_changed.emit(prior)

    # The posterior

    @Slot()
    def draw_noise(self) -> None:
        self._noise_seed += 1
        self._noise = standard_normal(_NOISES, self._noise_seed)
        self._update_draws()

    @Slot(int)
    def select(self, index: int) -> None:
        self._selected = index
        if self._posterior is not None:
            self._set_posterior(replace(self._posterior, selected=index))

    @Slot(int, object)
    def move_noise(self, index: int, noise: Point) -> None:
        """Move ε of a draw, clipped to NOISE_REACH in each coordinate; z follows."""
        self._selected = index
        self._noise = self._noise.copy()
        self._noise[index] = np.clip(noise, -NOISE_REACH, NOISE_REACH)
        self._update_draws()

    def move_z(self, index: int, z: Point) -> None:
        """Move z of a draw; ε follows."""
        if self._posterior is not None:
            code = self._posterior.code
            x, y = noise_of(code.mean, code.std, z).tolist()
            self.move_noise(index, (x, y))

    def start_drag(self, index: int) -> None:
        """Hold the code, because the mouse passes over other codes during the drag."""
        self.select(index)
        if self._posterior is not None and self._inspection.pinned is None:
            self._inspection.pin(self._posterior.code.index)

    @Slot()
    def _update_draws(self, *_: object) -> None:
        """Compute z of the current code, and request images if z has changed."""
        code = self._inspection.held if self._is_open else None
        if code is None or self._kind not in (PosteriorKind.GAUSSIAN, PosteriorKind.FLOW) or not all(code.std):
            self._set_posterior(None)
            return
        previous, z = self._posterior, reparameterised(code.mean, code.std, self._noise)
        is_new = previous is None or not np.array_equal(z, previous.z)
        images = previous.images if previous is not None else None
        self._set_posterior(PosteriorDraws(code, self._noise, z, images, self._selected))
        if is_new:
            self._ask_for_posterior()

    def _ask_for_posterior(self) -> None:
        draws = self._posterior
        if self._is_open and draws is not None:
            condition = self._options.condition(len(draws.z), draws.code.class_number)
            self._decoder.ask(self._options.request(POSTERIOR_DRAWS, draws.z.astype(np.float32), condition))

    def _set_posterior(self, draws: PosteriorDraws | None) -> None:
        if draws is not None or self._posterior is not None:
            self._posterior = draws
            self.posterior_changed.emit(draws)

    # The decoder

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if not isinstance(answer, DecodeAnswer):
            return
        if answer.key == POSTERIOR_DRAWS and self._posterior is not None:
            self._set_posterior(replace(self._posterior, images=answer.images))
        elif answer.key == PRIOR_DRAWS:
            self._set_prior(replace(self._prior, images=answer.images))
