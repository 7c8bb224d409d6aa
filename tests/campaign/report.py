"""What an attack of the campaign tells: how many attempts it made, how many held, and which failed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

MARK = "REPORT "  # begins the line on stdout that the command reads


@dataclass
class Report:
    """Counts of one attack. A failure names the attempt and what went wrong, in one line."""

    name: str
    seed: int
    tried: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """The number of attempts that failed, each counted once."""
        return min(len(self.failures), self.tried)

    @property
    def held(self) -> int:
        return self.tried - self.failed

    @property
    def repeat(self) -> str:
        """The command that repeats this attack."""
        return f"python -m tests.campaign {self.name} --seed {self.seed}"

    @contextmanager
    def attempt(self, what: str, problems: Callable[[], list[str]] = list) -> Iterator[None]:
        """Count one attempt. An exception, or what `problems` returns afterwards, makes it a failure."""
        self.tried += 1
        try:
            yield
        except Exception as error:
            self._fail(what, f"{type(error).__name__}: {error}")
        found = problems()
        if found:
            self._fail(what, "; ".join(found))

    def _fail(self, what: str, why: str) -> None:
        line = " ".join(f"{what}: {why}".split())
        self.failures.append(line)
        print(f"FAILED {self.name} {line}\n  repeat: {self.repeat}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        """A figure that belongs to the table, such as the largest gap."""
        self.notes.append(text)

    def tell(self) -> None:
        """Print the report for the command that started this process."""
        print(MARK + json.dumps(asdict(self)), flush=True)


def read_report(output: str) -> Report | None:
    """The report in what an attack printed; None where the process died before it reported."""
    lines = [line for line in output.splitlines() if line.startswith(MARK)]
    return Report(**json.loads(lines[-1].removeprefix(MARK))) if lines else None
