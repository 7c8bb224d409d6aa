"""Tricks for speed alone.

Each module says: symptom, measured cost, version, and when to remove the trick.
"""
