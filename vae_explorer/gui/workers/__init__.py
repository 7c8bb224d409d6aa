"""QThreads: what must not run on the GUI thread."""
