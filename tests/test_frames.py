from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_explorer.frames import read_frame, write_frame

messages = st.recursive(
    st.none() | st.integers() | st.text() | st.binary(), lambda inner: st.lists(inner) | st.tuples(inner, inner)
)


class Dribble(io.BytesIO):
    """A pipe that takes and gives three bytes at a time."""

    def write(self, data: object) -> int:
        return super().write(bytes(data)[:3])  # type: ignore[call-overload]

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(3, size or 0))


@settings(deadline=None, max_examples=50)
@given(sent=st.lists(messages, max_size=4), pipe=st.sampled_from([io.BytesIO, Dribble]))
def test_that_messages_arrive_whole_and_in_order(sent: list[object], pipe: type[io.BytesIO]) -> None:
    stream = pipe()
    for message in sent:
        write_frame(stream, ("message", message))
    stream.seek(0)
    assert [read_frame(stream) for _ in sent] == [("message", message) for message in sent]
    assert read_frame(stream) is None


def test_that_a_stream_cut_in_the_middle_of_a_message_has_ended() -> None:
    stream = io.BytesIO()
    write_frame(stream, {"weights": b"x" * 50})
    data = stream.getvalue()
    assert [read_frame(io.BytesIO(data[:size])) for size in range(len(data))] == [None] * len(data)


def test_that_a_message_of_many_blocks_arrives() -> None:
    stream = io.BytesIO()
    write_frame(stream, b"\x07" * 3_000_000)
    stream.seek(0)
    assert read_frame(stream) == b"\x07" * 3_000_000


def test_that_a_reader_that_is_gone_is_noticed() -> None:
    class Gone(io.BytesIO):
        def write(self, data: object) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        write_frame(Gone(), "message")
