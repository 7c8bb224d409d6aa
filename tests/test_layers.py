from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_that_every_module_imports_only_what_its_floor_may() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    if done.returncode:
        pytest.fail(done.stdout[done.stdout.find("Contracts") :] + done.stderr, pytrace=False)
