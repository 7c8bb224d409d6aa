"""How many threads a run takes, and how long they spin."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from vae_explorer.runtime.openmp import limit_spinning
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.threads import threads_for

_NAMES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


@pytest.mark.parametrize(
    ("config", "threads"),
    [
        (TrainConfig(dataset="digits"), 1),
        (TrainConfig(dataset="digits", batch_size=256), 8),
        (TrainConfig(dataset="digits", body="conv"), 8),
        (TrainConfig(dataset="mnist"), 8),
        (TrainConfig(dataset="mnist", hidden=(64,), batch_size=16), 1),
        (TrainConfig(dataset="digits", threads=3), 3),
    ],
)
def test_that_small_steps_take_one_thread_and_others_all_that_are_offered(config: TrainConfig, threads: int) -> None:
    assert threads_for(config, 8) == threads


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in _NAMES:
        monkeypatch.setenv(name, "")  # so that the end of the test takes away what is set in it
        monkeypatch.delenv(name)
    return monkeypatch


def test_that_spinning_is_limited_where_the_person_says_nothing(unset: pytest.MonkeyPatch) -> None:
    limit_spinning()
    assert [os.environ.get(name) for name in _NAMES] == [None, "20000", "1"]


@pytest.mark.parametrize("name", _NAMES)
def test_that_what_the_person_sets_holds(unset: pytest.MonkeyPatch, name: str) -> None:
    unset.setenv(name, "ACTIVE" if name == "OMP_WAIT_POLICY" else "7")
    said = os.environ[name]
    limit_spinning()
    assert os.environ[name] == said
    assert name != "OMP_WAIT_POLICY" or "GOMP_SPINCOUNT" not in os.environ


@pytest.mark.parametrize("module", ["cli", "training.child", "gui.app", "training.loop", "inference.trained"])
def test_that_the_limit_is_set_before_torch_is_loaded(module: str) -> None:
    """OpenMP reads its settings when torch loads it, so a later setting would have no effect."""
    code = (
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'torch': print(os.environ.get('GOMP_SPINCOUNT')); os._exit(0)\n"
        f"sys.meta_path.insert(0, Watch())\nimport vae_explorer.{module}\nimport torch"
    )
    clean = {name: value for name, value in os.environ.items() if name not in _NAMES}
    done = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=False)
    assert done.stdout == "20000\n", done.stderr
