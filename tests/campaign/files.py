"""1,000 mutated model files, each through the Python API and through the window: opened, or refused in one line."""

from __future__ import annotations

import random
import time

import numpy as np

import vae_explorer as vx
from tests.campaign.mutations import mutations
from tests.campaign.report import Report
from tests.campaign.sandbox import folder
from tests.campaign.window import Gaps, Watch, close_window, open_window, settle, wait
from vae_explorer.errors import UserError
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.models.catalogue import pretrained_models

FILES = 1000
LONGEST = 10.0  # seconds until a file that neither opens nor is refused counts as hanging
LARGEST_GAP = 2.0  # seconds on a quiet machine: loading happens beside the event loop


def attack(seed: int, share: float) -> Report:
    report, watch, gaps = Report("files", seed), Watch(), Gaps()
    good = pretrained_models()["digits-vae"].read_bytes()
    window = open_window("digits-vae")
    news: list[str] = []
    window.session.problem_raised.connect(lambda message, _: news.append(message))
    window.session.model_changed.connect(lambda _: news.append(""))
    opened = refused = 0
    for number, (name, data) in enumerate(mutations(good, random.Random(seed), max(round(FILES * share), 5))):
        path = folder() / f"mutant-{number}.safetensors"
        path.write_bytes(data)
        with report.attempt(f"file {number}, {name}, Python"):
            opened, refused = (opened + 1, refused) if _load(path) else (opened, refused + 1)
        with report.attempt(f"file {number}, {name}, window", watch.take):
            _open(window, path, news, gaps, f"file {number}, {name}")
        path.unlink()
    with report.attempt("close", lambda: close_window(window) + watch.take()):
        if gaps.largest > LARGEST_GAP:
            raise TimeoutError(f"the event loop stood still for {gaps.largest:.2f} s ({gaps.at})")
    report.note(f"{opened} opened, {refused} refused, largest gap {gaps.largest:.2f} s")
    return report


def _load(path: object) -> bool:
    """Whether the file opens by the API; refusing it takes one line and no more than some seconds."""
    begun = time.monotonic()
    try:
        model = vx.load(path)  # type: ignore[arg-type]
        model.decode(np.zeros((1, 2)))
    except UserError as error:
        if "\n" in str(error) or len(str(error)) > 1000:
            raise RuntimeError(f"not one line: {str(error)[:200]!r}") from error
        return False
    finally:
        if time.monotonic() - begun > LONGEST:
            raise TimeoutError(f"took {time.monotonic() - begun:.0f} s")
    return True


def _open(window: MainWindow, path: object, news: list[str], gaps: Gaps, what: str) -> None:
    news.clear()
    window.open_model(path)  # type: ignore[arg-type]
    begun = time.monotonic()
    while not news:
        with gaps.around(what):
            time.sleep(0.001)
        if time.monotonic() - begun > LONGEST:
            raise TimeoutError("neither opened nor refused")
    with gaps.around(what):
        pass
    settle(window)
    wait(lambda: window.session.model is not None)
