"""One part of a set: reads its images, gathers facts, and writes the bytes to their rows of the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.own.convert import converted, finite_images
from vae_explorer.data.own.facts import Facts
from vae_explorer.data.own.found import Images
from vae_explorer.data.own.plan import Plan

NO_ROWS: NDArray[np.int64] = np.zeros(0, np.int64)
_NOT_FINITE = "holds numbers that are not finite (NaN or infinity)"


@dataclass(frozen=True, slots=True)
class Target:
    """A file of images (n, H, W, C) that several processes write."""

    path: str
    start: int  # bytes before the first image


@dataclass(frozen=True, slots=True)
class Job:
    """Images to read. `rows` (k,) are their rows in `target`, which is None to gather facts alone."""

    first: int  # the place of the first image in the whole set
    images: Images
    background: int
    sampled: int  # pixels of each deep image
    plan: Plan | None = None
    target: Target | None = None
    rows: NDArray[np.int64] = field(default_factory=lambda: NO_ROWS)

    def __len__(self) -> int:
        return len(self.images)

    def only(self, place: int) -> Job:
        """Return the job of one image."""
        rows = self.rows[place : place + 1]
        images = self.images.part(place, place + 1)
        return Job(self.first + place, images, self.background, self.sampled, self.plan, self.target, rows)


@dataclass(slots=True)
class Done:
    """What a job found. `faults` give places in the whole set, and why the images there are left out."""

    facts: Facts = field(default_factory=Facts)
    faults: dict[int, str] = field(default_factory=dict)
    images: int = 0  # with or without faults

    def merge(self, other: Done) -> None:
        self.facts.merge(other.facts)
        self.faults |= other.faults
        self.images += other.images


def do(job: Job) -> Done:
    """Read the images of `job` and write them. Raises `OSError` if the disk refuses."""
    done = Done(images=len(job))
    pieces: list[tuple[NDArray[np.int64], NDArray[np.uint8]]] = []
    for first, block in job.images.blocks(job.background):
        if isinstance(block, str):
            done.faults[job.first + first] = block
            continue
        places = first + np.arange(len(block))
        kept = _finite(block, places, job, done)
        block, places = (block, places) if kept.all() else (block[kept], places[kept])
        done.facts.add(block, job.sampled)
        if job.plan is not None and job.target is not None and len(block):
            pieces.append((job.rows[places], converted(block, job.plan)))
    if pieces and job.target is not None:
        rows, images = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        _write(job.target, rows, images)
    return done


def _finite(block: NDArray[Any], places: NDArray[np.int64], job: Job, done: Done) -> NDArray[np.bool_]:
    kept = finite_images(block)
    done.faults |= {job.first + int(place): _NOT_FINITE for place in places[~kept]}
    return kept


def _write(target: Target, rows: NDArray[np.int64], images: NDArray[np.uint8]) -> None:
    """Write `images` (k, H, W, C) to `rows`, each run of neighbouring rows at once."""
    order = np.argsort(rows)
    rows, size = rows[order], images[0].size
    with open(target.path, "r+b", buffering=0) as file:
        for start, end in _runs(rows):
            file.seek(target.start + int(rows[start]) * size)
            left = memoryview(np.ascontiguousarray(images[order[start:end]]).reshape(-1).data)
            while left:
                left = left[file.write(left) :]


def _runs(rows: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each run of neighbouring numbers in sorted `rows`."""
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    return pairwise([0, *breaks.tolist(), len(rows)])
