"""Arguments that say how a person's own images are read, and what is shown meanwhile."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vae_explorer.cli.arguments import complain, finite, whole
from vae_explorer.cli.progress import bar
from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.reading import Axes, Colour, Pages, Reading, size_of
from vae_explorer.errors import UserError
from vae_explorer.kinds import Fit
from vae_explorer.signals import ending_on_signals, interrupt

if TYPE_CHECKING:
    from tqdm import tqdm

    from vae_explorer.data.own.adding import Added


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add an argument for each choice of `Reading`."""
    group = parser.add_argument_group("how own images are read")
    _add_pictures(group)
    _add_numbers(group)
    _add_labels(group)


def _add_pictures(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--size", type=_size, metavar="HxW", help="height and width, 4 to 256 (default: the most common size)")
    group.add_argument(
        "--fit", choices=[fit.value for fit in Fit], default=Fit.PAD.value, help="for other proportions (default: pad)"
    )
    colours = group.add_mutually_exclusive_group()
    for colour in ("grey", "colour"):
        colours.add_argument(
            f"--{colour}", dest="colours", action="store_const", const=colour, help="(default: as the images are)"
        )
    group.add_argument("--invert", action="store_true", help="swap black and white")
    group.add_argument(
        "--background", type=whole(0, 255), default=255, metavar="GREY", help="behind transparent pixels (default: 255)"
    )


def _add_numbers(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--range",
        nargs=2,
        type=finite,
        action="append",
        default=[],
        dest="ranges",
        metavar=("LOW", "HIGH"),
        help="numbers that are shown black and white; give it once for each channel, or once for all",
    )
    group.add_argument(
        "--percentiles",
        nargs=2,
        type=finite,
        metavar=("LOW", "HIGH"),
        default=(0.1, 99.9),
        help="of deep images that have no usual range (default: 0.1 99.9)",
    )
    group.add_argument("--layout", choices=[axes.value for axes in Axes], help="order of an array's axes (default: found out)")
    group.add_argument(
        "--pages",
        choices=[pages.value for pages in Pages],
        default=Pages.IMAGES.value,
        help="what the pages of a TIFF are (default: images)",
    )


def _add_labels(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--file-column", metavar="COLUMN", help="the column of a table that names the files (default: found out)"
    )
    group.add_argument(
        "--split-column", metavar="COLUMN", help="the column of a table that says train or test (default: split)"
    )
    group.add_argument(
        "--kind",
        type=_kind,
        action="append",
        default=[],
        dest="kinds",
        metavar="COLUMN=KIND",
        help=f"what a label column is: {', '.join(kind.value for kind in ColumnKind)} (default: found out)",
    )
    group.add_argument("--class", dest="class_column", metavar="COLUMN", help="the column that is the class, or none")
    group.add_argument("--test-share", type=float, metavar="SHARE", help="share of test images (default: 0.2, at most 10,000)")
    group.add_argument("--split-seed", type=whole(0, 2**31 - 1), default=0, metavar="N", help="of the split (default: 0)")


def reading_of(args: argparse.Namespace) -> Reading:
    """Return the reading that the arguments ask for. Raises `UserError`."""
    return Reading(
        size=args.size,
        fit=Fit(args.fit),
        colour=Colour(args.colours or Colour.OWN),
        invert=args.invert,
        background=args.background,
        ranges=tuple(map(tuple, args.ranges)),
        percentiles=tuple(args.percentiles),
        layout=None if args.layout is None else Axes(args.layout),
        pages=Pages(args.pages),
        file_column=args.file_column,
        split_column=args.split_column,
        kinds=tuple(args.kinds),
        class_column=args.class_column,
        test_share=args.test_share,
        seed=args.split_seed,
    )


class Watched:
    """Shows progress on a terminal, and ends the reading on a signal."""

    def __init__(self) -> None:
        self.number = 0  # of the signal
        self._bars: list[tqdm] = []  # type: ignore[type-arg]

    def report(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` images are read; a second pass gets a bar of its own."""
        if not self._bars or done < self._bars[-1].n:
            self._bars.append(bar(total, "image", what, always=False))
        self._bars[-1].update(done - self._bars[-1].n)

    def should_stop(self) -> bool:
        return bool(self.number)

    @contextlib.contextmanager
    def until_signalled(self) -> Iterator[None]:
        try:
            with ending_on_signals(self._ask, interrupt):
                yield
        finally:
            for each in self._bars:
                each.close()

    def _ask(self, number: int) -> None:
        self.number = number


def added(args: argparse.Namespace, path: str, root: Path, name: str, watched: Watched) -> Added:
    """Add the images at `path` as the arguments say. Raises `UserError`, and `Cancelled` on a signal."""
    from vae_explorer.data.own.adding import add
    from vae_explorer.data.own.sources import program

    if program.matches(Path(path)):
        complain(f"running {path}")
    with watched.until_signalled():
        return add(path, reading_of(args), root, name, watched.report, watched.should_stop)


def _kind(text: str) -> tuple[str, ColumnKind]:
    name, _, kind = text.rpartition("=")
    if not name or kind not in [each.value for each in ColumnKind]:
        known = ", ".join(each.value for each in ColumnKind)
        raise argparse.ArgumentTypeError(f"{text!r} is no column and kind; write COLUMN=KIND, with KIND one of {known}")
    return name, ColumnKind(kind)


def _size(text: str) -> tuple[int, int]:
    try:
        return size_of(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
