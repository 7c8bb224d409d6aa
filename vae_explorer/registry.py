"""A table of named things, such as families and data sets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from typing import Any, Generic, TypeVar

from vae_explorer.errors import UserError
from vae_explorer.foreign import file_stem, short

T = TypeVar("T")
_LONGEST = 200  # characters of a package's own message


class Registry(Generic[T]):
    """Names and their items in order of registration.

    Refuses duplicates and explains unknown names.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Add `item`. Raises `ValueError` if `name` is taken."""
        if name in self._items:
            raise ValueError(f"{self._kind} {name!r} is registered twice")
        self._items[name] = item
        return item

    def remove(self, name: str) -> None:
        """Forget the item called `name`. Raises `KeyError` if there is none."""
        del self._items[name]

    def __getitem__(self, name: str) -> T:
        """Return the item called `name`. Raises `UserError` that lists the known names."""
        try:
            return self._items[name]
        except KeyError:
            known = ", ".join(sorted(self))
            raise UserError(f"unknown {self._kind} {short(name)!r}; known: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def names(self) -> list[str]:
        return list(self)


class OpenRegistry(Registry[T]):
    """A registry that installed packages add to, by entry points of `group`.

    An entry point is loaded when its name is asked for, or all names are. Any thread may ask. `item_of` turns its value into an
    item, and raises any exception on another value. An entry point that fails, or whose name is taken, is left out; `problems`
    says why.
    """

    def __init__(self, kind: str, group: str, item_of: Callable[[object], T]) -> None:
        super().__init__(kind)
        self._group, self._item_of = group, item_of
        self._lock = threading.RLock()  # of loading; a package may look into the registry while it is imported
        self._looking = threading.Lock()  # of looking for packages, which imports none
        self._names: frozenset[str] | None = None  # of all entry points; None: not looked for yet
        self._waiting: dict[str, list[metadata.EntryPoint]] = {}  # that are not loaded yet, by name
        self._problems: list[str] = []

    def __getitem__(self, name: str) -> T:
        self._load(name)
        return super().__getitem__(name)

    def __contains__(self, name: str) -> bool:
        self._load(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the program's own table, then those of packages. The first names load nothing."""
        known = list(super().__iter__())
        yield from known
        self._load_all()
        yield from (name for name in list(super().__iter__()) if name not in known)

    def at_hand(self) -> dict[str, T]:
        """Return the items that need no loading: those of the program's own table, and of packages that were loaded."""
        return dict(self._items)

    def is_offered(self, name: str) -> bool:
        """Return whether the program's own table or an entry point has the name. Loads nothing.

        No entry point has an empty name.
        """
        return super().__contains__(name) or (name != "" and name in self._offered_names())

    def problems(self) -> tuple[str, ...]:
        """Load all entry points, and return one line for each that cannot be used."""
        self._load_all()
        return tuple(self._problems)

    def look_again(self) -> None:
        """Look for packages anew at the next question, since some were installed or removed. Loaded items stay."""
        with self._lock, self._looking:
            self._names, self._waiting, self._problems = None, {}, []

    def _load(self, name: str) -> None:
        """Load the entry points called `name`, unless the name is known. Another name waits for no loading."""
        if self.is_offered(name) and not super().__contains__(name):
            with self._lock:
                self._register(self._waiting.pop(name, []))

    def _load_all(self) -> None:
        self._offered_names()
        with self._lock:
            while self._waiting:
                self._register(self._waiting.pop(next(iter(self._waiting))))

    def _offered_names(self) -> frozenset[str]:
        """Return the names of all entry points, looking for them at the first question."""
        with self._looking:
            if self._names is None:
                for point in sorted(metadata.entry_points(group=self._group), key=_package):
                    self._waiting.setdefault(point.name, []).append(point)
                self._names = frozenset(self._waiting)
            return self._names

    def _register(self, points: list[metadata.EntryPoint]) -> None:
        for point in points:
            reason = self._problem(point)
            if reason:
                self._problems.append(f"the {self._kind} {short(point.name)} of the package {_package(point)} {reason}")

    def _problem(self, point: metadata.EntryPoint) -> str:
        """Register the item of an entry point; return what is wrong with it, "" for nothing."""
        if super().__contains__(point.name):
            return "has a name that is taken; choose another name in its entry point"
        if point.name != file_stem(point.name):
            return "has a name that cannot be typed; choose letters, digits, points and dashes"
        try:
            self.register(point.name, self._item_of(point.load()))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (another person's package)
            return f"cannot be used ({type(error).__name__}: {short(str(error), _LONGEST)}); update or remove the package"
        return ""


def _package(point: metadata.EntryPoint) -> str:
    return str(point.dist.name) if point.dist is not None else point.value


def resolve(target: str) -> Any:
    """Import the module of 'package.module:name' now, and return the named object."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
