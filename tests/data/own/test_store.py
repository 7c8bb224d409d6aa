"""A store: opened without reading, whole or not there, and never taken for another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from tests.data.own.made import added, colours, grey, held, save
from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.data.own import crew, passes
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.places import is_store
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.store import IMAGES, SKIPPED, find_store, remove_store, stores
from vae_explorer.data.sources import all_datasets, find_dataset, load_dataset
from vae_explorer.errors import UserError
from vae_explorer.files import CannotWrite
from vae_explorer.mapped import is_mapped

ADDING = """
import sys
from pathlib import Path
from vae_explorer.data.own import passes
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Reading
passes.WORTH_A_CREW = 0
def report(what, done, total):
    print(done, flush=True)
    sys.stdin.read()
add(sys.argv[1], Reading(), Path(sys.argv[2]), progress=report)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(20):
        save(tmp_path / "cells" / "ab"[number % 2] / f"{number}.png", grey(number))
    return tmp_path / "cells"


@pytest.fixture
def with_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two processes read even a small set, a few images at a time."""
    monkeypatch.setattr(passes, "WORTH_A_CREW", 0)
    monkeypatch.setattr(passes, "AT_ONCE", 3)
    monkeypatch.setattr(passes, "processors", lambda: 2)


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []


def test_that_a_store_is_a_data_set_by_its_name(source: Path, root: Path) -> None:
    store = added(source, root)
    assert find_dataset("cells", root).size == (16, 4)
    assert "cells" in all_datasets(root)
    dataset = load_dataset("cells", Fetching(root, download=False))
    assert is_mapped(dataset.train.images)
    assert np.array_equal(dataset.train.images, store.dataset().train.images)
    with pytest.raises(UserError, match=r"unknown data set 'dogs'; known: .*cells"):
        find_dataset("dogs", root)


def test_that_processes_and_this_process_read_the_same(
    source: Path, root: Path, with_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_crew = added(source, root, "crew")
    monkeypatch.setattr(passes, "WORTH_A_CREW", 1e9)
    here = added(source, root, "here")
    assert by_crew.manifest.fingerprint == here.manifest.fingerprint
    assert all(np.array_equal(held(by_crew)[f"{'ab'[number % 2]}/{number}.png"][..., 0], grey(number)) for number in range(20))


def test_that_the_second_opening_reads_nothing(source: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = add(source, Reading(), root)
    monkeypatch.setattr(crew, "do", lambda _: pytest.fail("it was read again"))
    second = add(source, Reading(), root)
    assert (first.is_new, second.is_new) == (True, False)
    assert second.store == first.store


def test_that_another_reading_or_another_file_makes_another_store(source: Path, root: Path) -> None:
    names = [added(source, root).name, added(source, root, invert=True).name]
    save(source / "a" / "new.png", grey(99))
    names += [added(source, root).name, added(source, root, invert=True).name, added(source, root).name]
    assert names == ["cells", "cells-2", "cells-3", "cells-4", "cells-3"]
    assert [store.name for store in stores(root)] == ["cells", "cells-2", "cells-3", "cells-4"]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("mnist", "is taken by a data set of the program"),
        ("a/b", "cannot be the name"),
        (".a", "cannot be"),
        ("x" * 61, "cannot"),
    ],
)
def test_that_a_bad_name_is_refused(source: Path, root: Path, name: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        added(source, root, name)


def test_that_a_name_of_other_images_is_refused(source: Path, root: Path) -> None:
    added(source, root, "mine")
    with pytest.raises(UserError, match="the name mine is taken by other images"):
        added(source, root, "mine", invert=True)


def test_that_nothing_is_written_beside_the_images(source: Path, root: Path) -> None:
    before = files_below(source)
    times = [os.stat(source / name).st_mtime_ns for name in before]
    added(source, root)
    assert files_below(source) == before
    assert [os.stat(source / name).st_mtime_ns for name in before] == times


def test_that_the_split_is_stratified_and_seeded(source: Path, root: Path) -> None:
    dataset = added(source, root).dataset()
    assert np.bincount(dataset.test.labels).tolist() == [2, 2]
    again = added(source, root, "again").dataset()
    assert np.array_equal(dataset.test.images, again.test.images)
    other = added(source, root, "other", seed=1).dataset()
    assert not np.array_equal(dataset.test.images, other.test.images)


def test_that_a_cancelled_reading_leaves_nothing(source: Path, root: Path, with_processes: None) -> None:
    seen: list[int] = []
    with pytest.raises(Cancelled):
        add(source, Reading(), root, progress=lambda _, done, __: seen.append(done), should_stop=lambda: bool(seen))
    assert files_below(root) == ["own"]


@pytest.mark.parametrize("damaged", [False, True])
def test_that_a_reading_can_be_cancelled_after_its_last_image(damaged: bool, source: Path, root: Path) -> None:
    if damaged:
        (source / "a" / "bad.png").write_bytes(b"nonsense")  # then the images are copied
    seen: list[bool] = []
    with pytest.raises(Cancelled):
        add(source, Reading(), root, progress=lambda _, done, all_: seen.append(done == all_), should_stop=lambda: any(seen))
    assert files_below(root) == ["own"]


def test_that_a_full_disk_leaves_nothing(
    source: Path, root: Path, with_processes: None, small_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    with small_disk(700), pytest.raises(CannotWrite, match="nothing was kept"):
        added(source, root)
    assert files_below(root) == ["own"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_that_a_killed_reading_leaves_no_store_and_no_process(source: Path, root: Path) -> None:
    words = [sys.executable, "-c", ADDING, str(source), str(root)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline().strip().isdigit()
        readers = [int(word) for word in Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()]
        assert readers
        program.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{reader}").exists() for reader in readers):
        assert time.monotonic() < deadline
    assert list(stores(root)) == []
    added(source, root)
    assert files_below(root / "own")[0] == "cells"
    assert os.listdir(root / "own") == ["cells"]


def test_that_a_file_that_kills_its_reader_costs_that_file_alone(
    source: Path, root: Path, with_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = crew.CHILD.replace(
        "main()",
        "from vae_explorer.data.own.sources import files; own = files.read_pixels; import os; "
        "files.read_pixels = lambda path, *rest: os._exit(9) if path.endswith('7.png') else own(path, *rest); main()",
        1,
    )
    monkeypatch.setattr(crew, "CHILD", deadly)
    monkeypatch.setattr(passes, "FIRST_LOOK", 1)
    store = added(source, root)
    assert sorted(each.name for each in store.skipped()) == ["b/17.png", "b/7.png"]
    assert {each.reason for each in store.skipped()} == {"ended the process that read it; the file may be damaged"}
    assert len(held(store)) == 18
    assert np.array_equal(held(store)["a/8.png"][..., 0], grey(8))


def test_that_processes_that_do_not_start_are_said(
    source: Path, root: Path, with_processes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "CHILD", "raise SystemExit")
    with pytest.raises(UserError, match="the processes that read images do not start"):
        added(source, root)
    assert files_below(root) == ["own"]


@pytest.mark.parametrize("name", [IMAGES, "column-0.npy", "column-1-letters.npy"])
@pytest.mark.parametrize("change", ["cut", "flip", "gone"])
def test_that_a_damaged_file_is_found(source: Path, root: Path, name: str, change: str) -> None:
    store = added(source, root)
    file = store.folder / name
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(data[: len(data) // 2] if change == "cut" else data)
    with pytest.raises(UserError, match=f"the data set cells is damaged .*{name}.*data remove cells"):
        store.check()
    if change != "flip":
        with pytest.raises(UserError, match="is damaged"):
            store.dataset()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 99}', '{"format": 1, "name": 3}', "\ud800"])
def test_that_a_damaged_manifest_is_said_in_one_line(source: Path, root: Path, text: str) -> None:
    store = added(source, root)
    (store.folder / "manifest.json").write_text(text, errors="replace")
    with pytest.raises(UserError, match=r"is damaged|newer version") as refused:
        find_store(root, "cells")
    assert "\n" not in str(refused.value)
    assert list(stores(root)) == []
    remove_store(root, "cells")
    assert os.listdir(root / "own") == []


def test_that_removing_what_is_not_there_is_said(source: Path, root: Path) -> None:
    added(source, root)
    for name in ("dogs", "", "..", "../cells", ".hidden"):
        with pytest.raises(UserError, match="known: cells"):
            remove_store(root, name)
    assert [store.name for store in stores(root)] == ["cells"]


def test_that_only_equal_sets_have_equal_fingerprints(source: Path, root: Path, tmp_path: Path) -> None:
    first = added(source, root).manifest.fingerprint
    assert added(source, root, "again").manifest.fingerprint == first
    assert added(source, root, invert=True).manifest.fingerprint != first
    assert added(source, root, seed=1).manifest.fingerprint != first
    assert added(source, root, class_column="none").manifest.fingerprint != first


def test_that_facts_that_the_first_look_misses_lead_to_a_second_pass(source: Path, root: Path, with_processes: None) -> None:
    for number in range(100):
        save(source / "a" / f"more{number}.png", grey(number))
    red = save(source / "b" / "13.png", colours(3))
    passed: list[int] = []
    store = add(source, Reading(), root, progress=lambda _, done, __: passed.append(done)).store
    assert passed.count(120) == 2
    assert np.array_equal(held(store)["b/13.png"], red)


@pytest.mark.parametrize(
    "text", [None, "file,reason\n1,2,3\n", "file,reason\n" + "x" * (1 << 18) + ",y\n"], ids=["gone", "wide", "long"]
)
def test_that_a_damaged_list_of_skipped_files_is_said(text: str | None, source: Path, root: Path) -> None:
    store = added(source, root)
    (store.folder / SKIPPED).unlink() if text is None else (store.folder / SKIPPED).write_text(text)
    with pytest.raises(UserError, match=r"is damaged .*skipped\.csv"):
        store.skipped()


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", "../own/cells", ".", "a/b"])
def test_that_a_strange_name_of_a_model_file_is_no_store(name: str, source: Path, root: Path) -> None:
    added(source, root)
    assert not is_store(root, name)
    with pytest.raises(UserError, match="unknown data set"):
        load_dataset(name, Fetching(root, download=False))
