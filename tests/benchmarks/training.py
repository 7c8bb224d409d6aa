"""The training loop, beside bare matrix products and beside a plain loop: an epoch, and the way to a given quality."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import torch

from tests.benchmarks.peers import HIDDEN, PlainLoop, products_of_an_epoch
from tests.benchmarks.tools import row
from vae_explorer import locations
from vae_explorer.data.base import Dataset, Fetching, never
from vae_explorer.data.sources import load_dataset
from vae_explorer.kinds import Binarised, Part
from vae_explorer.models.linear import faster_product, product_type, short_products
from vae_explorer.models.measure import measured_images
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.run import Run

PAIRS = 5  # medians of this many
BATCH, PLAIN_BATCH = 256, 128
QUALITY = -145.0  # nats
RECIPE = {"epochs": 4, "learning_rate": 8e-3}
LOOK_SECONDS = 0.1  # of training between two looks at the test ELBO


def measure() -> list[dict[str, str]]:
    dataset = load_dataset("mnist", Fetching(locations.data()))
    return [*_epochs(dataset), _time_to_quality(dataset)]


def _run(dataset: Dataset, **changes: object) -> Run:
    config = TrainConfig(dataset="mnist", hidden=HIDDEN, batch_size=BATCH, binarised="dynamic", **changes)  # type: ignore[arg-type]
    return Run(config, dataset, torch.device("cpu"))


def _epochs(dataset: Dataset) -> list[dict[str, str]]:
    run, plain, images = _run(dataset, epochs=PAIRS + 1), PlainLoop(BATCH), len(dataset.train)
    works: dict[str, Callable[[], float]] = {
        "ours": lambda: _seconds(run.epoch(1, never)),
        "bare": lambda: products_of_an_epoch(images, BATCH, torch.mm),
        "plain": lambda: _seconds(plain.epoch()),
        "faster": lambda: _quick_products(images),
    }
    for work in works.values():
        work()  # the first time of everything is slow
    rounds = [{name: work() for name, work in works.items()} for _ in range(PAIRS)]
    ours = statistics.median(each["ours"] for each in rounds)

    def ratio(peer: str) -> str:
        return f"{statistics.median(each['ours'] / each[peer] for each in rounds):.2f} × ({ours:.2f} s)"

    slower = statistics.median(each["plain"] / each["ours"] for each in rounds)

    return [
        row("epoch of 784-512-512, batch 256, beside its matrix products by torch.mm", "≤ 1.35 ×", ratio("bare")),
        row(f"the same beside the products that it uses, of {product_type()}", "", ratio("faster")),
        row(
            "beside a DataLoader loop, same network and batch",
            "≥ 2.5 ×",
            f"{slower:.1f} ×",
        ),
    ]


def _quick_products(images: int) -> float:
    with short_products():
        return products_of_an_epoch(images, BATCH, faster_product)


def _time_to_quality(dataset: Dataset) -> dict[str, str]:
    run, plain = _run(dataset, **RECIPE), PlainLoop(PLAIN_BATCH)
    test = measured_images(dataset.test.images, Binarised.DYNAMIC)
    epochs = (run.epoch(epoch, never) for epoch in range(1, RECIPE["epochs"] + 1))  # type: ignore[call-overload]
    ours = _seconds_to(QUALITY, epochs, lambda: run.measured(Part.TEST).means["elbo"])
    peer = _seconds_to(QUALITY, (plain.epoch() for _ in range(50)), lambda: plain.elbo(test))
    return row(
        "time to test ELBO −145, beside that loop (Adam 1e-3, batch 128)", "≤ 0.25 ×", f"{ours / peer:.2f} × ({ours:.1f} s)"
    )


def _seconds(work: Iterator[object]) -> float:
    begun = time.perf_counter()
    for _ in work:
        pass
    return time.perf_counter() - begun


def _seconds_to(goal: float, epochs: Iterator[Iterator[object]], elbo: Callable[[], float]) -> float:
    """Seconds of training, without the looks, until `elbo` is at `goal`."""
    spent = looked = 0.0
    begun = time.perf_counter()
    for epoch in epochs:
        for _ in epoch:
            now = spent + time.perf_counter() - begun
            if now - looked >= LOOK_SECONDS:
                spent = looked = now
                if elbo() >= goal:
                    return spent
                begun = time.perf_counter()
    return float("nan")
