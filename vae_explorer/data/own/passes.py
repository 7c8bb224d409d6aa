"""Reads a whole set by one plan, and again where the facts call for another plan."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import Progress, ShouldStop
from vae_explorer.data.own.crew import done_by_crew, done_here
from vae_explorer.data.own.facts import sampled_pixels
from vae_explorer.data.own.found import Found
from vae_explorer.data.own.jobs import Done, Job, Target, do
from vae_explorer.data.own.plan import Plan, settle
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.stopping import check_stop
from vae_explorer.errors import UserError
from vae_explorer.machine import processors

FIRST_LOOK, _LOOK_SECONDS = 64, 0.5  # images, and the time after which no more are looked at
WORTH_A_CREW = 1.0  # seconds of reading; processes take half a second to start
AT_ONCE, _BYTES_AT_ONCE = 128, 1 << 24  # images of a job, and their bytes at most


@dataclass(frozen=True, slots=True)
class Outcome:
    """A set that has been read. `faults` give places in the source, and why the images there are left out."""

    plan: Plan
    notes: tuple[str, ...]
    faults: dict[int, str]


class Passes:
    """Reads the images of `found` into the file `path`, image i to row `rows`[i]."""

    def __init__(self, found: Found, reading: Reading, path: Path, rows: NDArray[np.int64]) -> None:
        self._found, self._reading, self._path, self._rows = found, reading, path, rows
        self._sampled = sampled_pixels(len(found.images))

    def run(self, progress: Progress, should_stop: ShouldStop) -> Outcome:
        """Read until the plan fits the facts of all images: once if the first look shows what they are like, else twice.

        Raises `UserError` if no image can be read, and `Cancelled`.
        """
        first, seconds = self._first_look(should_stop)
        plan = self._settled(first)[0] if first.facts.sizes else None
        processes = processors() if seconds * len(self._rows) > WORTH_A_CREW else 0
        while True:
            done = self._pass(plan, processes, progress, should_stop)
            if not done.facts.sizes:
                place = min(done.faults)
                name, reason = self._found.images.name(place), done.faults[place]
                raise UserError(f"none of the {len(self._rows):,} images can be read; {name} {reason}")
            right, notes = self._settled(done)
            if right == plan:
                return Outcome(right, notes, done.faults)
            plan = right

    def _first_look(self, should_stop: ShouldStop) -> tuple[Done, float]:
        """Read some images from all over the set; return what they are like, and the seconds an image."""
        done, begun = Done(), time.monotonic()
        for place in np.linspace(0, len(self._rows) - 1, min(FIRST_LOOK, len(self._rows))).astype(int):
            check_stop(should_stop)
            done.merge(do(self._job(int(place), int(place) + 1, None)))
            if time.monotonic() - begun > _LOOK_SECONDS:
                break
        return done, (time.monotonic() - begun) / done.images

    def _settled(self, done: Done) -> tuple[Plan, tuple[str, ...]]:
        return settle(done.facts, self._reading, self._found.arrays)

    def _pass(self, plan: Plan | None, processes: int, progress: Progress, should_stop: ShouldStop) -> Done:
        if plan is not None:
            self._make_file(plan)
        jobs, done = self._jobs(plan), Done()
        answers = done_by_crew(jobs, processes, should_stop) if processes > 1 else done_here(jobs, should_stop)
        for answer in answers:
            done.merge(answer)
            progress("images", done.images, len(self._rows))
        return done

    def _make_file(self, plan: Plan) -> None:
        """Write the header of the file. The rows follow in any order."""
        header = {"descr": "|u1", "fortran_order": False, "shape": (len(self._rows), *plan.shape)}
        with self._path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            self._start = file.tell()
            file.truncate(self._start + len(self._rows) * int(np.prod(plan.shape)))

    def _jobs(self, plan: Plan | None) -> Iterator[Job]:
        at_once = AT_ONCE if plan is None else max(1, min(AT_ONCE, _BYTES_AT_ONCE // int(np.prod(plan.shape))))
        for start in range(0, len(self._rows), at_once):
            yield self._job(start, min(start + at_once, len(self._rows)), plan)

    def _job(self, start: int, stop: int, plan: Plan | None) -> Job:
        images = self._found.images.part(start, stop)
        target = None if plan is None else Target(str(self._path), self._start)
        return Job(start, images, self._reading.background, self._sampled, plan, target, self._rows[start:stop])
