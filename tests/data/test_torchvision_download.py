"""torchvision's own download, in a child process: from a mirror on this machine, cut, cancelled and killed."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.data.conftest import Mirror, unpacked_files
from tests.processes import child_processes
from vae_explorer.data import torchvision_download
from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError

FETCHING = """
import sys
from pathlib import Path
from vae_explorer.data import torchvision_download
from vae_explorer.data.base import Fetching
torchvision_download.CHILD = sys.argv[2]
tell = lambda *news: print(*news, flush=True)
torchvision_download.download("KMNIST", [{"train": True}], Fetching(Path(sys.argv[1]), progress=tell))
"""


@pytest.fixture
def tiny_kmnist(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A KMNIST of 32 images on the mirror, where the child's torchvision looks for it."""
    archives = {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in unpacked_files().items()}
    mirror.files |= {f"/{name}": data for name, data in archives.items()}
    resources = [
        (f"{part}-{kind}-ubyte.gz", hashlib.md5(archives[f"{part}-{kind}-ubyte.gz"], usedforsecurity=False).hexdigest())
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ]
    theirs = f"from torchvision.datasets import KMNIST; KMNIST.mirrors = [{mirror.address + '/'!r}]; "
    theirs += f"KMNIST.resources = {resources!r}; main()"
    monkeypatch.setattr(torchvision_download, "CHILD", torchvision_download.CHILD.replace("main()", theirs))
    return mirror


def fake_child(monkeypatch: pytest.MonkeyPatch, download: str) -> None:
    """Give the child a torchvision that downloads by these lines, which know the folder `root`; it needs no torch."""
    lines = f"import os, time\ndef KMNIST(root, download, train):\n    {download}\n"
    module = "from types import SimpleNamespace as Fake; sys.modules['torchvision'] = Fake(datasets=Fake(KMNIST=KMNIST))"
    monkeypatch.setattr(
        torchvision_download, "CHILD", torchvision_download.CHILD.replace("main()", f"exec({lines!r}); {module}; main()")
    )


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refusal(root: Path) -> str:
    with pytest.raises(UserError) as refused:
        load_dataset("kmnist", Fetching(root))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_that_a_missing_set_is_fetched_checked_and_read(tiny_kmnist: Mirror, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    dataset = load_dataset("kmnist", Fetching(tmp_path, progress=lambda *news: seen.append(news)))
    files = unpacked_files()
    assert dataset.train.images.tobytes() == files["train-images-idx3-ubyte"][16:]
    assert dataset.test.labels.tobytes() == files["t10k-labels-idx1-ubyte"][8:]
    sizes = {name[1:]: len(data) for name, data in tiny_kmnist.files.items()}
    assert {(name, size, size) for name, size in sizes.items()} <= set(seen)
    assert files_below(tmp_path) == sorted(f"KMNIST/raw/{name}" for name in [*files, *sizes])
    tiny_kmnist.asked.clear()
    assert np.array_equal(load_dataset("kmnist", Fetching(tmp_path)).train.images, dataset.train.images)
    assert tiny_kmnist.asked == []


def test_that_a_persons_other_files_stay(tiny_kmnist: Mirror, tmp_path: Path) -> None:
    raw = tmp_path / "KMNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "notes.txt").write_text("mine")
    (raw / "train-images-idx3-ubyte").write_bytes(b"half a file of a download that was cut")
    assert len(load_dataset("kmnist", Fetching(tmp_path)).train) == 20
    assert (raw / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("fault", ["wrong", "cut"])
def test_that_a_fault_of_the_mirror_gets_one_line_and_leaves_nothing(fault: str, tiny_kmnist: Mirror, tmp_path: Path) -> None:
    path = "/t10k-images-idx3-ubyte.gz"
    if fault == "wrong":
        tiny_kmnist.files[path] = b"something else"
    else:
        tiny_kmnist.cut.add(path)
    said = refusal(tmp_path)
    assert said.startswith("cannot download KMNIST (")
    assert (
        "t10k-images-idx3-ubyte.gz: Tried https://" in said or "File not found or corrupted" in said
    )  # as torchvision 0.21 says
    assert os.listdir(tmp_path) == []


def test_that_without_a_network_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_names = "import socket, urllib.error\n    raise urllib.error.URLError(socket.gaierror(-2, 'Name not known'))"
    fake_child(monkeypatch, no_names)
    assert refusal(tmp_path) == (
        "cannot download KMNIST (<urlopen error [Errno -2] Name not known>); check the network, "
        f"or put torchvision's files into {tmp_path}, or train on 'digits', which needs no download"
    )


@pytest.mark.parametrize("end", ["os._exit(9)", "raise KeyboardInterrupt"])
def test_that_a_child_that_ends_early_is_said(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_child(monkeypatch, end)
    assert "cannot download KMNIST (the process that downloads ended early)" in refusal(tmp_path)
    assert os.listdir(tmp_path) == []


HALF = "open(root + '/half', 'w').write('x'); time.sleep(600)"


def test_that_a_cancelled_download_ends_its_process_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_child(monkeypatch, HALF)
    before = child_processes()
    stop = Fetching(tmp_path, should_stop=lambda: any("half" in name for name in files_below(tmp_path)))
    with pytest.raises(Cancelled, match="the download was cancelled; nothing was kept"):
        load_dataset("kmnist", stop)
    assert child_processes() == before
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_that_a_killed_program_ends_its_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_child(monkeypatch, HALF)
    words = [sys.executable, "-c", FETCHING, str(tmp_path), torchvision_download.CHILD]
    deadline = time.monotonic() + 60
    with subprocess.Popen(words) as program:
        while not any("half" in name for name in files_below(tmp_path)):
            assert program.poll() is None
            assert time.monotonic() < deadline
        children = [int(word) for word in Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()]
        program.send_signal(signal.SIGKILL)
    assert len(children) == 1
    while Path(f"/proc/{children[0]}").exists():
        assert time.monotonic() < deadline
    assert not (tmp_path / "KMNIST").exists()
    fake_child(monkeypatch, "raise ValueError('nothing')")
    refusal(tmp_path)
    assert os.listdir(tmp_path) == []  # what the killed program left is gone


def test_that_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "choose another folder with --data-dir" in refusal(tmp_path / "file")
