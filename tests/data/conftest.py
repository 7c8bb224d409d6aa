"""A mirror with TLS on this machine, and a tiny MNIST to fetch from it."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import ssl
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from vae_explorer.data.download import RemoteFile
from vae_explorer.data.idx_sets import PUBLICATIONS, Publication

CERTIFICATE = Path(__file__).with_name("localhost.pem")
SIZES = {"train": 20, "t10k": 7}


def idx(array: np.ndarray) -> bytes:
    """`array` of bytes in the IDX format of http://yann.lecun.com/exdb/mnist."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def unpacked_files() -> dict[str, bytes]:
    random = np.random.default_rng(0)
    files = {}
    for part, n in SIZES.items():
        files[f"{part}-images-idx3-ubyte"] = idx(random.integers(0, 256, (n, 28, 28), dtype=np.uint8))
        files[f"{part}-labels-idx1-ubyte"] = idx(random.integers(0, 10, n, dtype=np.uint8))
    return files


@pytest.fixture
def archives() -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(data, mtime=0) for name, data in unpacked_files().items()}


class Mirror:
    """What a server gives under each path, and what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()  # paths whose connection breaks half-way
        self.announced: dict[str, int | None] = {}  # path -> its Content-Length where that is a lie; None sends no such header
        self.redirects: dict[str, str] = {}  # path -> another address
        self.asked: list[str] = []
        self.silent = False  # takes every call and never answers
        self.end = threading.Event()
        self.address = ""


def handler_of(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mirror.asked.append(self.path)
            if mirror.silent:
                mirror.end.wait()
                return
            if self.path in mirror.redirects:
                self.send_response(302)
                self.send_header("Location", mirror.redirects[self.path])
                self.end_headers()
                return
            data = mirror.files.get(self.path)
            if data is None:
                self.send_error(404)
                return
            self.send_response(200)
            announced = mirror.announced.get(self.path, len(data))
            if announced is not None:
                self.send_header("Content-Length", str(announced))
            self.end_headers()
            with contextlib.suppress(OSError):  # the other side may hang up
                self.wfile.write(data[: len(data) // 2] if self.path in mirror.cut else data)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A web server on 127.0.0.1 that runs as long as the test."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))  # trusted by the test alone
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    mirror = Mirror()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(mirror)) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        mirror.address = f"https://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="mirror")
        thread.start()
        yield mirror
        mirror.end.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def tiny_mnist(mirror: Mirror, archives: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Mirror:
    """MNIST of 27 images, on the mirror under /good/."""
    mirror.files |= {f"/good/{name}": data for name, data in archives.items()}
    files = tuple(RemoteFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in archives.items())
    monkeypatch.setitem(PUBLICATIONS, "MNIST", Publication((f"{mirror.address}/good/",), files))
    return mirror
