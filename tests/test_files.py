from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from vae_explorer.errors import UserError
from vae_explorer.files import atomic_file


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
