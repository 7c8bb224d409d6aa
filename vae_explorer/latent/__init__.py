"""Maths on points of the plane. numpy and scipy only."""
