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
from vae_explorer.data.download import SECONDS_TO_CONNECT, RemoteFile, download
from vae_explorer.errors import UserError

DATA = os.urandom(300_000)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw" / "images.gz"


def fetch(addresses: list[str], target: Path, fetching: Fetching | None = None) -> None:
    remote = RemoteFile(target.name, len(DATA), hashlib.sha256(DATA).hexdigest())
    download(remote, addresses, target, fetching or Fetching(target.parent))


def dead_address() -> str:
    """An address on this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"https://127.0.0.1:{free.getsockname()[1]}/images.gz"


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
    mirror.files |= {"/good.gz": DATA, "/changed.gz": DATA[:-1] + b"?", "/cut.gz": DATA}
    mirror.cut.add("/cut.gz")
    bad = dead_address() if fault == "dead" else f"{mirror.address}/{fault}.gz"
    fetch([bad, f"{mirror.address}/good.gz"], target)
    assert target.read_bytes() == DATA
    assert mirror.asked[-1] == "/good.gz"
    assert os.listdir(target.parent) == [target.name]


def test_that_no_mirror_is_asked_after_a_good_one(mirror: Any, target: Path) -> None:
    mirror.files["/good.gz"] = DATA
    fetch([f"{mirror.address}/good.gz", f"{mirror.address}/another.gz"], target)
    assert mirror.asked == ["/good.gz"]


LIES = {
    "other bytes": (DATA[:-1] + b"?", len(DATA), "the downloaded file has another SHA-256"),
    "fewer bytes": (DATA[1:], len(DATA) - 1, "the mirror announces 299,999 bytes, but the file has 300,000"),
    "fewer bytes without a length": (DATA[1:], None, "the mirror sent 299,999 of 300,000 bytes"),
    "more bytes": (DATA + b"?", len(DATA) + 1, "the mirror announces 300,001 bytes, but the file has 300,000"),
    "more bytes without a length": (DATA + b"?", None, "the mirror sends more than the 300,000 bytes of the file"),
    "nothing": (b"", None, "the mirror sent 0 of 300,000 bytes"),
}


@pytest.mark.parametrize(("sent", "announced", "why"), LIES.values(), ids=LIES.keys())
def test_that_what_is_not_the_stated_file_is_not_kept(
    mirror: Any, target: Path, sent: bytes, announced: int | None, why: str
) -> None:
    mirror.files["/images.gz"], mirror.announced["/images.gz"] = sent, announced
    with pytest.raises(UserError, match=why):
        fetch([f"{mirror.address}/images.gz"], target)
    assert not os.listdir(target.parent)


def test_that_no_more_than_the_stated_size_is_ever_written(mirror: Any, target: Path) -> None:
    mirror.files["/endless.gz"], mirror.announced["/endless.gz"] = DATA * 20, None
    done: list[int] = []
    with pytest.raises(UserError, match="sends more than"):
        fetch([f"{mirror.address}/endless.gz"], target, Fetching(target.parent, progress=lambda *step: done.append(step[1])))
    assert max(done) <= len(DATA)


@pytest.mark.parametrize("scheme", ["http", "ftp", "file"])
def test_that_an_address_without_tls_is_not_asked(target: Path, scheme: str) -> None:
    with pytest.raises(UserError, match="the address has no TLS"):
        fetch([f"{scheme}://127.0.0.1:9/images.gz"], target)
    assert not os.listdir(target.parent)


@pytest.mark.parametrize("scheme", ["http", "ftp"])
def test_that_a_redirect_away_from_tls_is_refused_and_the_next_mirror_asked(mirror: Any, target: Path, scheme: str) -> None:
    mirror.files["/good.gz"] = DATA
    mirror.redirects["/moved.gz"] = mirror.address.replace("https", scheme) + "/plain.gz"
    with pytest.raises(UserError, match="the mirror redirects to an address without TLS"):
        fetch([f"{mirror.address}/moved.gz"], target)
    fetch([f"{mirror.address}/moved.gz", f"{mirror.address}/good.gz"], target)
    assert target.read_bytes() == DATA
    assert mirror.asked == ["/moved.gz", "/moved.gz", "/good.gz"]


def test_that_a_redirect_to_another_address_with_tls_is_followed(mirror: Any, target: Path) -> None:
    mirror.files["/good.gz"] = DATA
    mirror.redirects["/moved.gz"] = f"{mirror.address}/good.gz"
    fetch([f"{mirror.address}/moved.gz"], target)
    assert target.read_bytes() == DATA


def test_that_a_mirror_that_cannot_prove_who_it_is_is_not_believed(
    mirror: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    mirror.files["/images.gz"] = DATA
    with pytest.raises(UserError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch([f"{mirror.address}/images.gz"], target)
    assert not mirror.asked


def test_that_a_mirror_that_sends_ever_so_slowly_is_given_up(
    mirror: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "GRACE", -1e6)  # as if it had sent for a million seconds
    mirror.files["/images.gz"] = DATA
    with pytest.raises(UserError, match="the mirror sends fewer than 2,000 bytes a second"):
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
