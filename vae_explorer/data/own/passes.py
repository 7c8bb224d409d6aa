"""Reads a whole set by one plan, and again where the facts call for another plan."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import Progress, ShouldStop
from vae_explorer.data.own.crew import done_by_crew, done_here
from vae_explorer.data.own.facts import sampled_pixels
from vae_explorer.data.own.found import Found
from vae_explorer.data.own.jobs import NO_ROWS, Done, Job, Target
from vae_explorer.data.own.plan import Plan, settle
from vae_explorer.data.own.reading import Reading
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
    """Reads the images of `found` into the file `path`, image i to row `rows`[i].

    With `apart`, this process reads no file: a file that kills its reader leaves this process alone.
    """

    def __init__(self, found: Found, reading: Reading, path: Path, rows: NDArray[np.int64], apart: bool = False) -> None:
        self._found, self._reading, self._path, self._rows, self._apart = found, reading, path, rows, apart

    def run(self, progress: Progress, should_stop: ShouldStop) -> Outcome:
        """Read until the plan fits the facts of all images: once if the first look shows what they are like, else twice.

        Raises `UserError` if no image can be read, and `Cancelled`.
        """
        first, seconds = first_look(self._found, self._reading, should_stop, self._apart)
        plan = self._settled(first)[0] if first.facts.sizes else None
        processes = processors() if seconds * len(self._rows) > WORTH_A_CREW else int(self._apart)
        while True:
            done = self._pass(plan, processes, progress, should_stop)
            if not done.facts.sizes:
                raise none_readable(self._found, len(self._rows), done.faults)
            right, notes = self._settled(done)
            if right == plan:
                return Outcome(right, notes, done.faults)
            plan = right

    def _settled(self, done: Done) -> tuple[Plan, tuple[str, ...]]:
        return settle(done.facts, self._reading, self._found.arrays)

    def _pass(self, plan: Plan | None, processes: int, progress: Progress, should_stop: ShouldStop) -> Done:
        if plan is not None:
            self._make_file(plan)
        jobs, done = self._jobs(plan), Done()
        in_crew = processes > 1 or self._apart
        for answer in done_by_crew(jobs, processes, should_stop) if in_crew else done_here(jobs, should_stop):
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
        target = None if plan is None else Target(str(self._path), self._start)
        return job_of(self._found, self._reading, start, stop, plan, target, self._rows[start:stop])


def job_of(
    found: Found,
    reading: Reading,
    start: int,
    stop: int,
    plan: Plan | None = None,
    target: Target | None = None,
    rows: NDArray[np.int64] = NO_ROWS,
) -> Job:
    """Return the job that reads images `start` to `stop` of a source."""
    sampled = sampled_pixels(len(found.images))
    return Job(start, found.images.part(start, stop), reading.background, sampled, plan, target, rows)


def first_look(
    found: Found, reading: Reading, should_stop: ShouldStop, apart: bool, patience: float = _LOOK_SECONDS
) -> tuple[Done, float]:
    """Read some images from all over the set; return what they are like, and the seconds an image."""
    places = np.linspace(0, len(found.images) - 1, min(FIRST_LOOK, len(found.images))).astype(int).tolist()
    jobs = [job_of(found, reading, place, place + 1) for place in places]
    done, begun = Done(), time.monotonic()
    with closing(done_by_crew(jobs, 1, should_stop) if apart else done_here(jobs, should_stop)) as answers:
        for answer in answers:
            if apart and not done.images:
                begun = time.monotonic()  # the process has started
            done.merge(answer)
            if time.monotonic() - begun > patience:
                break
    return done, (time.monotonic() - begun) / done.images


def none_readable(found: Found, images: int, faults: Mapping[int, str]) -> UserError:
    place = min(faults)
    return UserError(f"none of the {images:,} images can be read; {found.images.name(place)} {faults[place]}")
