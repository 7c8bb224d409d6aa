"""What is loaded when, each in a fresh process: the slow and the graphical only where they are needed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vae_explorer.cli import COMMANDS

QT = ["PySide6", "shiboken6", "pyqtgraph"]
HEAVY = ["torch", "torchvision", "sklearn", *QT]
LATER = [  # what the window loads after its first map
    *("torch", "torchvision", "scipy", "sklearn", "PIL"),
    *(f"vae_explorer.{name}" for name in ("images", "image_reading", "picture_files", "fitting", "folders")),
    *(f"vae_explorer.training.{name}" for name in ("config", "options", "threads", "usual", "validation")),
    *(f"vae_explorer.data.own.{name}" for name in ("adding", "reading", "store")),
    *(f"vae_explorer.gui.dialogs.{name}" for name in ("help", "images", "pretrained_dialog")),
    *("vae_explorer.gui.features.training.dialog", "vae_explorer.inference.trained"),
]


def loaded_after(code: str, packages: list[str]) -> list[str]:
    """Those of `packages` that a fresh process has loaded after running `code`."""
    answer = answer_of(f"{code}\nimport sys; print([name for name in {packages} if name in sys.modules])")
    return list(eval(answer))


def answer_of(code: str) -> str:
    """The last line that a fresh process prints."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240, env=environment
    )
    return done.stdout.splitlines()[-1]


def test_that_the_python_api_loads_neither_torch_nor_qt() -> None:
    assert loaded_after("import vae_explorer as vx; vx.list_models()", HEAVY) == []


def test_that_the_codes_of_a_model_are_read_without_torch(tiny_model_path: Path) -> None:
    code = f"import vae_explorer as vx; assert len(vx.codes({str(tiny_model_path)!r})) == 1797"
    assert loaded_after(code, HEAVY) == []


def test_that_the_codes_can_be_asked_for_twice(tiny_model_path: Path) -> None:
    path = str(tiny_model_path)
    code = f"import vae_explorer as vx; vx.codes({path!r}); import vae_explorer.codes; assert len(vx.codes({path!r})) == 1797"
    assert loaded_after(code, HEAVY) == []


def test_that_the_arguments_of_a_command_are_checked_without_torch() -> None:
    code = "from vae_explorer.cli import main\nassert main(['train', '--learning-rate', '0']) == 2"
    assert loaded_after(code, HEAVY) == []


def test_that_the_gui_thread_waits_for_no_module_that_the_painted_map_does_not_need() -> None:
    """Threads of the window load torch and scipy beside it. Dialogs, drops and jobs load the rest when a person asks for them."""
    assert all(importlib.util.find_spec(name) for name in LATER)
    code = f"""
import sys, threading
loaded = []
class Watch:
    def find_spec(self, name, *_):
        if name in {LATER} and threading.current_thread() is threading.main_thread():
            loaded.append(name)
sys.meta_path.insert(0, Watch())
from vae_explorer.gui.app import create_application, create_window
application = create_application()
window = create_window(remember=False)
window.show()
while not window.latent_view.codes_item.is_sharp():
    application.processEvents()
before = list(loaded)
window.close()
print(before)
"""
    assert answer_of(code) == "[]"


def test_that_a_command_loads_no_other_command() -> None:
    others = [f"vae_explorer.cli.{name}" for name in COMMANDS if name not in {"explore", "list", "doctor"}]
    assert loaded_after("from vae_explorer.cli import main\nassert main(['list', 'families']) == 0", others) == []
    assert loaded_after("from vae_explorer.cli import main\nassert main(['explore', 'no-such-model']) == 2", others) == []


def test_that_nothing_is_collected_while_the_modules_of_the_window_are_imported() -> None:
    code = """
import gc, sys
modules = []
class Watch:
    def find_spec(self, name, *_):
        if name.startswith(("pyqtgraph.", "vae_explorer.gui.")):
            modules.append((name, gc.isenabled()))
sys.meta_path.insert(0, Watch())
from vae_explorer.cli import main
assert main(["explore", "no-such-model"]) == 2
assert len(modules) > 100
print([name for name, collects in modules if collects])
"""
    assert answer_of(code) == "[]"


def test_that_the_window_imports_modules_without_reading_their_sources() -> None:
    code = """
import linecache
import vae_explorer.gui.app
print(len([file for file in linecache.cache if "vae_explorer" in file or "pyqtgraph" in file]))
"""
    assert int(answer_of(code)) < 10, "PySide6 reads the sources"


def test_that_a_module_beside_the_window_may_choose_other_names_of_qt(tmp_path: Path) -> None:
    (tmp_path / "snakes.py").write_text(
        "from PySide6.QtWidgets import QLabel\n"
        "from __feature__ import snake_case\n"
        "def use(label, usual):\n"
        "    label.set_text('snake')\n"
        "    usual(label)\n"
        "    return hasattr(label, 'setText'), hasattr(label, 'set_text')\n"
    )
    (tmp_path / "camels.py").write_text("def use(label):\n    label.setText('camel')\n")
    code = f"""
import sys
sys.path.append({str(tmp_path)!r})
from vae_explorer.gui.app import create_application
from PySide6.QtWidgets import QLabel
application = create_application()
import camels, snakes
made = QLabel()
print(snakes.use(made, camels.use), made.text())
"""
    assert answer_of(code) == "(False, True) camel"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc/self/maps is Linux's")
def test_that_torchs_libraries_are_opened_beside_the_imports_that_come_before_it() -> None:
    code = """
import sys, threading
from pathlib import Path
from vae_explorer.runtime.loading_torch import load_torch, open_libraries
open_libraries()
[thread.join() for thread in threading.enumerate() if thread.name == "libraries"]
assert "libtorch_cpu.so" in Path("/proc/self/maps").read_text()
assert "torch" not in sys.modules
load_torch()
import torch
assert torch.ones(3).sum() == 3
"""
    assert loaded_after(code, ["torch"]) == ["torch"]


def test_that_torch_code_knows_no_qt() -> None:
    names = (
        "training.loop",
        "training.child",
        "inference.trained",
        "inference.evaluation",
        "inference.mailbox",
        "models.networks",
    )
    assert loaded_after(f"import {', '.join(f'vae_explorer.{name}' for name in names)}", QT) == []


def test_that_latent_maths_knows_no_torch() -> None:
    modules = ", ".join(f"vae_explorer.latent.{name}" for name in ("densities", "grids", "neighbours", "paths", "raster"))
    assert loaded_after(f"import {modules}", ["torch", "PIL", "sklearn", *QT]) == []
