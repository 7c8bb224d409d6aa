"""Comparisons below the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from tests.gui.fakes import FakeDecoder, FakeWork
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.table import FEATURES
from vae_explorer.models.model_file import ModelFile

from .maps import FakeMap

AddMap = Callable[[ModelFile | None], FakeMap]


@pytest.fixture
def file(session: Session) -> ModelFile:
    """The digits model."""
    assert session.model is not None
    return session.model.file


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
