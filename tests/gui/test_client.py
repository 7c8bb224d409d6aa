"""The client of a model thread: tickets, and answers that nobody waits for. No thread, no torch."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from vae_explorer.gui.core.client import ModelClient
from vae_explorer.gui.core.decode_thread import CURSOR, PATH, DecodeAnswer, DecodeRequest
from vae_explorer.gui.core.model_thread import ModelFailure, ModelThread
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.models.model_file import read_model_file

from .fakes import FakeModelThread


def answer(thread: FakeModelThread, request: DecodeRequest) -> None:
    """As if the thread had answered this request."""
    images = np.zeros((1, 8, 8, 1), np.uint8)
    thread.answered.emit(DecodeAnswer(request.key, request.z, images, request.revision, 1.0, request.ticket))


@pytest.fixture
def thread() -> FakeModelThread:
    return FakeModelThread()


@pytest.fixture
def client(thread: FakeModelThread, digits_path: Path) -> ModelClient[DecodeRequest]:
    client = ModelClient(cast("ModelThread[DecodeRequest]", thread))
    client.set_model(OpenModel(read_model_file(digits_path), digits_path, 3))
    return client


def ask(client: ModelClient[DecodeRequest], key: str, keep_older: bool = False) -> int:
    return client.ask(DecodeRequest(key, np.zeros((1, 2), np.float32)), keep_older)


def test_that_every_request_has_a_ticket_of_its_own_and_the_revision_of_the_model(
    client: ModelClient[DecodeRequest], thread: FakeModelThread
) -> None:
    tickets = [ask(client, key) for key in (CURSOR, PATH, CURSOR)]
    assert len(set(tickets)) == 3
    assert [(request.ticket, request.revision) for request in thread.requests] == [(ticket, 3) for ticket in tickets]
    assert len(thread.models) == 1  # lent once


def test_that_the_answer_to_an_older_request_is_dropped_unless_older_ones_are_kept(
    client: ModelClient[DecodeRequest], thread: FakeModelThread
) -> None:
    heard: list[int] = []
    client.answered.connect(lambda answer: heard.append(answer.ticket))
    ask(client, PATH)
    newest = ask(client, PATH)
    for request in thread.requests:
        answer(thread, request)
    assert heard == [newest]
    heard.clear()
    thread.requests.clear()
    first, second, third = (ask(client, CURSOR, keep_older=True) for _ in range(3))
    for ticket in (second, first, third):
        answer(thread, next(request for request in thread.requests if request.ticket == ticket))
    assert heard == [second, third]  # the first came after a newer one
    assert not client.waiting


def test_that_another_model_closes_every_ticket_and_a_released_one_is_lent_again(
    client: ModelClient[DecodeRequest], thread: FakeModelThread, digits_path: Path
) -> None:
    heard: list[object] = []
    client.answered.connect(heard.append)
    ask(client, PATH)
    client.set_model(OpenModel(read_model_file(digits_path), digits_path, 4))
    assert not client.waiting
    answer(thread, thread.requests[0])
    assert heard == []
    client.release_model()
    assert len(thread.models) == 2
    ask(client, PATH)
    assert [model.revision if model is not None else None for model in thread.models] == [3, None, 4]


def test_that_a_failure_ends_its_own_request_and_a_failure_of_the_model_ends_all(
    client: ModelClient[DecodeRequest], thread: FakeModelThread
) -> None:
    ended: list[tuple[str, ...]] = []
    client.failed.connect(lambda _, keys: ended.append(keys))
    for key in (CURSOR, PATH):
        ask(client, key)
    thread.failed.emit(ModelFailure("no memory", "", thread.requests[1]))
    assert client.waits_for(CURSOR)
    thread.failed.emit(ModelFailure("no model", "", thread.models[0]))
    assert ended == [(PATH,), (CURSOR,)]
    assert not client.waiting
