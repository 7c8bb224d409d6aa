"""Messages between the program and its child processes: a length, then a pickle."""

from __future__ import annotations

import pickle
import struct
from typing import Any, BinaryIO, Protocol

_LENGTH = struct.Struct("<Q")


class _Raw(Protocol):
    def write(self, data: bytes, /) -> int | None: ...


def write_frame(stream: _Raw | BinaryIO, message: object) -> None:
    """Write `message`. Raises `OSError` if the other end is gone."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    rest = memoryview(_LENGTH.pack(len(body)) + body)
    while rest:
        rest = rest[stream.write(rest) or 0 :]  # type: ignore[arg-type]


def read_frame(stream: Any) -> Any:
    """Read the next message; None at the end of the stream, even inside a message."""
    head = _read_exactly(stream, _LENGTH.size)
    if head is None:
        return None
    body = _read_exactly(stream, _LENGTH.unpack(head)[0])
    return None if body is None else pickle.loads(body)


def _read_exactly(stream: Any, size: int) -> bytearray | None:
    data = bytearray()
    while len(data) < size:
        part = stream.read(min(size - len(data), 1 << 20))
        if not part:
            return None
        data += part
    return data
