"""Dialogs, all of which open without blocking."""
