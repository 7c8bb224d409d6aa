"""Kinds of sources, one a file; each finds the images of a path and reads none."""
