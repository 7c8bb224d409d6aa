"""One training run: model, batches and phases. No Qt, no files."""

from __future__ import annotations

import datetime
import math
import platform
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from importlib import metadata

import numpy as np
import torch
from torch import Tensor

from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset, ImageSet, ShouldStop
from vae_explorer.errors import UserError
from vae_explorer.kinds import Binarised, Part, Storage
from vae_explorer.mapped import release
from vae_explorer.models.base import Batch, LatentModel, Material, build_model
from vae_explorer.models.card import ModelCard
from vae_explorer.models.linear import product_type
from vae_explorer.models.measure import NOT_MEASURED, Measured, codes_of, codes_order, flat, measure, measured_images, unit
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.packing import halved
from vae_explorer.models.rules import check_card, check_codes, check_weights
from vae_explorer.training.augment import augmented
from vae_explorer.training.batches import Batches, binarise
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import StepDone, TrainEvent
from vae_explorer.training.mover import Mover
from vae_explorer.training.validation import SPLIT_SEED, split_rows

REPORT_SECONDS = 0.1
_SLOWER = "Try a lower learning rate"


@dataclass(slots=True)
class Epoch:
    means: Mapping[str, float]
    seconds: float
    ended: bool = False
    reason: str = ""


class Run:
    def __init__(self, config: TrainConfig, dataset: Dataset, device: torch.device) -> None:
        self._config, self._dataset, self._device = config, dataset, device
        self._rows, held_out = split_rows(len(dataset.train), config.validation)
        self._held_out = len(held_out)
        self._check()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.model: LatentModel = build_model(config.spec).to(device)
        kept = self._rows if len(held_out) else None
        self._batches = Batches(dataset.train.images, dataset.train.labels, config.batch_size, device, config.seed, kept)
        parts = {Part.TEST: dataset.test} | ({Part.VALIDATION: dataset.train.only(held_out)} if len(held_out) else {})
        self._parts = {part: self._as_measured(images) for part, images in parts.items()}
        release(dataset.train.images)
        self._noise = torch.Generator(device).manual_seed(config.seed)
        self.steps = self._batches.per_epoch * config.epochs
        self._done = 0  # steps
        self._kept: dict[str, Tensor] = {}  # the weights of the last epoch that gave finite numbers
        self._movers = [Mover(phase, config.learning_rate, self.steps, config.optimiser) for phase in self.model.phases()]
        self._begun = self._reported = time.monotonic()

    def _check(self) -> None:
        """Raise `UserError` if the run's model file could not be opened later."""
        card = self._card({})
        label, split = codes_order(self._dataset.parts())
        mean, std = np.float32(0), np.float32(not card.family.has_points)
        shape = (len(label), card.spec.latent_dim)
        codes = Codes(np.broadcast_to(mean, shape), np.broadcast_to(std, shape), label, split)
        try:
            check_card(card)
            check_codes(codes, card)
        except UserError as error:
            raise UserError(f"the model {card.name} could not be opened: {error}") from error

    @property
    def untrained(self) -> bool:
        """Whether no step has been taken."""
        return not self._done

    def keep_if_finite(self, measured: Measured) -> bool:
        """Keep the present weights if they and `measured` are finite; tell whether they are."""
        weights = self.model.state_dict()
        finite = _are_finite(measured) and all(bool(tensor.isfinite().all()) for tensor in weights.values())
        if finite:
            self._kept = {name: tensor.detach().clone() for name, tensor in weights.items()}
        return finite

    def go_back(self) -> bool:
        """Restore the weights that were kept last; tell whether there are any."""
        if self._kept:
            self.model.load_state_dict(self._kept)
        return bool(self._kept)

    def prepare(self, should_stop: ShouldStop) -> None:
        train = self._dataset.train
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._config.seed)
            self.model.prepare(Material(len(self._rows), int(train.labels.max()) + 1, self._drawn, should_stop))

    def round_weights(self) -> None:
        """Round the weights as the model file does, so its terms and codes are exact."""
        if self._config.storage is Storage.HALF:
            with torch.no_grad():
                for weight in self.model.state_dict().values():
                    weight.copy_(torch.from_numpy(halved(weight.cpu().numpy())))

    def measured(self, part: Part, samples: int = 1) -> Measured:
        """Measure the family's terms on a part of the data set."""
        return measure(self.model, *self._parts[part], samples)

    def _as_measured(self, part: ImageSet) -> tuple[Tensor, Tensor]:
        """Return images (n, D) as terms are measured on them, and classes (n,)."""
        return measured_images(part.images, self._config.binarised), torch.from_numpy(part.labels.astype(np.int64))

    def epoch(self, epoch: int, should_stop: ShouldStop) -> Generator[TrainEvent, None, Epoch]:
        """Train one epoch in a new order. Yields `StepDone`, returns `Epoch`."""
        self.model.train()
        begun = time.monotonic()
        sums: dict[str, float] = {}
        seen = 0
        for images, label in self._batches.epoch():
            if should_stop():
                return Epoch(_means(sums, seen), time.monotonic() - begun, ended=True)
            terms, reason = self._step(images, label)
            if reason:
                return Epoch(_means(sums, seen), time.monotonic() - begun, ended=True, reason=reason)
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + value * len(images)
            seen += len(images)
            if time.monotonic() - self._reported >= REPORT_SECONDS:
                self._reported = time.monotonic()
                yield StepDone(self._done, self.steps, epoch, self._reported - self._begun)
        return Epoch(_means(sums, seen), time.monotonic() - begun)

    def _step(self, images: Tensor, label: Tensor) -> tuple[dict[str, float], str]:
        """Take one step; return the terms of its loss, and why training must stop, or empty.

        A bad move leaves the weights of its phase and of later phases alone.
        """
        batch = self._seen(images, label)
        self.model.progress = self._done / self.steps
        terms: dict[str, float] = {}
        for mover in self._movers:
            found, reason = mover.move(batch, self._noise)
            if reason:
                return {}, reason
            terms = found | terms  # the first phase gives the loss
        self._done += 1
        return terms, ""

    def _seen(self, images: Tensor, label: Tensor) -> Batch:
        if self._config.augment:
            images = augmented(images, self._config.spec.image_shape, self._config.augment, self._noise)
        return Batch(binarise(images, self._noise) if self._config.binarised is Binarised.DYNAMIC else unit(images), label)

    def _drawn(self, n: int) -> Batch:
        """Draw `n` random images, with repetition, as a step sees them."""
        train = self._dataset.train
        rows = self._rows[torch.randint(len(self._rows), (n,), generator=self._noise, device=self._device).cpu().numpy()]
        images, label = flat(train.images[rows]), torch.from_numpy(train.labels[rows].astype(np.int64))
        release(train.images)
        return self._seen(images.to(self._device), label.to(self._device))

    def model_file(self, measured: Mapping[Part, Measured]) -> ModelFile:
        """Return the present model with the measured terms and the codes of all images."""
        # Codes are of grey images, even if training draws binary ones, so a code is always the same.
        weights = {name: tensor.detach().cpu().numpy().copy() for name, tensor in self.model.state_dict().items()}
        return ModelFile(self._card(measured), weights, codes_of(self.model, self._dataset.parts()))

    def finished(self, parts: set[Part], samples: int) -> tuple[ModelFile, str]:
        """Return the model as its file will hold it, and why it went back to an earlier epoch, or empty.

        `parts` are measured with `samples` draws of z an image. Raises `UserError` if no epoch gave finite numbers.
        """
        model, finite = self._rounded(parts, samples)
        if _can_be_saved(model) and (finite or not self._kept):
            return model, ""
        if not self.go_back():
            raise UserError(f"training came to weights or codes that are no finite numbers; no model was kept. {_SLOWER}")
        reason = f"the model came to numbers that are not finite; kept its last finite epoch. {_SLOWER}"
        return self._rounded(parts, samples)[0], reason

    def _rounded(self, parts: set[Part], samples: int) -> tuple[ModelFile, bool]:
        """Return the model with rounded weights, and whether all measured terms are finite."""
        self.round_weights()
        measured = {part: self.measured(part, samples) for part in parts}
        return self.model_file(measured), all(map(_are_finite, measured.values()))

    def _card(self, measured: Mapping[Part, Measured]) -> ModelCard:
        config = self._config
        test, validation = measured.get(Part.TEST, NOT_MEASURED), measured.get(Part.VALIDATION, NOT_MEASURED)
        return ModelCard(
            name=config.name,
            spec=config.spec,
            dataset=config.dataset,
            classes=config.data.classes,
            binarised=config.binarised,
            training=config.to_json(),
            seed=config.seed,
            command=config.command,
            metrics=dict(test.means),
            errors=dict(test.errors),
            validation=dict(validation.means),
            extra={"validation_images": self._held_out, "validation_seed": SPLIT_SEED} if self._held_out else {},
            versions=versions(),
            created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        )


def _are_finite(measured: Measured) -> bool:
    return all(math.isfinite(value) for value in measured.means.values())


def _can_be_saved(model: ModelFile) -> bool:
    try:
        check_weights(model.weights)
        check_codes(model.codes, model.card)
    except UserError:
        return False
    return True


def versions() -> dict[str, str]:
    """Return the versions that a result depends on, and the number type of large products."""
    packages = {name: metadata.version(name) for name in ("torch", "torchvision", "numpy")}
    return packages | {"python": platform.python_version(), "products": product_type()}


def _means(sums: Mapping[str, float], seen: int) -> dict[str, float]:
    return {name: total / max(seen, 1) for name, total in sums.items()}
