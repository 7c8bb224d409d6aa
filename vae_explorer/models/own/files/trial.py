"""Tries a program in a process of its own, with limits of time and memory: a hostile file ends that process alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS

_MEMORY = 1 << 33  # bytes of data
_REFUSED = 3  # exit status: the program was refused, and stdout holds the reason
_tried: set[str] = set()  # programs of this process that have passed


def try_apart(programs: Mapping[str, bytes]) -> None:
    """Load and call programs elsewhere. Raises `UserError` if one is refused, takes too long or ends the process."""
    digest = hashlib.sha256(
        b"".join(name.encode() + hashlib.sha256(data).digest() for name, data in programs.items())
    ).hexdigest()
    if digest in _tried:
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, data in programs.items():
            (Path(folder) / name).write_bytes(data)
        try:
            done = _run(folder)
        except subprocess.TimeoutExpired:
            raise UserError(f"its program was not done after {LIMITS['seconds'].most} seconds, and was ended") from None
    if done.returncode == _REFUSED:
        raise UserError(done.stdout.strip() or "its program was refused")
    if done.returncode:
        raise UserError(f"its program ended the process that tried it (status {done.returncode}); export it again")
    _tried.add(digest)


def _run(folder: str) -> subprocess.CompletedProcess[str]:
    beside = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", __name__, folder],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMITS["seconds"].most,
        env=os.environ | beside,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # no limits on this system
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # the program writes no file


def main(folder: str) -> int:
    """Load the programs of a folder, and call them as the window would. Return the exit status."""
    programs = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    from vae_explorer.models.own.files.programs import load
    from vae_explorer.models.own.finding import find_out
    from vae_explorer.models.own.given import Given

    _limit()
    try:
        functions = load(programs)
    except UserError as error:
        sys.stdout.write(str(error))
        return _REFUSED
    with contextlib.suppress(UserError):  # what a person says may make it callable
        find_out(functions["decode"], functions.get("encode"), None, Given())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
