"""Names that a model file may hold to be taken for more than names, and what tells whether a file was opened."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from vae_explorer import locations
from vae_explorer.limits import LIMITS
from vae_explorer.models.model_file import read_model_file, write_model_file

LONGEST = LIMITS["name"].most  # characters of a name
_OPENED = 0x20  # IN_OPEN
RUN = "<b>A&B<b>\n\u202enur\u2066\x1b[31m"  # a name of a file


def image_tag(file: Path) -> str:
    return f"<img src='file://{file}' width='3000'>"


def class_names(file: Path) -> tuple[str, ...]:
    """Ten names, one with a tag that asks for `file`."""
    return (
        f"{image_tag(file)}<b>bold</b>",
        "R&B",
        "two\nlines\r\n",
        "\u202egnp.exe\u2066",
        "W" * LONGEST,
        "مرحبا بالعالم",
        "שלום עולם",
        "👩\u200d🔬👍🏽\U0001f1e9\U0001f1ea",
        "half \U000e0041\u200b\ufeff pair \uffff",
        "\ufdfd" * 200 + "z" + "\u0301" * 500,
    )


def write_named(good: Path, bad: Path, name: str, classes: tuple[str, ...]) -> Path:
    """Write the model of `good` under other names."""
    file = read_model_file(good)
    write_model_file(bad, replace(file, card=replace(file.card, name=name, classes=classes)))
    return bad


def write_hostile(good: Path, file: Path) -> Path:
    """Write the model of `good` into the runs, with names of every kind; they ask for `file`."""
    locations.runs().mkdir(exist_ok=True)
    name = f"{image_tag(file)} A&B [*]\n\u202e\x1b[31m"
    name += "W" * (LONGEST - len(name))
    return write_named(good, locations.runs() / f"{RUN}.safetensors", name, class_names(file))


@contextmanager
def openings(file: Path) -> Iterator[list[bool]]:
    """An entry for each time that `file` is opened by anybody, filled at the end. Linux alone tells."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    assert watch >= 0
    assert libc.inotify_add_watch(watch, os.fsencode(file), _OPENED) >= 0
    seen: list[bool] = []
    try:
        yield seen
        try:
            seen += [True] * (len(os.read(watch, 65536)) // 16)
        except BlockingIOError:
            return
    finally:
        os.close(watch)
