"""From the start of the process to the map with its points, and on to the first decoded image; beside `import torch`.

The processes find compiled modules, as an installed program does. Python compiles the modules in the first round.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

from tests.benchmarks.tools import row

ROUNDS = 5
# The program itself, from its own entry point; told to say when the map has been painted and when the decoder has answered.
PROGRAM = '''
import vae_explorer.cli.doctor as doctor
from vae_explorer.cli import main

diagnostics = doctor.diagnostics

def watching(data_dir):
    """Called when all is imported and no window made."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    import vae_explorer.gui.app as app

    class Watched(app.MainWindow):
        def show(self):
            super().show()
            self.session.cursor.decoded.connect(lambda _: (print("decoded", flush=True), QTimer.singleShot(0, self.close)))
            self.watch = Watch(self)
            self.latent_view.viewport().installEventFilter(self.watch)

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, self, self.painted)
            return False

        def painted(self):
            if self.parent().latent_view.codes_item.is_sharp():
                print("painted", flush=True)

    app.MainWindow = Watched
    return diagnostics(data_dir)

doctor.diagnostics = watching
main(["explore"])
'''


def measure() -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}  # empty: not set
        rounds = [_round(environment) for _ in range(ROUNDS + 1)][1:]  # the first one warms the disk's cache
    painted, decoded, imported = (statistics.median(each) for each in zip(*rounds, strict=True))
    ratio = statistics.median(painted / imported for painted, _, imported in rounds)
    return [
        row("start of the process to the painted map, beside `import torch`", "≤ 1 ×", f"{ratio:.2f} × ({painted:.2f} s)"),
        row("from there to the first decoded image", "≤ 1.2 s", f"{decoded - painted:.2f} s (torch alone: {imported:.2f} s)"),
    ]


def _round(environment: Mapping[str, str]) -> tuple[float, float, float]:
    """Seconds to 'painted', to 'decoded', and of `import torch`."""
    begun = time.perf_counter()
    said: dict[str, float] = {}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stdout or ():
            said.setdefault(line.strip(), time.perf_counter() - begun)
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True, env=environment)
    return said["painted"], said["decoded"], time.perf_counter() - begun
