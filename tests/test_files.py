from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file, check_writable
from vae_explorer.images import write_frames, write_picture
from vae_explorer.models.model_file import read_model_file, write_model_file

SmallDisk = Callable[[int], AbstractContextManager[None]]


def save(path: Path | str, data: bytes = b"new") -> None:
    with atomic_file(path) as file:
        file.write(data)


def refuse(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_that_a_file_appears_whole_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with atomic_file(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_that_a_full_disk_keeps_the_old_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, name, refuse)
    with pytest.raises(UserError, match=r"cannot write .*file: No space left on device; nothing was changed"):
        save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the system does not list open files")
def test_that_a_system_without_room_for_open_files_is_named_and_no_file_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "dup", refuse)
    with pytest.raises(UserError, match=r"cannot write .*file: No space left on device; nothing was changed"):
        save(tmp_path / "file")
    assert not [name for name in open_files() if str(tmp_path) in name]
    assert not os.listdir(tmp_path)


def open_files() -> list[str]:
    """Return the names of this process's open files."""
    held = []
    for handle in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the handle that lists the folder
            held.append(os.readlink(f"/proc/self/fd/{handle}"))
    return held


def test_that_an_error_in_the_block_keeps_the_old_file_and_is_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), atomic_file(path) as file:
        file.write(bytes([1 // 0]))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_that_a_file_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    save(tmp_path / "ours")
    (tmp_path / "plain").touch()
    ours, plain = (stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ours", "plain"))
    assert ours == plain


def test_that_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the folder .*nowhere does not exist; create it first"):
        save(tmp_path / "nowhere" / "file")


def test_that_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="it is a folder; name a file"):
        save(tmp_path)


def test_that_a_name_longer_than_the_system_allows_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot write .*File name too long"):
        save(tmp_path / ("x" * 300))
    assert not os.listdir(tmp_path)


def test_that_the_longest_name_the_system_allows_is_written(tmp_path: Path) -> None:
    save(tmp_path / ("x" * 255))
    assert os.listdir(tmp_path) == ["x" * 255]


def test_that_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(**_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("tempfile.mkstemp", forbid)
    with pytest.raises(UserError, match=r"cannot write .*: Permission denied; choose another folder"):
        save(tmp_path / "file")


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)


def make_loop(path: Path) -> None:
    path.symlink_to(path.name)


STRANGE: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a named pipe": os.mkfifo,
    "a socket": make_socket,
    "levels of symbolic links": make_loop,
}


@pytest.mark.parametrize("kind", list(STRANGE))
@pytest.mark.parametrize("write", [check_writable, save])
def test_that_what_is_no_plain_file_is_refused_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, write: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have 107 letters
    path = tmp_path / "file"
    STRANGE[kind](path)
    before = path.lstat().st_mode
    with pytest.raises(UserError, match=rf"cannot write .*file: .*{kind}; (name a file|choose another name)"):
        write(path)
    assert path.lstat().st_mode == before
    assert os.listdir(tmp_path) == ["file"]


def test_that_a_device_is_refused() -> None:
    with pytest.raises(UserError, match=r"cannot write /dev/full: it is a device; name a file"):
        check_writable("/dev/full")


def test_that_a_link_stays_and_the_file_that_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("elsewhere/file")
    save(link)
    assert link.is_symlink()
    assert (tmp_path / "elsewhere" / "file").read_bytes() == b"new"
    assert os.listdir(tmp_path / "elsewhere") == ["file"]


def test_that_a_link_to_nothing_gets_its_file(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("file")
    save(link)
    assert link.is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_that_the_mode_of_a_file_is_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    save(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_that_a_file_that_is_read_only_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # nothing is read-only to root, who may run these tests
    with pytest.raises(UserError, match=r"cannot write .*file: the file is read-only; choose another name"):
        save(path)
    assert path.read_bytes() == b"old"


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("links", [True, False])
def test_that_a_new_file_never_replaces_one_that_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "file"
    ours = atomic_file(path, new=True)
    ours.__enter__().write(b"ours")
    with atomic_file(path, new=True) as theirs:
        theirs.write(b"theirs")
    with pytest.raises(FileExistsError):
        ours.__exit__(None, None, None)
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("new", [False, True])
def test_that_no_writer_removes_a_file_that_is_about_to_get_its_name(
    new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run took the name of another run's empty file, and lay in the temporary folder."""
    name = "link" if new else "replace"
    genuine = getattr(os, name)

    def beside_another_writer(source: str, target: Path) -> None:
        check_writable(tmp_path / "other")
        genuine(source, target)

    monkeypatch.setattr(os, name, beside_another_writer)
    with atomic_file(tmp_path / "a", new=new) as file:
        file.write(b"whole")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"whole"}


def test_that_a_place_that_is_tried_is_left_as_it_was(tmp_path: Path) -> None:
    check_writable(tmp_path / "file")
    assert os.listdir(tmp_path) == []
    (tmp_path / "file").write_bytes(b"old")
    check_writable(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


FRAMES = np.arange(5 * 64 * 64, dtype=np.uint8).reshape(5, 64, 64, 1)
WRITERS: dict[str, Callable[[Path], None]] = {
    "f.png": lambda path: write_picture(path, FRAMES[0]),
    "f.gif": lambda path: write_frames(path, FRAMES),
    "f.apng": lambda path: write_frames(path, FRAMES),
    "f.webp": lambda path: write_frames(path, FRAMES),
    "f.bin": lambda path: save(path, bytes(1000)),
}


@pytest.mark.parametrize("name", [*WRITERS, "f.safetensors"])
def test_that_every_writer_keeps_the_old_file_where_the_disk_ends_in_the_middle(
    tmp_path: Path, tiny_model_path: Path, small_disk: SmallDisk, name: str
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    path = folder / name
    path.write_bytes(b"old")
    model = read_model_file(tiny_model_path)
    write = WRITERS.get(name, lambda path: write_model_file(path, model))
    with small_disk(64), pytest.raises(UserError, match=rf"cannot write .*{name}: File too large; nothing was changed"):
        write(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(folder) == [name]
    write(path)
    assert path.stat().st_size > 64


_SLOW_WRITER = """
import sys, time
from vae_explorer.files import atomic_file
with atomic_file(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    time.sleep(600)
"""


def test_that_what_a_killed_writer_leaves_goes_with_the_next_write(tmp_path: Path) -> None:
    """A file that somebody still writes stays, as do files of other programs."""
    others = [".notes.abcdefgh.part", "model.vae.part", ".model.safetensors.vae.part"]
    for name in others:
        (tmp_path / name).write_bytes(b"theirs")
    command = [sys.executable, "-c", _SLOW_WRITER]
    with (
        subprocess.Popen([*command, tmp_path / "killed"], stdout=subprocess.PIPE) as killed,
        subprocess.Popen([*command, tmp_path / "alive"], stdout=subprocess.PIPE) as alive,
    ):
        for process in (killed, alive):
            assert process.stdout
            assert process.stdout.readline() == b"writing\n"
        killed.kill()
        killed.wait()
        left = set(os.listdir(tmp_path)) - set(others)
        assert sorted(name.split(".")[1] for name in left) == ["alive", "killed"]
        save(tmp_path / "next")
        still = set(os.listdir(tmp_path)) - set(others)
        alive.kill()
    assert sorted(name.split(".")[1] for name in still if name != "next") == ["alive"]
    assert set(others) <= set(os.listdir(tmp_path))


def test_that_a_writer_whose_file_was_taken_for_a_left_one_makes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the making of the file and its lock, another writer may look at the folder."""
    genuine, made = tempfile.mkstemp, []

    def looked_at(**words: Any) -> tuple[int, str]:
        handle, name = genuine(**words)
        made.append(name)
        if len(made) == 1:
            check_writable(tmp_path / "other")  # makes one more
            assert not os.path.exists(name)
        return handle, name

    monkeypatch.setattr(tempfile, "mkstemp", looked_at)
    save(tmp_path / "file")
    assert len(made) == 3
    assert os.listdir(tmp_path) == ["file"]
