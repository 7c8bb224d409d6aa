from __future__ import annotations

import errno
import hashlib
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from vae_explorer.data import download as download_module
from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.data.download import SECONDS_TO_CONNECT, download
from vae_explorer.errors import UserError

DATA = os.urandom(300_000)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw" / "images.gz"


def fetch(addresses: list[str], target: Path, fetching: Fetching | None = None) -> None:
    download(addresses, target, hashlib.md5(DATA).hexdigest(), fetching or Fetching(target.parent))


def dead_address() -> str:
    """An address on this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/images.gz"


def test_that_a_download_reports_every_step_up_to_the_last_byte(mirror: Any, target: Path) -> None:
    mirror.files["/images.gz"] = DATA
    steps: list[tuple[str, int, int]] = []
    fetch([f"{mirror.address}/images.gz"], target, Fetching(target.parent, progress=lambda *step: steps.append(step)))
    assert target.read_bytes() == DATA
    assert os.listdir(target.parent) == [target.name]
    assert {(name, total) for name, _, total in steps} == {("images.gz", len(DATA))}
    done = [step[1] for step in steps]
    assert len(done) > 2
    assert done == sorted(set(done))
    assert done[-1] == len(DATA)


def test_that_half_a_file_is_never_there(mirror: Any, target: Path) -> None:
    mirror.files["/images.gz"] = DATA
    seen: list[bool] = []
    fetch([f"{mirror.address}/images.gz"], target, Fetching(target.parent, progress=lambda *_: seen.append(target.exists())))
    assert seen
    assert not any(seen)


@pytest.mark.parametrize("fault", ["changed", "cut", "missing", "dead"])
def test_that_a_bad_mirror_leads_to_the_next(mirror: Any, target: Path, fault: str) -> None:
    mirror.files |= {"/good.gz": DATA, "/changed.gz": DATA[1:], "/cut.gz": DATA}
    mirror.cut.add("/cut.gz")
    bad = dead_address() if fault == "dead" else f"{mirror.address}/{fault}.gz"
    fetch([bad, f"{mirror.address}/good.gz"], target)
    assert target.read_bytes() == DATA
    assert mirror.asked[-1] == "/good.gz"
    assert os.listdir(target.parent) == [target.name]


def test_that_a_good_mirror_is_the_last_one_asked(mirror: Any, target: Path) -> None:
    mirror.files["/good.gz"] = DATA
    fetch([f"{mirror.address}/good.gz", f"{mirror.address}/another.gz"], target)
    assert mirror.asked == ["/good.gz"]


def test_that_what_has_another_checksum_is_not_kept(mirror: Any, target: Path) -> None:
    mirror.files["/images.gz"] = DATA[1:]
    with pytest.raises(UserError, match="what arrived has another checksum"):
        fetch([f"{mirror.address}/images.gz"], target)
    assert not os.listdir(target.parent)


def test_that_without_a_network_the_ways_out_are_named(target: Path) -> None:
    address = dead_address()
    with pytest.raises(UserError) as caught:
        fetch([address, address], target)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("cannot download images.gz (127.0.0.1:")
    assert message.count("Connection refused") == 2
    assert "check the network" in message
    assert str(target.parent) in message
    assert "'digits', which needs no download" in message
    assert not os.listdir(target.parent)


def test_that_the_search_for_a_mirror_ends_within_ten_seconds() -> None:
    assert SECONDS_TO_CONNECT < 10


def test_that_a_mirror_that_never_answers_is_given_up(mirror: Any, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.silent = True
    monkeypatch.setattr(download_module, "SECONDS_TO_CONNECT", 0.0)
    with pytest.raises(UserError, match="no answer"):
        fetch([f"{mirror.address}/images.gz"], target)


def test_that_a_cancelled_download_leaves_nothing(mirror: Any, target: Path) -> None:
    mirror.files["/images.gz"] = DATA
    begun: list[int] = []
    fetching = Fetching(target.parent, progress=lambda _, done, __: begun.append(done), should_stop=lambda: bool(begun))
    with pytest.raises(Cancelled, match="the download was cancelled; nothing was kept"):
        fetch([f"{mirror.address}/images.gz", f"{mirror.address}/images.gz"], target, fetching)
    assert len(begun) == 1
    assert mirror.asked == ["/images.gz"]
    assert not os.listdir(target.parent)


def test_that_waiting_for_a_mirror_can_be_cancelled(mirror: Any, target: Path) -> None:
    mirror.silent = True
    with pytest.raises(Cancelled):
        fetch([f"{mirror.address}/images.gz"], target, Fetching(target.parent, should_stop=lambda: bool(mirror.asked)))
    assert not os.listdir(target.parent)


def test_that_a_full_disk_is_not_taken_for_a_bad_mirror(mirror: Any, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mirror.files["/images.gz"] = DATA
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(UserError, match=r"cannot write .*images\.gz: No space left on device"):
        fetch([f"{mirror.address}/images.gz", f"{mirror.address}/images.gz"], target)
    assert mirror.asked == ["/images.gz"]
    assert not os.listdir(target.parent)
