"""The first images of a source as a store would hold them, before the source is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.data.columns import Columns
from vae_explorer.data.own.crew import done_by_crew
from vae_explorer.data.own.finding import find
from vae_explorer.data.own.found import Found, Skipped
from vae_explorer.data.own.jobs import Done, Target
from vae_explorer.data.own.labels import columns_of
from vae_explorer.data.own.passes import first_look, job_of, none_readable
from vae_explorer.data.own.plan import Plan, settle
from vae_explorer.data.own.prepare import no_images
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.unpacked import Unpacked

SHOWN = 24
_PATIENCE = 5.0  # seconds of looking at images from all over the set
_TRIED = 3 * SHOWN  # images, to find so many that can be read


@dataclass(frozen=True, slots=True)
class Preview:
    """What a source holds, and how its first images will look."""

    images: NDArray[np.uint8]  # (k, H, W, C)
    names: tuple[str, ...]  # of these images
    found: int  # images in all, before any is read
    notes: tuple[str, ...]
    skipped: tuple[Skipped, ...]  # known so far; files that nobody has read may follow
    columns: Columns  # labels of all images


def preview(
    path: str | os.PathLike[str], reading: Reading, should_stop: ShouldStop = never, unpacked: Unpacked | None = None
) -> Preview:
    """Read some images of the source `path` in another process.

    `unpacked` holds what earlier previews have unpacked. Raises `UserError` if there are no images, or none of those that were
    tried can be read; `Cancelled`.
    """
    source = os.path.abspath(os.path.expanduser(path))
    found = find(source, reading, apart=True)
    if not len(found.images):
        raise no_images(source, found)
    unpacked = unpacked or Unpacked()
    with TemporaryDirectory(prefix="vae-explorer-") as folder, unpacked.opened(found, should_stop) as plain:
        found = replace(found, images=plain)
        done, _ = first_look(found, reading, should_stop, apart=True, patience=_PATIENCE)
        if not done.facts.sizes:
            raise none_readable(found, done.images, done.faults)
        plan, notes = settle(done.facts, reading, found.arrays)
        images, places, faults = _first_images(found, reading, plan, Path(folder) / "preview", should_stop)
    return Preview(
        images,
        tuple(map(found.images.name, places)),
        len(found.images),
        (*found.notes, *notes),
        (*found.skipped, *_skipped(found, done.faults | faults)),
        columns_of(found.labels, found.kinds, found.class_name, reading.class_column, dict(reading.kinds)),
    )


def _first_images(
    found: Found, reading: Reading, plan: Plan, path: Path, should_stop: ShouldStop
) -> tuple[NDArray[np.uint8], list[int], dict[int, str]]:
    """Return the first images (k, H, W, C), their places, and why others were left out."""
    tried = min(len(found.images), _TRIED)
    path.write_bytes(bytes(tried * int(np.prod(plan.shape))))
    target, rows, done = Target(str(path), 0), np.arange(tried), Done()
    jobs = [job_of(found, reading, at, at + 1, plan, target, rows[at : at + 1]) for at in range(tried)]
    with closing(done_by_crew(jobs, 1, should_stop)) as answers:
        _until_enough(done, answers)
    places = [place for place in range(done.images) if place not in done.faults][:SHOWN]
    images = np.fromfile(path, np.uint8).reshape(tried, *plan.shape)[places]
    return images, places, done.faults


def _until_enough(done: Done, answers: Iterator[Done]) -> None:
    """Take answers, in order from the one process, until there are enough images."""
    for answer in answers:
        done.merge(answer)
        if done.images - len(done.faults) == SHOWN:
            return


def _skipped(found: Found, faults: dict[int, str]) -> list[Skipped]:
    return [Skipped(found.images.name(place), faults[place]) for place in sorted(faults)]
