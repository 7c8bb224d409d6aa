"""Runs the measurements that are named, or all, each in a process of its own, and prints one table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys

NAMES = ("map", "window", "training", "busy", "mapped", "own", "own_window", "sections", "start")
LONG = ("families", "published", "evidence", "rotation")  # take up to an hour, and run where they are named
RUNNER = "from tests.benchmarks.{0} import measure; import json; print('ROWS ' + json.dumps(measure()))"
PATIENCE = 4 * 3600  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join((*NAMES, *LONG)))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    unknown = set(args.names) - {*NAMES, *LONG}
    if unknown:
        parser.error(f"unknown measurement {sorted(unknown)[0]!r}; known: {', '.join((*NAMES, *LONG))}")
    failed = False
    rows: list[dict[str, str]] = []
    for name in args.names or NAMES:
        done = subprocess.run(
            [sys.executable, "-c", RUNNER.format(name)],
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            check=False,
        )
        found = [line for line in done.stdout.splitlines() if line.startswith("ROWS ")]
        failed = failed or done.returncode != 0 or not found
        rows += json.loads(found[-1].removeprefix("ROWS ")) if found else [{"what": name, "goal": "", "measured": "failed"}]
    machine = f"{os.cpu_count()} processors, {platform.processor() or platform.machine()}, Python {platform.python_version()}"
    print(json.dumps({"machine": machine, "rows": rows}, ensure_ascii=False) if args.json else _table(machine, rows))
    return 1 if failed else 0


def _table(machine: str, rows: list[dict[str, str]]) -> str:
    lines = [f"Measured on: {machine}", "", "| what | goal | measured |", "|---|---|---|"]
    return "\n".join(lines + ["| {what} | {goal} | {measured} |".format(**row) for row in rows])


if __name__ == "__main__":
    sys.exit(main())
