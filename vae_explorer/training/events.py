"""What a training run says of itself: one union of frozen, picklable events, read alike by the command line and the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vae_explorer.kinds import Part
from vae_explorer.models.model_file import ModelFile


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
    """Sent a few times a second, not for every step."""

    step: int
    steps: int
    epoch: int
    seconds: float  # since the first step


@dataclass(frozen=True, slots=True)
class EpochDone:
    """Means over the epoch's training images and over images that it does not train on, in nats an image."""

    epoch: int
    epochs: int
    seconds: float  # of this epoch
    train: Mapping[str, float]  # elbo, reconstruction, kl
    measured: Mapping[str, float]  # terms of the part that `part` names
    part: Part
    snapshot: ModelFile | None  # the model as it is now: now and then, where the listener asked for snapshots


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has ended or was stopped; `model` holds the last finite weights. `reason` is empty where all went well."""

    model: ModelFile
    stopped: bool
    reason: str = ""
    untrained: bool = False  # it was stopped before its first step, so that there is nothing to keep


@dataclass(frozen=True, slots=True)
class Failed:
    """No model came of it. `message` is one line for a person, `details` for a report."""

    message: str
    details: str = ""
    cancelled: bool = False  # the person stopped it before there was anything to keep


TrainEvent = DownloadProgressed | Started | StepDone | EpochDone | Finished | Failed
