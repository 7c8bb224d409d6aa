"""Tricks that are there for speed alone. Each says its symptom, its measured cost, the version, and when to remove it."""
