"""What every test needs: folders of its own, a small trained model, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup` ignores it, and so would every program that a test starts

if "PYTEST_XDIST_WORKER" in os.environ:  # other tests run beside these: what asks for no number of threads gets one
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported

from tests.packages import GROUP, Install, write_package
from tests.processes import child_processes
from vae_explorer.data.sources import DATASETS
from vae_explorer.models.families import FAMILIES
from vae_explorer.registry import Registry
from vae_explorer.training.config import TrainConfig

_REAL_DATA = Path(os.environ.get("VAE_EXPLORER_DATA", "/nowhere"))
_REAL_IMAGES = _REAL_DATA / "MNIST" / "raw" / "train-images-idx3-ubyte.gz"


@pytest.fixture(autouse=True)
def own_folders(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own data, runs, settings or logs."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("VAE_EXPLORER_RUNS", str(tmp_path / "runs"))
    real = request.node.get_closest_marker("real_data") is not None
    if real and not _REAL_IMAGES.is_file():
        pytest.skip(f"VAE_EXPLORER_DATA does not hold the MNIST files ({_REAL_IMAGES} is not there)")
    monkeypatch.setenv("VAE_EXPLORER_DATA", str(_REAL_DATA if real else tmp_path / "data"))


@pytest.fixture
def own_tables() -> Iterator[None]:
    """Let a test register families and data sets, and forget them afterwards."""
    tables: tuple[Registry[Any], ...] = (FAMILIES, DATASETS)
    before = [table.names() for table in tables]
    yield
    for table, names in zip(tables, before, strict=True):
        for name in set(table.names()).difference(names):
            table.remove(name)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_tables: None) -> Iterator[Install]:
    """Install a package of one module with these entry points, as pip does."""
    site = tmp_path / "site"

    def look_again() -> None:
        for table in (DATASETS, FAMILIES):
            table.look_again()

    def installed(package: str, code: str, group: str = GROUP, **points: str) -> None:
        monkeypatch.delitem(sys.modules, write_package(site, package, code, group, **points), raising=False)
        look_again()

    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *sys.path]))
    yield installed
    monkeypatch.undo()
    look_again()


@pytest.fixture(scope="session")
def tiny_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a digits model that was trained for two epochs. Not to be changed."""
    from vae_explorer.models.model_file import write_model_file
    from vae_explorer.training.config import TrainConfig
    from vae_explorer.training.events import Finished
    from vae_explorer.training.loop import train

    *_, last = train(TrainConfig(dataset="digits", epochs=2, hidden=(16,), name="tiny"))
    assert isinstance(last, Finished)
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    write_model_file(path, last.model)
    return path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[TrainConfig]:
    """What `vae-explorer train` would train; nothing is trained, and the command ends with status 2."""
    from vae_explorer.errors import UserError

    configs: list[TrainConfig] = []

    def train(config: TrainConfig, *_: object, **__: object) -> Iterator[object]:
        configs.append(config)
        raise UserError("far enough")

    monkeypatch.setattr("vae_explorer.training.loop.train", train)
    return configs


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fails a test that leaves a thread or a child process running."""
    threads, children = set(threading.enumerate()), child_processes()
    yield
    left = [thread for thread in threading.enumerate() if thread not in threads and not thread.daemon]
    for thread in left:
        thread.join(timeout=5)  # one that is about to end has not been left behind
    names = [thread.name for thread in left if thread.is_alive()]
    names += [f"process {number}: {_words_of(number)}" for number in sorted(child_processes() - children)]
    if names:
        pytest.fail(f"the test left running: {', '.join(names)}")


def _words_of(number: int) -> str:
    try:
        return Path(f"/proc/{number}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
    except OSError:
        return "ended"


@pytest.fixture
def small_disk() -> Callable[[int], AbstractContextManager[None]]:
    """A block in which the kernel cuts every file off at so many bytes, as a full disk does, and says EFBIG."""
    resource = pytest.importorskip("resource")

    @contextlib.contextmanager
    def files_of_at_most(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return files_of_at_most
