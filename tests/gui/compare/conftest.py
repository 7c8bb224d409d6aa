"""Comparisons below the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from tests.gui.fakes import FakeDecoder, FakeWork
from vae_explorer.codes import Codes
from vae_explorer.gui.compare.colouring import Colouring
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.table import FEATURES
from vae_explorer.models.model_file import ModelFile

from .maps import FakeMap, named

AddMap = Callable[[ModelFile | None], FakeMap]


@pytest.fixture
def add_map(session: Session, work: FakeWork, application: QApplication) -> Iterator[AddMap]:
    """Makes maps in one workspace, with a model whose codes are indexed, or still without."""
    maps: list[FakeMap] = []

    def add(file: ModelFile | None) -> FakeMap:
        made = FakeMap(Session(session.workspace, FEATURES, decoder=FakeDecoder()))
        maps.append(made)
        if file is not None:
            made.session.show_model(file)
            work.run()
        return made

    yield add
    for each in maps:
        each.session.shut_down()
        for thing in (each.session, each.ticks, each):
            thing.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def link(session: Session) -> Iterator[Link]:
    """A link without maps."""
    parent = QObject()
    yield Link(parent)
    parent.deleteLater()


@pytest.fixture
def colouring(link: Link) -> Colouring:
    return Colouring(link)


@pytest.fixture
def moved(file: ModelFile) -> ModelFile:
    """A model with each image's code elsewhere."""
    codes = file.codes
    mean = codes.mean[:, ::-1] + np.float32(3)
    return replace(named(file, "moved"), codes=Codes(mean, codes.std, codes.label, codes.split))
