"""Progress bars on stderr."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tqdm import tqdm


def bar(total: int, unit: str, text: str) -> tqdm:  # type: ignore[type-arg]
    from tqdm import tqdm

    return tqdm(total=total or None, unit=unit, desc=text, unit_scale=unit == "B", dynamic_ncols=True)


def show_download() -> Callable[[str, int, int], None]:
    """A listener to (file, bytes done, bytes in all), with one bar a file."""
    bars: dict[str, tqdm] = {}  # type: ignore[type-arg]

    def report(file: str, done: int, total: int) -> None:
        if file not in bars:
            bars[file] = bar(total, "B", file)
        bars[file].update(done - bars[file].n)
        if done == total:
            bars[file].close()

    return report
