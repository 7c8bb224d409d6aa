"""The limits of samples from the prior."""

MAX_COUNT = 64
SEEDS = 10_000  # seeds are 0 to SEEDS − 1
