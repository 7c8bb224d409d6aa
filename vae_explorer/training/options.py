"""The record of a training option, for checks, command line and dialog. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeVar

from vae_explorer.errors import UserError
from vae_explorer.kinds import Word
from vae_explorer.models.check import check_within

_KEY = "option"
K = TypeVar("K", bound=Word)


class Chosen(Protocol):
    """The choices that decide which other options a run has."""

    @property
    def family(self) -> str: ...

    @property
    def likelihood(self) -> str: ...

    @property
    def body(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Tick:
    """The box of an option that a person turns on or off in the dialog."""

    words: str
    on: Any
    off: Any


def applies_always(chosen: Chosen) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a run: a field of `TrainConfig` holds one such record."""

    type: type  # int, float, str or a kind
    default: Any
    help: str = ""  # on the command line
    word: str = ""  # the name in messages; the field's name by default
    limits: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()  # a value outside them is refused
    offered: tuple[str, ...] = ()  # by the dialog, where other values are possible too
    many: bool = False  # the value is a tuple of numbers
    metavar: str | None = None
    usual: Callable[[Any], Any] | None = None  # from the config: what the default stands for
    read: Callable[[str], Any] | None = None  # turns what a person writes into the value
    why_not: Callable[[Chosen], str] = applies_always  # a sentence where the option does not apply, else empty
    off: Any = (
        None  # the value where the option does not apply, which the command writes; None: the default, which it leaves out
    )
    written: bool = False  # the command names the option at its default, too
    joined: bool = False  # the command joins flag and value by "=", as the value may begin with a dash
    title: str = ""  # of the row in the dialog; the dialog leaves out an option without a title
    tip: str = ""  # in the dialog; empty: `help`
    tick: Tick | None = None
    lettering: Callable[[str], str] = str  # how the dialog writes a choice

    @property
    def words(self) -> tuple[str, ...]:
        """The values to choose from; empty if there are too many."""
        return tuple(member.value for member in self.type) if issubclass(self.type, Word) else self.choices

    def settled(self, value: Any, config: Any, name: str) -> Any:
        """Return `value` in the option's type. Raises `UserError` on an unknown word."""
        value = tuple(value) if self.many else value
        if (value is None or value == self.default) and self.usual is not None:
            value = self.usual(config)
        elif self.read is not None:
            value = self.read(value)
        return _kind(self.word or name, value, self.type) if issubclass(self.type, Word) else value

    def check(self, value: Any, config: Any, name: str) -> None:
        """Raise `UserError` if the run has no such option, or `value` is out of range."""
        reason = self.why_not(config)
        if reason and value != (self.default if self.off is None else self.off):
            raise UserError(reason)
        if self.limits is not None:
            check_within(self.word or name, value, *self.limits)

    def arguments(self, name: str, config: Any) -> list[str]:
        """Return the words of the command that set the option as in `config`."""
        value = getattr(config, name)
        is_missing = self.off is None and self.why_not(config)
        if is_missing or (value == self.default and not self.written):
            return []
        written = [exact(each) if self.type is float else str(each) for each in (value if self.many else (value,))]
        return [f"{flag(name)}={written[0]}"] if self.joined else [flag(name), *written]


def option(record: Option) -> Any:
    """Make a dataclass field with a record; typed like `dataclasses.field`."""
    return field(default=record.default, metadata={_KEY: record})


def options_of(config: type) -> dict[str, Option]:
    return {each.name: each.metadata[_KEY] for each in fields(config) if _KEY in each.metadata}


def flag(name: str) -> str:
    """Return the flag of an option or a parameter."""
    return f"--{name.replace('_', '-')}"


def exact(number: float) -> str:
    """Write `number` in the short form if that is exact, else with all digits."""
    short = f"{number:g}"
    return short if float(short) == number else repr(float(number))


def _kind(what: str, name: str, kinds: type[K]) -> K:
    """Return the member of `kinds` with the value `name`. Raises `UserError`."""
    try:
        return kinds(name)
    except ValueError:
        raise UserError(f"unknown {what} {name!r}; known: {', '.join(each.value for each in kinds)}") from None
