"""Spreads many images over threads, each with its own engine and part of the plane.

Each uses one thread of torch, since threads of a shared matrix product wait for one another on a busy machine.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.inference.evidence.cover import POINTS
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.grouping import TOGETHER
from vae_explorer.inference.evidence.results import Rows
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.machine import processors

T = TypeVar("T")
Work = Callable[[EvidenceEngine, Rows], T]
MAX_THREADS = 8
BUDGET = 44_000_000  # bytes of the decoded plane in all threads together
LEAST_BUDGET = 22_000_000  # bytes a thread, for images of up to 784 numbers
LARGE_BUDGET = 400_000_000  # bytes of the decoded planes of larger images, in all threads together
_LEAST_TILES = 430  # a thread: the coarse plane, which every image needs, and room for finer tiles
RUNS = 4  # runs of each thread, about, so that no thread waits long for the last


def usual_threads() -> int:
    """Return how many threads share a survey: one a processor, at most MAX_THREADS."""
    return min(processors(), MAX_THREADS)


def budget_of(pixels: int, threads: int) -> int:
    """Return the bytes that each thread keeps of the decoded plane, for images of `pixels` numbers."""
    tiles = min(_LEAST_TILES * POINTS * pixels * 4, LARGE_BUDGET // threads)
    return max(BUDGET // threads, LEAST_BUDGET, tiles)


def shared_out(
    model: TrainedModel,
    images: ArrayLike,
    label: ArrayLike | None,
    work: Work[T],
    threads: int,
    should_stop: ShouldStop = never,
    together: int = TOGETHER,
) -> Iterator[tuple[Rows, T]]:
    """Yield (rows, result of `work`) for images (n, H, W, C), `together` rows each, unordered.

    `work` gets an engine with `lattice.should_stop` set, and rows of neighbouring images. Raises the errors of `work`,
    `UserError` on images or classes that do not fit the model, and `Cancelled` once `should_stop` is true.
    """
    ended, found = threading.Event(), queue.Queue[tuple[Rows, T] | BaseException]()
    stop: ShouldStop = lambda: ended.is_set() or should_stop()  # noqa: E731
    with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(torch.get_num_threads(),)) as before:
        try:  # threads that end leave their memory to later threads
            chunks = before.submit(_chunks, model, images, label, together, stop).result()
        except BaseException:
            ended.set()
            raise
    runs, budget = deque(_split(chunks, RUNS * threads)), budget_of(model.card.spec.image_size, threads)
    workers = [threading.Thread(target=_run, args=(model, runs, work, budget, stop, found)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        for _ in chunks:
            one = found.get()
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        ended.set()
        for worker in workers:
            worker.join()


def _chunks(
    model: TrainedModel, images: ArrayLike, label: ArrayLike | None, together: int, should_stop: ShouldStop
) -> list[tuple[int, Rows]]:
    engine = EvidenceEngine(model, budget_of(model.card.spec.image_size, 1))
    engine.lattice.should_stop = should_stop
    return engine.chunks(images, label, together)


def _run(
    model: TrainedModel,
    runs: deque[list[tuple[int, Rows]]],
    work: Work[T],
    budget: int,
    should_stop: ShouldStop,
    found: queue.Queue[tuple[Rows, T] | BaseException],
) -> None:
    torch.set_num_threads(1)
    try:
        engine = EvidenceEngine(model, budget)
        while run := _next(runs):
            for label, rows in run:
                engine.build(label, finer=False, should_stop=should_stop)
                found.put((rows, work(engine, rows)))
    except BaseException as error:  # noqa: BLE001 - the thread's edge: it is raised where the answers are read
        found.put(error)


def _next(runs: deque[list[tuple[int, Rows]]]) -> list[tuple[int, Rows]]:
    try:
        return runs.popleft()
    except IndexError:
        return []


def _split(chunks: list[tuple[int, NDArray[np.int64]]], parts: int) -> list[list[tuple[int, Rows]]]:
    ends = np.linspace(0, len(chunks), parts + 1).round().astype(int).tolist()
    return [chunks[start:end] for start, end in pairwise(ends) if start < end]
