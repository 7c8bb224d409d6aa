"""Attacks the program, each attack in a process of its own, and prints one table: tried, held, failed."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.campaign.report import Report, read_report
from tests.campaign.sandbox import deep, environment

ATTACKS = ("files", "events", "mouse", "trainings", "comparisons", "kills", "disk", "datasets")
RUNNER = "from tests.campaign.{0} import attack; attack({1}, {2!r}).tell()"
PATIENCE = 2 * 3600  # seconds until an attack counts as hanging


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ATTACKS))
    parser.add_argument("--seed", type=int, default=0, help="of every random choice; a failure prints the seed that repeats it")
    parser.add_argument("--share", type=float, default=1.0, help="of the attempts, such as 0.1 for a quick look")
    args = parser.parse_args()
    unknown = set(args.names) - set(ATTACKS)
    if unknown:
        parser.error(f"unknown attack {sorted(unknown)[0]!r}; known: {', '.join(ATTACKS)}")
    reports = [run(name, args.seed, args.share) for name in args.names or ATTACKS]
    print(table(reports))
    return 1 if any(report.failures for report in reports) else 0


def run(name: str, seed: int, share: float) -> Report:
    """One attack in a process of its own. A process that dies without a report is a failure."""
    with TemporaryDirectory(prefix="campaign-") as folder:
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", RUNNER.format(name, seed, share)],
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            env=environment(Path(folder)),
            cwd=deep(Path(folder)),
            check=False,
        )
    report = read_report(done.stdout)
    if report is None:
        report = Report(name, seed, tried=1, failures=[f"the process ended with status {done.returncode}"])
        print(f"FAILED {name} {report.failures[-1]}\n  repeat: {report.repeat}", file=sys.stderr)
    return report


def table(reports: list[Report]) -> str:
    lines = ["| attack | seed | tried | held | failed | measured |", "|---|---|---|---|---|---|"]
    for report in reports:
        notes = ", ".join(report.notes)
        lines.append(f"| {report.name} | {report.seed} | {report.tried:,} | {report.held:,} | {report.failed} | {notes} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
