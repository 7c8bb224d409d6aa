"""The window. Views show, parts keep state, threads do what takes time."""

import PySide6.QtCore  # noqa: F401 (first: pyqtgraph takes the Qt that is imported)

from vae_explorer.gui.runtime.loading_pyqtgraph import load_pyqtgraph
from vae_explorer.gui.runtime.unread_sources import leave_sources_unread

leave_sources_unread()
load_pyqtgraph()
