"""Dialogs, all opened without blocking."""
