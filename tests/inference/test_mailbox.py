from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from vae_explorer.inference.mailbox import Mailbox

PATIENCE = 240  # seconds; below the limit of a test (pyproject.toml)


@pytest.fixture
def mailbox() -> Iterator[Mailbox[int]]:
    mailbox: Mailbox[int] = Mailbox(("model", "cursor", "overlay"))
    yield mailbox
    mailbox.close()


def test_that_an_unread_letter_is_replaced_by_the_next(mailbox: Mailbox[int]) -> None:
    mailbox.post("cursor", 1)
    mailbox.post("cursor", 2)
    assert mailbox.take() == 2
    assert mailbox.take_before("overlay") is None


def test_that_letters_of_other_keys_are_kept(mailbox: Mailbox[int]) -> None:
    mailbox.post("overlay", 1)
    mailbox.post("cursor", 2)
    mailbox.post("cursor", 3)
    assert [mailbox.take(), mailbox.take()] == [3, 1]


def test_that_the_most_urgent_letter_comes_first(mailbox: Mailbox[int]) -> None:
    for letter, key in enumerate(("overlay", "cursor", "model")):
        mailbox.post(key, letter)
    assert [mailbox.take() for _ in range(3)] == [2, 1, 0]


def test_that_long_work_makes_way_only_for_what_is_more_urgent(mailbox: Mailbox[int]) -> None:
    mailbox.post("overlay", 1)
    assert mailbox.take_before("overlay") is None
    assert mailbox.take_before("cursor") is None
    mailbox.post("cursor", 2)
    assert mailbox.take_before("overlay") == 2
    assert mailbox.take() == 1


def test_that_work_is_stale_once_a_newer_letter_lies_there(mailbox: Mailbox[int]) -> None:
    mailbox.post("overlay", 1)
    mailbox.take()
    assert not mailbox.is_stale("overlay")
    mailbox.post("cursor", 2)
    assert not mailbox.is_stale("overlay")
    mailbox.post("overlay", 3)
    assert mailbox.is_stale("overlay")


def test_that_a_key_without_a_place_is_refused(mailbox: Mailbox[int]) -> None:
    with pytest.raises(KeyError, match="weather"):
        mailbox.post("weather", 1)


def test_that_a_closed_mailbox_gives_nothing_more(mailbox: Mailbox[int]) -> None:
    mailbox.post("cursor", 1)
    mailbox.close()
    assert mailbox.take() is None
    assert mailbox.take_before("overlay") is None
    assert mailbox.is_stale("model")


@pytest.mark.parametrize("close", [True, False], ids=["closed", "posted"])
def test_that_a_waiting_reader_is_woken(mailbox: Mailbox[int], close: bool) -> None:
    read: list[int | None] = []
    reader = threading.Thread(target=lambda: read.append(mailbox.take()))
    reader.start()
    if close:
        mailbox.close()
    else:
        mailbox.post("cursor", 7)
    reader.join(timeout=PATIENCE)
    assert read == [None if close else 7]


def test_that_a_reader_of_many_letters_gets_the_last_one_of_each_kind(mailbox: Mailbox[int]) -> None:
    read: list[int] = []

    def drain() -> None:
        while (letter := mailbox.take()) is not None:
            read.append(letter)
            if letter == 999:
                return

    reader = threading.Thread(target=drain)
    reader.start()
    for letter in range(1000):
        mailbox.post("cursor", letter)
    reader.join(timeout=PATIENCE)
    assert read[-1] == 999
    assert read == sorted(set(read))


def test_that_work_that_waits_hears_of_newer_work_and_of_the_end(mailbox: Mailbox[int]) -> None:
    assert not mailbox.is_overtaken("model", 0.0)
    mailbox.post("cursor", 1)
    assert not mailbox.is_overtaken("model", 0.0)
    found: list[bool] = []
    for news in (lambda: mailbox.post("model", 2), mailbox.close):
        reader = threading.Thread(target=lambda: found.append(mailbox.is_overtaken("model", 3600.0)))
        reader.start()
        news()
        reader.join(60)
        assert not reader.is_alive()
        mailbox.take_before("cursor")
    assert found == [True, True]
