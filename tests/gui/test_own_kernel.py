"""`vx.explore` in a real Jupyter kernel: the cell ends at once, and the window decodes between cells."""

from __future__ import annotations

import os
import queue
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("ipykernel", reason="ipykernel is not installed")
manager = pytest.importorskip("jupyter_client.manager", reason="jupyter_client is not installed")

_SECONDS = 60  # for a cell
OPEN = """
import numpy as np
import vae_explorer as vx
first = vx.explore(lambda z: 1 / (1 + np.exp(-z @ np.ones((2, 16)))))
second = vx.explore(lambda z: 1 / (1 + np.exp(-z @ np.ones((5, 16)))))
print(first.isVisible(), second.isVisible())
"""
ASK = "print(all(w.session.decoder.was_ready and w.session.settled for w in (first, second)))"
CLOSE = "first.close(), second.close(); print(first.isVisible(), second.isVisible())"


@pytest.fixture
def kernel() -> Iterator[Any]:
    """A client of a fresh kernel, which runs in this Python."""
    made = manager.KernelManager(kernel_name="python3")
    made.kernel_spec.argv[0] = sys.executable
    made.start_kernel(env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    client = made.client()
    client.start_channels()
    client.wait_for_ready(timeout=_SECONDS)
    yield client
    client.stop_channels()
    made.shutdown_kernel(now=False)
    made.cleanup_resources()


def printed(client: Any, code: str) -> str:
    """Run a cell, and return what the cell printed."""
    asked, text = client.execute(code), ""
    while True:
        try:
            message = client.get_iopub_msg(timeout=_SECONDS)
        except queue.Empty:
            raise AssertionError(f"the cell {code!r} did not end") from None
        if message["parent_header"].get("msg_id") != asked:
            continue
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            text += content["text"]
        if message["msg_type"] == "error":
            raise AssertionError("\n".join(content["traceback"]))
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return text.strip()


def test_that_cells_go_on_while_two_windows_work(kernel: Any) -> None:
    assert printed(kernel, OPEN) == "True True"
    ends = time.monotonic() + _SECONDS
    while printed(kernel, ASK) != "True":
        assert time.monotonic() < ends, "the windows do not decode between cells"
    assert printed(kernel, CLOSE) == "False False"
