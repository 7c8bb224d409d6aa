"""Folders that appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from vae_explorer.files import CannotWrite
from vae_explorer.folders import atomic_folder, remove_left_behind_folders

FILLING = """
import sys
from pathlib import Path
from vae_explorer.folders import atomic_folder
with atomic_folder(Path(sys.argv[1])) as folder:
    (folder / "a").write_bytes(b"half")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_that_a_folder_appears_with_its_files(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "own" / "cells") as folder:
        (folder / "a").write_bytes(b"1")
        assert not (tmp_path / "own" / "cells").exists()
    assert (tmp_path / "own" / "cells" / "a").read_bytes() == b"1"
    assert os.listdir(tmp_path / "own") == ["cells"]


def test_that_an_error_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic_folder(tmp_path / "cells") as folder:
            (folder / "a").write_bytes(b"1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert os.listdir(tmp_path) == []


def test_that_a_folder_that_exists_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    with pytest.raises(FileExistsError, match="cells already"), atomic_folder(tmp_path / "cells"):
        pass
    assert os.listdir(tmp_path) == ["cells"]


def test_that_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, small_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    def fill() -> None:
        with atomic_folder(tmp_path / "cells") as folder:
            (folder / "a").write_bytes(bytes(100))

    with small_disk(50), pytest.raises(CannotWrite, match=r"cells: .*; nothing was kept"):
        fill()
    assert os.listdir(tmp_path) == []


def test_that_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes(b"")
    with pytest.raises(CannotWrite, match="choose another folder"), atomic_folder(tmp_path / "own" / "cells"):
        pass


@pytest.mark.skipif(os.name != "posix", reason="Windows has no locks on folders")
def test_that_the_folder_of_a_killed_program_is_removed_and_that_of_a_running_one_stays(tmp_path: Path) -> None:
    words = [sys.executable, "-c", FILLING, str(tmp_path / "cells")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        folder = Path(program.stdout.readline().strip())
        remove_left_behind_folders(tmp_path)
        assert os.listdir(folder) == ["a"]
        program.kill()
    remove_left_behind_folders(tmp_path)
    assert os.listdir(tmp_path) == []
