"""Events of a training run: frozen, picklable, for command line and window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vae_explorer.kinds import Part
from vae_explorer.models.model_file import ModelFile

STOP = 0  # an order to the child, in place of a number of threads


@dataclass(frozen=True, slots=True)
class DownloadProgressed:
    file: str
    done: int  # bytes
    total: int  # bytes; 0 where unknown


@dataclass(frozen=True, slots=True)
class Started:
    epochs: int
    steps: int  # in all
    device: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """The progress of steps, sent a few times a second."""

    step: int
    steps: int
    epoch: int
    seconds: float  # since the first step


@dataclass(frozen=True, slots=True)
class EpochDone:
    """Means over the epoch's training images, and over the measured part."""

    epoch: int
    epochs: int
    seconds: float  # of this epoch
    train: Mapping[str, float]  # elbo, reconstruction, kl
    measured: Mapping[str, float]  # terms of the part that `part` names
    part: Part
    snapshot: ModelFile | None  # the present model, sometimes, if snapshots are on


@dataclass(frozen=True, slots=True)
class Finished:
    """The run ended; `model` holds the last finite weights. `reason` is empty if all went well."""

    model: ModelFile
    stopped: bool
    reason: str = ""
    untrained: bool = False  # it was stopped before its first step, so that there is nothing to keep


@dataclass(frozen=True, slots=True)
class Failed:
    """The run made no model. `message` is one line for a person, `details` for a report."""

    message: str
    details: str = ""
    cancelled: bool = False  # the person stopped it before its first step


TrainEvent = DownloadProgressed | Started | StepDone | EpochDone | Finished | Failed
