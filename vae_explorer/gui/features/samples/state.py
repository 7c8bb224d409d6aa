"""Samples: points drawn from the prior, and noise ε that the inspected code's posterior turns into z. GUI thread only."""

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
_FIRST_NOISE = 165  # a seed chosen because its draws lie apart, so that each can be taken hold of


@dataclass(frozen=True, slots=True)
class PriorDraws:
    """z ~ N(0, I), and what the decoder makes of it; no images until it has answered."""

    seed: int = 0
    z: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 2), np.float32))  # (n, 2)
    images: NDArray[np.uint8] | None = None  # (n, H, W)
    chosen: int | None = None


@dataclass(frozen=True, slots=True)
class PosteriorDraws:
    """z = mean + std · ε of one code. While ε is dragged, the images may be those of a moment ago."""

    code: InspectedCode
    noise: NDArray[np.float64]  # (n, 2)
    z: NDArray[np.float64]  # (n, 2)
    images: NDArray[np.uint8] | None  # (n, H, W)
    selected: int


@dataclass(frozen=True)
class KeptSamples(Kept):
    """The points drawn from the prior, and each ε of the draws from a posterior."""

    count: int
    seed: int
    has_drawn: bool
    chosen: int | None
    noise: tuple[Point, ...]
    noise_seed: int
    selected: int


class Samples(SessionPart):
    """Follows the code that is held, else the inspected one. Nothing is decoded while nobody looks."""

    kept_as = "samples"
    prior_changed = Signal(object)  # PriorDraws
    posterior_changed = Signal(object)  # PosteriorDraws, or None where there is nothing to draw from
    picked = Signal(object)  # (x, y): a draw from the prior has been chosen

    def __init__(self, inspection: Inspection, options: DecodeOptions, decoder: DecoderPort, parent: QObject) -> None:
        super().__init__(parent)
        self._inspection, self._options, self._decoder = inspection, options, decoder
        self._is_open = False
        self._count = _FIRST_COUNT
        self._prior = PriorDraws()
        self._noise, self._noise_seed, self._selected = standard_normal(_NOISES, _FIRST_NOISE), _FIRST_NOISE, 0
        self._posterior: PosteriorDraws | None = None
        self._kind = PosteriorKind.NONE
        inspection.changed.connect(self._follow)
        decoder.answered.connect(self._on_answered)

    @property
    def is_open(self) -> bool:
        """Whether anybody looks at the samples."""
        return self._is_open

    @property
    def kind(self) -> PosteriorKind:
        """Of the posteriors of the model on screen, as in `Family.posterior`."""
        return self._kind

    @property
    def count(self) -> int:
        """How many points the next draw from the prior has."""
        return self._count

    @property
    def prior(self) -> PriorDraws:
        return self._prior

    @property
    def posterior(self) -> PosteriorDraws | None:
        return self._posterior

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Another model, for the same points and the same noise. Its codes come by the inspection."""
        self._kind = model.card.family.posterior

    @Slot(bool)
    def set_open(self, is_open: bool) -> None:
        """Somebody looks at the samples, or no longer."""
        self._is_open = is_open
        self._set_prior(replace(self._prior, images=None))
        self._follow()
        self._ask_for_prior()

    def ask_again(self) -> None:
        """The same points may have become other images."""
        self._ask_for_prior()
        self._ask_for_posterior()

    def kept(self) -> KeptSamples:
        prior, noise = self._prior, tuple((float(x), float(y)) for x, y in self._noise)
        return KeptSamples(self._count, prior.seed, bool(len(prior.z)), prior.chosen, noise, self._noise_seed, self._selected)

    def take_back(self, kept: Kept) -> None:
        """Draw the same points again, and lay out the same noise."""
        assert isinstance(kept, KeptSamples)
        if kept == self.kept():
            return
        self._count, self._noise_seed, self._selected = kept.count, kept.noise_seed, kept.selected
        self._noise = np.asarray(kept.noise)
        z = standard_normal(kept.count, kept.seed).astype(np.float32) if kept.has_drawn else np.zeros((0, 2), np.float32)
        self._set_prior(PriorDraws(kept.seed, z, chosen=kept.chosen))
        self._ask_for_prior()
        self._follow()

    # The prior

    @Slot()
    def draw(self) -> None:
        """New points; the first ones are those of the seed as it stands."""
        self._draw((self._prior.seed + bool(len(self._prior.z))) % SEEDS)

    @Slot(int)
    def set_seed(self, seed: int) -> None:
        """The points of this seed, the same every time."""
        self._draw(seed)

    @Slot(int)
    def set_count(self, count: int) -> None:
        """More or fewer points; fewer are the first ones of more."""
        self._count = count
        if len(self._prior.z):
            self._draw(self._prior.seed)

    @Slot()
    def clear(self) -> None:
        self._set_prior(PriorDraws(self._prior.seed))
        self._ask_for_prior()  # for nothing: an answer that is under way is no longer wanted

    @Slot(int)
    def choose(self, index: int) -> None:
        """Look at one of the points from the prior."""
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
        """ε ~ N(0, I) anew."""
        self._noise_seed += 1
        self._noise = standard_normal(_NOISES, self._noise_seed)
        self._follow()

    @Slot(int)
    def select(self, index: int) -> None:
        """The one whose numbers are shown."""
        self._selected = index
        if self._posterior is not None:
            self._set_posterior(replace(self._posterior, selected=index))

    @Slot(int, object)
    def move_noise(self, index: int, noise: Point) -> None:
        """Put one ε somewhere, at most NOISE_REACH from the middle in each coordinate; its z follows."""
        self._selected = index
        self._noise = self._noise.copy()
        self._noise[index] = np.clip(noise, -NOISE_REACH, NOISE_REACH)
        self._follow()

    def move_z(self, index: int, z: Point) -> None:
        """Put one z somewhere; its ε follows."""
        if self._posterior is not None:
            code = self._posterior.code
            x, y = noise_of(code.mean, code.std, z).tolist()
            self.move_noise(index, (x, y))

    def grasp(self, index: int) -> None:
        """A z on the map is taken hold of, and its code with it: other codes that the mouse comes across would take its place."""
        self.select(index)
        if self._posterior is not None and self._inspection.pinned is None:
            self._inspection.pin(self._posterior.code.index)

    @Slot()
    def _follow(self, *_: object) -> None:
        """Another code or another ε."""
        code = self._inspection.held if self._is_open else None
        if code is None or self._kind not in (PosteriorKind.GAUSSIAN, PosteriorKind.FLOW) or not all(code.std):
            self._set_posterior(None)
            return
        before, z = self._posterior, reparameterised(code.mean, code.std, self._noise)
        is_new = before is None or not np.array_equal(z, before.z)
        images = before.images if before is not None else None
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
