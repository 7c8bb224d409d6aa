"""Own images whose name a data set of the program, or of a package, has got since."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.own.made import added, grey, save
from vae_explorer.data.base import DatasetSpec, Fetching
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.store import Store
from vae_explorer.data.sources import DATASETS, all_datasets, find_dataset, load_dataset
from vae_explorer.training.config import TrainConfig


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(10):
        save(tmp_path / "cells" / f"{number}.png", grey(number))
    return tmp_path / "cells"


@pytest.fixture
def hidden(source: Path, root: Path, own_tables: None) -> Store:
    store = added(source, root)
    DATASETS.register("cells", DatasetSpec("Cells", "nowhere:load", (9, 9, 1), ("x",), (6, 2), "of the program"))
    return store


def test_that_they_are_listed_and_found(hidden: Store, source: Path, root: Path) -> None:
    listed = all_datasets(root)
    assert (listed["cells"].title, listed["own/cells"].title) == ("Cells", "own/cells")
    assert listed["own/cells"].source == f"from {source}; cells is the name of another data set"
    assert find_dataset("own/cells", root) == listed["own/cells"]
    loaded = load_dataset("own/cells", Fetching(root, download=False))
    assert np.array_equal(loaded.train.images, hidden.dataset().train.images)


def test_that_they_are_not_read_again(hidden: Store, source: Path, root: Path) -> None:
    again = add(source, Reading(), root)
    assert (again.is_new, again.name, again.store) == (False, "own/cells", hidden)


def test_that_a_model_of_them_has_a_name_without_a_folder(hidden: Store, root: Path) -> None:
    assert TrainConfig("vae", "own/cells", own=find_dataset("own/cells", root)).name == "own-cells-vae"


def test_that_the_long_name_is_right_for_all_own_images(source: Path, root: Path) -> None:
    added(source, root)
    assert find_dataset("own/cells", root) == find_dataset("cells", root)
    assert "own/cells" not in all_datasets(root)
