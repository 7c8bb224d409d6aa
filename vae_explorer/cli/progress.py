"""Progress bars on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from vae_explorer.foreign import safe

if TYPE_CHECKING:
    from tqdm import tqdm


def bar(total: int, unit: str, text: str, always: bool = True) -> tqdm:  # type: ignore[type-arg]
    """Return a bar on stderr; with `always`, also if stderr is no terminal.

    Shows nothing without stderr.
    """
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # tqdm's monitor thread would outlive the bars
    return tqdm(
        total=total or None,
        unit=unit,
        desc=safe(text),
        unit_scale=unit == "B",
        dynamic_ncols=True,
        disable=sys.stderr is None or (False if always else None),
    )


def show_download() -> Callable[[str, int, int], None]:
    """Return a listener to (file, bytes done, bytes in all) with one bar a file."""
    bars: dict[str, tqdm] = {}  # type: ignore[type-arg]

    def report(file: str, done: int, total: int) -> None:
        if file not in bars:
            bars[file] = bar(total, "B", file)
        bars[file].update(done - bars[file].n)
        if done == total:
            bars[file].close()

    return report


def show_images() -> Callable[[int, int], None]:
    """Return a listener to (images done, images in all) with one bar on a terminal."""
    bars: list[tqdm] = []  # type: ignore[type-arg]

    def report(done: int, total: int) -> None:
        if not bars:
            bars.append(bar(total, "image", "evidence", always=False))
        bars[0].update(done - bars[0].n)
        if done == total:
            bars[0].close()

    return report
