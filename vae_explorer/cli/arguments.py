"""Arguments shared by several commands."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from vae_explorer.cli.streams import silence_dead_streams
from vae_explorer.errors import UserError
from vae_explorer.foreign import escaped, message, safe

_LINE = 1000  # characters of an error line; an argument may be as long as it likes
DONE_IN_PART = 1  # exit status of partial success


def place(text: str) -> str:
    """An argparse type: the name of a file or folder, in which `~` is the home folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty; give the name of a file or folder")
    return os.path.expanduser(text)


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-dir",
        type=place,
        metavar="DIR",
        help="data root (default: VAE_EXPLORER_DATA, else the system's data folder)",
    )


def add_out(parser: argparse.ArgumentParser, metavar: str = "FILE.png", help: str | None = None) -> None:
    parser.add_argument("--out", type=place, required=True, metavar=metavar, help=help)


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for a script")


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=place, metavar="MODEL", help="a name from 'list models', or a .safetensors file")


def add_point(parser: argparse.ArgumentParser, option: str, meaning: str) -> None:
    """Add an option with one number for each latent."""
    parser.add_argument(
        option, nargs="+", type=finite, metavar="Z", required=True, help=f"{meaning}: one number for each latent"
    )


def check_point(option: str, point: Sequence[float], latents: int, name: str) -> None:
    """Raise `UserError` if `point` does not have one number for each of the `latents` of model `name`."""
    if len(point) != latents:
        raise UserError(f"{name} has {latents} latents; give {option} {latents} numbers, not {len(point)}")


def add_decoding(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of conditional models, and of families with switches."""
    add_class(parser, "decode as this class")
    add_switch(parser)


def add_switch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--switch", action="append", default=[], metavar="NAME", help="a switch of the family; see the guide")


def add_class(parser: argparse.ArgumentParser, meaning: str) -> None:
    parser.add_argument("--class", dest="label", type=int, metavar="C", help=f"{meaning}, a number from 0 (conditional models)")


def classes_said(label: int | None, classes: int) -> tuple[int, ...]:
    """Return the class that a model decodes for `label`, as a tuple; () without classes."""
    return (label or 0,) if classes else ()


def check_told(name: str, classes: int, label: int | None) -> None:
    """Raise `UserError` if `label` does not fit model `name`, which has `classes` or none."""
    if classes and label is None:
        raise UserError(f"{name} needs the class of an image; give it with --class, a number from 0 to {classes - 1}")
    if not classes and label is not None:
        raise UserError(f"{name} encodes without a class; leave --class out")


def say_class(named: bool, classes: tuple[str, ...]) -> None:
    """Tell the person which of the `classes` a model decoded, if the person `named` none."""
    if classes and not named:
        say(f"decoded as class {classes[0]}, the first of {len(classes)}; --class names another")


def finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return number


def whole(low: int, high: int) -> Any:
    """An argparse type: a whole number in [low, high]."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{number} is out of range; choose {low} to {high}")
        return number

    return parse


def say(text: str) -> None:
    """Print `text` as one line without escape sequences and line breaks, which names may hold."""
    print(safe(text))


def complain(text: str) -> None:
    """Print one line on stderr, without escape sequences."""
    if sys.stderr is None:  # print would use stdout
        return
    try:
        print(one_line(text), file=sys.stderr, flush=True)
    except OSError:  # the terminal is closed
        silence_dead_streams()


def one_line(text: str) -> str:
    """Return `text` as one line of at most _LINE characters, without escape sequences.

    A longer text has … in its middle.
    """
    return message(safe(text), _LINE)


def say_notes(path: str, notes: Iterable[str]) -> None:
    """Print on stderr each choice that the reader of image `path` made."""
    for note in notes:
        complain(f"vae-explorer: {path}: {note}")


def print_json(value: Any) -> None:
    r"""Print one JSON object on one line, at once. NaN and infinite numbers become null.

    Escape sequences, and characters outside the output's encoding, are written as \u escapes.
    """
    line = escaped(json.dumps(_known_to_json(value), ensure_ascii=False, allow_nan=False))
    try:
        line.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(_known_to_json(value), allow_nan=False)
    print(line, flush=True)


def _known_to_json(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _known_to_json(item) for key, item in value.items()}
    return [_known_to_json(item) for item in value] if isinstance(value, list | tuple) else value


def add_theme(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument("--theme", choices=("light", "dark", "system"), help=f"(default: {default})")
