"""Decodes on its own thread: the newest request of each key, the most urgent key first."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from vae_explorer.gui.core.model_thread import ModelThread
from vae_explorer.latent.section import Section
from vae_explorer.poses import Pose

if TYPE_CHECKING:
    from vae_explorer.inference.trained import TrainedModel

CURSOR, INSPECT, DENSITY, PATH, MANIFOLD = "cursor", "inspect", "density", "path", "manifold"
POSTERIOR_DRAWS, PRIOR_DRAWS, TRAVERSALS = "posterior_draws", "prior_draws", "traversals"
_URGENCY = (CURSOR, INSPECT, POSTERIOR_DRAWS, DENSITY, PATH, PRIOR_DRAWS, TRAVERSALS, MANIFOLD)
IMAGES = tuple(key for key in _URGENCY if key != DENSITY)  # keys whose answers are images
_CHUNK = 16  # points between two looks into the mailbox: half a millisecond


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    key: str
    z: NDArray[np.float32]  # (n, 2) on the map, or (n, d) in the latent space
    revision: int = -1
    condition: NDArray[np.float32] | None = None  # (n, C): weights of the classes if conditional
    switches: frozenset[str] = frozenset()  # those of the family that are on
    image: NDArray[np.uint8] | None = None  # (H, W, C) to reconstruct from its code z
    pose: Pose | None = None  # of a family with a pose; a reconstruction has the pose of its image
    section: Section | None = None  # lifts z to the latent space; the decoder sets it
    ticket: int = -1


@dataclass(frozen=True, slots=True)
class DecodeAnswer:
    key: str
    z: NDArray[np.float32]  # (n, 2) of the request
    images: NDArray[np.uint8]  # (n, H, W, C)
    revision: int
    milliseconds: float
    ticket: int = -1


@dataclass(frozen=True, slots=True)
class DensityRequest:
    image: NDArray[np.uint8]  # (H, W, C)
    label: int
    z: NDArray[np.float32]  # (n, 2)
    revision: int = -1
    section: Section | None = None  # lifts z to the latent space; the decoder sets it
    ticket: int = -1
    key: str = DENSITY


@dataclass(frozen=True, slots=True)
class DensityAnswer:
    log_density: NDArray[np.float64]  # (n,) nats, at the points of the request
    ticket: int = -1
    key: str = DENSITY


DecoderRequest = DecodeRequest | DensityRequest


class DecodeThread(ModelThread[DecoderRequest]):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("decodeThread", _URGENCY, "nothing can be decoded", parent)
        self._lock, self._is_handed_over = threading.Lock(), threading.Event()
        self._awaited: DecodeRequest | None = None  # the request that `ask` waits for
        self._handed: DecodeAnswer | None = None

    def ask(self, request: DecodeRequest, seconds: float) -> DecodeAnswer | None:
        """Post a request and wait up to `seconds`. A later answer comes by `answered`.

        Beside a busy GUI thread decoding takes three times as long, since every step waits for the interpreter's lock.
        """
        with self._lock:
            self._awaited, self._handed = request, None
            self._is_handed_over.clear()
        self.post(request)
        self._is_handed_over.wait(seconds)
        with self._lock:
            self._awaited = None
            return self._handed

    def answer(self, model: TrainedModel, request: DecoderRequest) -> None:
        if isinstance(request, DecodeRequest):
            self._decode(request)
        else:
            found = model.log_posterior(
                request.image / np.float32(255), _lifted(request, request.z), request.label if model.card.spec.classes else None
            )
            self.answered.emit(DensityAnswer(found, request.ticket))

    def _decode(self, request: DecodeRequest) -> None:
        parts: list[NDArray[np.uint8]] = []
        seconds = 0.0
        for start in range(0, len(request.z), _CHUNK):
            while (urgent := self._mailbox.take_before(request.key)) is not None:
                self._serve(urgent)
            if self._model is None or request.revision != self._revision or self._mailbox.is_stale(request.key):
                return
            begun = time.perf_counter()
            parts.append(_decoded(self._model, request, slice(start, start + _CHUNK)))
            seconds += time.perf_counter() - begun
        images = parts[0] if len(parts) == 1 else np.concatenate(parts)
        self._deliver(request, DecodeAnswer(request.key, request.z, images, request.revision, 1000 * seconds, request.ticket))

    def _deliver(self, request: DecodeRequest, answer: DecodeAnswer) -> None:
        with self._lock:
            if self._awaited is request:
                self._handed = answer
                self._is_handed_over.set()
                return
        self.answered.emit(answer)


def _decoded(model: TrainedModel, request: DecodeRequest, part: slice) -> NDArray[np.uint8]:
    from vae_explorer.inference.trained import to_pixels

    condition = None if request.condition is None else request.condition[part]
    z = _lifted(request, request.z[part])
    if request.image is not None:
        images = model.reconstruct(request.image[None] / np.float32(255), z, condition)
        return to_pixels(images).reshape(-1, *model.image_shape)
    return model.decode_uint8(z, condition, request.switches, request.pose)


def _lifted(request: DecoderRequest, z: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the latent points (n, d) of places (n, 2) on the map. Latent points stay as they are."""
    section = request.section
    return z if section is None or z.shape[1] == section.latents else section.lift(z)
