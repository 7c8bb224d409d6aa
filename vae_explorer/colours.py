"""Colours on a dark ground that the window's dark theme and pictures without a window have in common, as #rrggbb."""

TRUE = "#eceff4"  # the borders of the true posterior, and words
HEAT = "#ff922b"  # its density
ENCODER = "#58a6ff"  # the encoder's q(z|x), and whatever else has the accent
BEST = "#c792ea"  # the best diagonal Gaussian
