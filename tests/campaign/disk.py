"""Every writer of the program on a full disk, a tmpfs of its own: the file of before stays, and one line says why."""

from __future__ import annotations

import contextlib
import io
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import vae_explorer as vx
from tests.campaign.report import Report
from tests.campaign.sandbox import folder
from tests.campaign.window import Watch, close_window, open_window, settle
from vae_explorer.cli import main

ROUNDS = 12  # fillings of the disk a writer
SIZE = 4 * 2**20  # bytes of the disk
Z = ["--z", "0.5", "-1"]
PATH = ["--start", "-1", "1.6", "--end", "1.6", "-0.9"]
TRAIN = ["train", "--dataset", "digits", "--epochs", "1", "--hidden", "16"]
WRITERS = {  # words of the command line, and the suffix of the file
    "train": (TRAIN, ".safetensors"),
    "decode": (["decode", "mnist-vae-small", *Z], ".png"),
    "manifold": (["manifold", "mnist-vae-small", "--grid", "20"], ".png"),
    "gif": (["interpolate", "mnist-vae-small", *PATH], ".gif"),
    "apng": (["interpolate", "mnist-vae-small", *PATH], ".apng"),
    "strip": (["interpolate", "mnist-vae-small", *PATH], ".png"),
    "screenshot": (["screenshot", "digits-vae"], ".png"),
}
BEFORE = b"the file of before"


def attack(seed: int, share: float) -> Report:
    report, chosen = Report("disk", seed), random.Random(seed)
    disk = folder() / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)], capture_output=True, text=True)
    if mounted.returncode:
        report.note(f"skipped: no tmpfs can be mounted here ({mounted.stderr.strip()})")
        return report
    try:
        for name, (words, suffix) in WRITERS.items():
            for number in range(max(round(ROUNDS * share), 2)):
                with report.attempt(f"{name} {number}"), _filled(disk, chosen) as left:
                    _from_command_line(words, disk / f"out{suffix}", with_file=bool(number % 2), left=left)
        _from_window(report, chosen, disk, max(round(ROUNDS * share), 2))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    return report


@contextlib.contextmanager
def _filled(disk: Path, chosen: random.Random) -> Iterator[int]:
    """Fill the disk but for some bytes; afterwards nothing is left on it."""
    left = chosen.choice((0, 0, 4096, 8192, 65536, 262144))
    with contextlib.suppress(OSError), (disk / "filling").open("wb") as filling:
        filling.write(b"x" * (SIZE - left - len(BEFORE) - 4096))
        filling.flush()
    try:
        yield left
    finally:
        for path in disk.iterdir():
            path.unlink()


def _from_command_line(words: list[str], out: Path, with_file: bool, left: int) -> None:
    """Run a command that writes `out`: it succeeds, or `out` is as before and one line says why."""
    if with_file:
        out.write_bytes(BEFORE)
    answer, complaint = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(answer), contextlib.redirect_stderr(complaint):
        status = main([*words, "--out", str(out)])
    said = complaint.getvalue()
    if "Traceback" in said:
        raise RuntimeError(f"a traceback: {said[-300:]}")
    hidden = [path.name for path in out.parent.iterdir() if path.name not in {"filling", out.name}]
    if hidden:
        raise RuntimeError(f"a half-written file is left: {', '.join(hidden)}")
    whole = out.exists() and out.read_bytes() != BEFORE and out.stat().st_size > 0
    if status == 0 and not whole and words is not TRAIN:
        raise RuntimeError(f"status 0 without a file, {left} bytes left")
    if status != 0 and with_file != out.exists():
        raise RuntimeError("the file of before is gone" if with_file else "half a file is left")
    if status != 0 and with_file and out.read_bytes() != BEFORE:
        raise RuntimeError("the file of before was changed")
    if words is TRAIN:
        _find_model(answer.getvalue() + said, status, out, whole)


def _find_model(said: str, status: int, out: Path, whole: bool) -> None:
    """A run that was trained is a model that opens, at `out` or where a line says; or it was refused before the first step."""
    if whole:
        vx.load(out)
        return
    elsewhere = [
        Path(name)
        for name in dict.fromkeys(re.findall(r"(/\S+?\.safetensors)", said))
        if Path(name) != out and Path(name).exists()
    ]
    trained = "epoch 1" in said or "1/1" in said
    if not elsewhere and trained:
        raise RuntimeError(f"the finished model is lost: {said.strip()[-300:]}")
    for path in elsewhere:
        vx.load(path)
        path.unlink()
    if not elsewhere and status == 0:
        raise RuntimeError(f"status 0 without a model: {said.strip()[-300:]}")


def _from_window(report: Report, chosen: random.Random, disk: Path, rounds: int) -> None:
    """Save model as and Export path: the window says why in its banner and lives on."""
    watch, window = Watch(), open_window("mnist-vae-small")
    session = window.session
    said: list[str] = []
    session.problem_raised.connect(lambda message, _: said.append(message))
    session.notice_raised.connect(said.append)
    for z in ((-1.0, 1.6), (1.6, -0.9)):
        session.frames.click(z)
    settle(window)
    for name, write in (("save", lambda path: session.save_model(path)), ("export", session.export_path)):
        for number in range(rounds):
            said.clear()
            with report.attempt(f"window {name} {number}", watch.take), _filled(disk, chosen):
                out = disk / ("out.safetensors" if name == "save" else "out.gif")
                write(out)
                settle(window)
                if not said:
                    raise RuntimeError("neither a notice nor a problem was shown")
                half = [path.name for path in disk.iterdir() if path.name.endswith(".part")]
                if half:
                    raise RuntimeError(f"a half-written file is left: {', '.join(half)}")
    with report.attempt("close", lambda: close_window(window) + watch.take()):
        pass
