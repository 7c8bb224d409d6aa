"""The preview of a source shows what its store will hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.own.made import added, colours, grey, held, save
from vae_explorer.data.base import Cancelled
from vae_explorer.data.own import passes
from vae_explorer.data.own.preview import SHOWN, preview
from vae_explorer.data.own.reading import Colour, Reading
from vae_explorer.errors import UserError
from vae_explorer.kinds import Fit


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(30):
        save(tmp_path / "cells" / "ab"[number % 2] / f"{number:02}.png", grey(number, 8, 8 + number % 3))
    save(tmp_path / "cells" / "b" / "red.png", colours(7, 8, 8))
    (tmp_path / "cells" / "a" / "00-empty.png").write_bytes(b"")
    return tmp_path / "cells"


@pytest.mark.parametrize("how", [{}, {"size": (12, 10), "fit": Fit.CROP, "invert": True}, {"colour": Colour.GREY}])
def test_that_the_preview_shows_the_images_that_the_store_will_hold(
    source: Path, tmp_path: Path, how: dict[str, object]
) -> None:
    shown = preview(source, Reading(**how))  # type: ignore[arg-type]
    assert len(shown.images) == len(shown.names) == SHOWN
    assert shown.found == 32
    stored = held(added(source, tmp_path / "root", **how))
    for name, image in zip(shown.names, shown.images, strict=True):
        np.testing.assert_array_equal(image, stored[name])


def test_that_the_preview_lists_what_it_could_not_read_and_names_the_classes(source: Path) -> None:
    shown = preview(source, Reading())
    assert [each.name for each in shown.skipped] == ["a/00-empty.png"]
    assert (shown.columns.class_name, shown.columns["class"].names) == ("class", ("a", "b"))
    assert "a/00-empty.png" not in shown.names


def test_that_few_images_are_all_shown(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.stack([grey(number, 8, 8) for number in range(5)]))
    shown = preview(tmp_path / "x.npy", Reading())
    assert (len(shown.images), shown.found, shown.skipped) == (5, 5, ())


def test_that_a_source_of_damaged_files_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    for number in range(3):
        (tmp_path / "bad" / f"{number}.png").write_bytes(b"nonsense")
    with pytest.raises(UserError, match=r"none of the 3 images can be read; 0\.png .*"):
        preview(tmp_path / "bad", Reading())
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match="holds no images"):
        preview(tmp_path / "none", Reading())


def test_that_a_stopped_preview_ends(source: Path) -> None:
    with pytest.raises(Cancelled):
        preview(source, Reading(), should_stop=lambda: True)


def test_that_this_process_reads_no_file_apart(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that reads a deadly file itself would end with it."""

    def refuse(*_: object) -> None:
        raise AssertionError("this process reads")

    monkeypatch.setattr(passes, "done_here", refuse)
    from vae_explorer.data.own.adding import add

    assert sum(add(source, Reading(), tmp_path / "root", apart=True).store.manifest.sizes) == 31
