"""Colours on dark ground (#rrggbb), shared by the dark theme and by exported pictures."""

TRUE = "#eceff4"  # borders of the true posterior, and text
HEAT = "#ff922b"  # density of the true posterior
ENCODER = "#58a6ff"  # the encoder's q(z|x), and the accent colour
BEST = "#c792ea"  # the best diagonal Gaussian
