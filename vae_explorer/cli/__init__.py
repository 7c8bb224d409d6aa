"""The command line: one file a command. The program imports the file of the command that is named."""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from vae_explorer import __version__
from vae_explorer.cli.arguments import complain, one_line
from vae_explorer.cli.streams import silence_dead_streams
from vae_explorer.errors import UserError

COMMANDS = (
    "explore",
    "train",
    "evaluate",
    "encode",
    "decode",
    "interpolate",
    "manifold",
    "traverse",
    "factors",
    "posterior",
    "data",
    "list",
    "screenshot",
    "doctor",
)


def command(name: str) -> ModuleType:
    """Import the module of the command `name`, with its `SUMMARY`, `configure(parser)` and `run(args)`."""
    return import_module(f"{__name__}.{'list_' if name == 'list' else name}")


class _Parser(argparse.ArgumentParser):
    """Answers bad arguments with one line and exit status 2."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # argparse takes -1e-05 for an option, but Python prints such coordinates in this way.
        self._negative_number_matcher = re.compile(r"^-(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$", re.IGNORECASE)

    def error(self, message: str) -> NoReturn:
        self.exit(2, one_line(f"{self.prog}: {message}; see '{self.prog} --help'") + "\n")


def build_parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return a parser that knows the commands `names`."""
    parser = _Parser(
        prog="vae-explorer",
        description="Train or load a variational autoencoder, and walk in its latent space.",
    )
    parser.add_argument("--version", action="version", version=f"vae-explorer {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in names:
        module = command(name)
        subparser = commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY)
        module.configure(subparser)
        subparser.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: success. 1: partial success; stderr names what failed. 2: a mistake that a person can mend, named in one line on stderr.
    130: stopped by Ctrl+C.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Greek letters must not end the program
    words = _with_command(list(sys.argv[1:] if argv is None else argv))
    args = build_parser(words[:1] if words[0] in COMMANDS else COMMANDS).parse_args(words)
    try:
        status = int(args.run(args))
        if sys.stdout is not None:
            sys.stdout.flush()  # a full disk must be reported here, in one line
    except UserError as error:
        complain(f"vae-explorer: {error}")
        return 2
    except KeyboardInterrupt:
        complain("vae-explorer: stopped")
        return 130
    except BrokenPipeError:
        silence_dead_streams()
        return 0
    except OSError as error:
        if error.filename is not None:
            complain(
                f"vae-explorer: cannot use {error.filename}: {error.strerror or error}; check that the file exists and may be opened"
            )
            return 2
        silence_dead_streams()
        complain(f"vae-explorer: cannot write the answer: {error.strerror or error}; check where the output goes")
        return 2
    return status


def _with_command(words: list[str]) -> list[str]:
    """Insert `explore` if the words begin with a model or an option."""
    first = words[0] if words else ""
    if first in COMMANDS or first in {"-h", "--help", "--version"}:
        return words
    return ["explore", *words]
