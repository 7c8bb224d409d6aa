"""One training run: model, optimiser, schedule and batches. No Qt, no files."""

from __future__ import annotations

import datetime
import math
import platform
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from importlib import metadata

import torch
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from vae_explorer.data.base import Dataset, ShouldStop
from vae_explorer.data.sources import DATASETS
from vae_explorer.models.base import LatentModel, build_model
from vae_explorer.models.card import ModelCard
from vae_explorer.models.measure import binarise_once, codes_of, unit
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.batches import Batches, binarise
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import StepDone, TrainEvent

MAX_GRADIENT_NORM = 50.0
# With Adam's usual 0.999 and a third of the run as warm-up, the same network is one to two nats worse after 4 and after 20 epochs.
BETAS = (0.9, 0.95)
WARM_UP = 0.15  # share of the run
REPORT_SECONDS = 0.1


@dataclass(slots=True)
class Epoch:
    """How an epoch went. `ended` where the run is over: stopped, or for `reason`."""

    means: Mapping[str, float]
    seconds: float
    ended: bool = False
    reason: str = ""


class Run:
    """Model, optimiser, schedule and in-memory images of one training run."""

    def __init__(self, config: TrainConfig, dataset: Dataset, device: torch.device) -> None:
        self._config, self._dataset, self._device = config, dataset, device
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.model: LatentModel = build_model(config.spec).to(device)
        self._batches = Batches(dataset.train.images, config.batch_size, device, config.seed)
        grey_test = torch.from_numpy(dataset.test.unit())
        self.test: Tensor = binarise_once(grey_test) if config.binarised == "dynamic" else grey_test
        self._noise = torch.Generator(device).manual_seed(config.seed)
        self.steps = self._batches.per_epoch * config.epochs
        self._weights = list(self.model.parameters())
        fused = device.type in ("cpu", "cuda")
        self._optimiser = torch.optim.Adam(self._weights, lr=config.learning_rate, betas=BETAS, fused=fused)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, config.learning_rate, total_steps=self.steps, pct_start=WARM_UP
        )
        self._begun = self._reported = time.monotonic()

    def epoch(self, epoch: int, should_stop: ShouldStop) -> Generator[TrainEvent, None, Epoch]:
        """One pass over the images, in a new order. Yields `StepDone`, returns `Epoch`."""
        self.model.train()
        begun = time.monotonic()
        sums: dict[str, float] = {}
        seen = 0
        for place, images in enumerate(self._batches.epoch()):
            if should_stop():
                return Epoch(_means(sums, seen), time.monotonic() - begun, ended=True)
            terms, reason = self._step(images)
            if reason:
                return Epoch(_means(sums, seen), time.monotonic() - begun, ended=True, reason=reason)
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + value * len(images)
            seen += len(images)
            if time.monotonic() - self._reported >= REPORT_SECONDS:
                self._reported = time.monotonic()
                step = (epoch - 1) * self._batches.per_epoch + place + 1
                yield StepDone(step, self.steps, epoch, self._reported - self._begun)
        return Epoch(_means(sums, seen), time.monotonic() - begun)

    def _step(self, images: Tensor) -> tuple[dict[str, float], str]:
        """One step: the terms of its loss, and why training has to stop where it must. A bad step leaves the weights alone."""
        batch = binarise(images, self._noise) if self._config.binarised == "dynamic" else unit(images)
        loss = self.model.loss(batch, self._noise)
        for weight in self._weights:
            weight.grad = None
        loss.total.backward()  # type: ignore[no-untyped-call]
        norm = get_total_norm([weight.grad for weight in self._weights if weight.grad is not None])
        figures = {"loss": loss.total.detach(), "gradient": norm} | {name: term.detach() for name, term in loss.terms.items()}
        values = dict(zip(figures, torch.stack(list(figures.values())).tolist(), strict=True))  # one wait for the device
        for name in ("loss", "gradient"):
            if not math.isfinite(values[name]):
                return {}, f"the {name} became {values[name]}; kept the last finite weights. Try a lower learning rate"
        if values["gradient"] > MAX_GRADIENT_NORM:
            clip_grads_with_norm_(self._weights, MAX_GRADIENT_NORM, norm)
        self._optimiser.step()
        self._schedule.step()
        return {name: values[name] for name in loss.terms}, ""

    def model_file(self, metrics: Mapping[str, float]) -> ModelFile:
        """The model as it is now, with the codes of all images."""
        # The codes are those of the grey images, also where training draws binary ones: a code is to be the same every time.
        weights = {name: tensor.detach().cpu().numpy().copy() for name, tensor in self.model.state_dict().items()}
        return ModelFile(self._card(metrics), weights, codes_of(self.model, self._dataset.parts()))

    def _card(self, metrics: Mapping[str, float]) -> ModelCard:
        config = self._config
        return ModelCard(
            name=config.name,
            spec=config.spec,
            dataset=config.dataset,
            classes=DATASETS[config.dataset].classes,
            binarised=config.binarised,
            training=config.to_json(),
            seed=config.seed,
            command=config.command,
            metrics=dict(metrics),
            versions=versions(),
            created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        )


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    return {name: metadata.version(name) for name in ("torch", "torchvision", "numpy")} | {"python": platform.python_version()}


def _means(sums: Mapping[str, float], seen: int) -> dict[str, float]:
    return {name: total / max(seen, 1) for name, total in sums.items()}
