"""Checks whether a window can open here; Qt would abort the process."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import subprocess
import sys
from importlib import metadata

_DEBIAN = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
_HARMLESS = ("offscreen", "minimal")  # platforms without needs
_PROBE_SECONDS = 60
QT_PROBE = "from PySide6.QtWidgets import QApplication; print(QApplication([]).platformName())"
_DEBIAN_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}


def window_problems() -> list[str]:
    """Return one line, with a remedy, for each reason why no window can open. Loads no Qt."""
    problems = [problem for problem in (bad_qt(),) if problem]
    if not sys.platform.startswith("linux"):
        return problems
    problems += missing_libraries(_DEBIAN)
    if platform() == "xcb":
        problems += missing_libraries(_DEBIAN_X11) or no_display()
    elif platform() not in _HARMLESS and not problems:
        good, said = probe(QT_PROBE)
        problems += [] if good else [qt_advice(said)]
    return problems


def probe(code: str) -> tuple[bool, str]:
    """Run a line of Python in its own process, which may abort.

    Return whether it succeeded, and its output.
    """
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False, f"no answer within {_PROBE_SECONDS} s"
    if done.returncode == 0:
        return True, done.stdout.strip()
    said = [line for line in done.stderr.strip().splitlines() if line.strip()]
    return False, said[0] if said else f"exit status {done.returncode}"


def qt_advice(said: str) -> str:
    return f"Qt cannot open a window on {platform()} ({said}); set QT_QPA_PLATFORM=xcb, or use 'vae-explorer screenshot'"


def platform() -> str:
    """Return the Qt platform that a window would use."""
    chosen = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if chosen or not sys.platform.startswith("linux"):
        return chosen or sys.platform
    return "wayland" if os.environ.get("WAYLAND_DISPLAY") and not os.environ.get("DISPLAY") else "xcb"


def bad_qt() -> str:
    """Name PySide6 6.12 on Python before 3.12, where repaints abort (PYSIDE-3474)."""
    try:
        version = metadata.version("PySide6-Essentials")
    except metadata.PackageNotFoundError:
        return "PySide6-Essentials is not installed; install VAE Explorer again with pip"
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers >= (6, 12) and sys.version_info < (3, 12):
        return f"PySide6 {version} aborts on Python before 3.12; run: pip install 'PySide6-Essentials<6.12'"
    return ""


def missing_libraries(libraries: dict[str, str]) -> list[str]:
    missing = [package for library, package in libraries.items() if not _loads(library)]
    if not missing:
        return []
    return [f"system libraries are missing that Qt needs; on Debian or Ubuntu run: apt-get install {' '.join(missing)}"]


def no_display() -> list[str]:
    """Ask the X server, since Qt aborts on a DISPLAY that leads nowhere."""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return [
            "there is no display: DISPLAY is not set; start VAE Explorer in a desktop session, or use 'vae-explorer screenshot'"
        ]
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return [f"the display {display!r} does not answer; check DISPLAY, or use 'vae-explorer screenshot'"] if error else []


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
