"""An epoch of the command line's training beside two busy processes, against an epoch alone."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise

from tests.benchmarks.tools import row

BUSY = 2  # processes
ROUNDS = 3  # medians of this many
RUNS = {  # options of `train`, and epochs to look at after a first one
    "digits, 64-256-128, batch 64": (("--dataset", "digits"), 10),
    "MNIST, 784-512-512, batch 256": (("--dataset", "mnist", "--hidden", "512", "512"), 2),
}


def measure() -> list[dict[str, str]]:
    return [_ratio(what, *run) for what, run in RUNS.items()]


def _ratio(what: str, options: tuple[str, ...], epochs: int) -> dict[str, str]:
    pairs = []
    for _ in range(ROUNDS):
        alone = _epoch(options, epochs)
        with _busy():
            pairs.append((alone, _epoch(options, epochs)))
    ratio = statistics.median(beside / alone for alone, beside in pairs)
    seconds = statistics.median(alone for alone, _ in pairs)
    return row(f"epoch beside {BUSY} busy processes, beside one alone ({what})", "≤ 3.5 ×", f"{ratio:.2f} × ({seconds:.3f} s)")


def _epoch(options: tuple[str, ...], epochs: int) -> float:
    """Median seconds from one epoch's line to the next."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "vae_explorer", "train", "--json", "--epochs", str(epochs + 1)]
        words += [*options, "--out", f"{folder}/m.safetensors"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as training:
            assert training.stdout
            stamps = [time.perf_counter() for line in training.stdout if json.loads(line)["event"] == "epoch"]
    return statistics.median(after - before for before, after in pairwise(stamps))


@contextmanager
def _busy() -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(BUSY):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(process.kill)
        yield
