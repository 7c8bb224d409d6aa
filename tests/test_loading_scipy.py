from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys, threading
sys.setswitchinterval(1e-6)
from vae_explorer.runtime.loading_scipy import load_scipy
failed = []
def use(part):
    try:
        load_scipy()
        __import__("scipy." + part)
    except Exception as error:
        failed.append(error)
parts = ("ndimage", "sparse.csgraph", "spatial", "special", "ndimage", "special")
threads = [threading.Thread(target=use, args=(part,)) for part in parts]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
loaded = set(sys.modules)
import scipy.ndimage, scipy.sparse.csgraph, scipy.spatial, scipy.special
assert set(sys.modules) == loaded, "a part that is used is not loaded beforehand"
assert not failed, failed
"""


def test_that_threads_that_want_parts_of_scipy_at_once_all_get_them() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")


def test_that_nothing_imports_a_part_of_scipy_without_loading_it_first() -> None:
    """A module that imports scipy in a function calls `load_scipy` in it."""
    import ast
    from pathlib import Path

    import vae_explorer

    for path in Path(vae_explorer.__file__).parent.rglob("*.py"):
        if path.name == "loading_scipy.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                inside = [part for part in ast.walk(node) if isinstance(part, ast.ImportFrom) and part.module]
                wanted = [part for part in inside if part.module.split(".")[0] in ("scipy", "sklearn")]
                calls = [
                    part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
                ]
                assert not wanted or "load_scipy" in calls, f"{path.name}: {node.name}"
