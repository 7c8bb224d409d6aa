"""How many draws the samples have at most."""

MOST = 64  # draws from the prior
SEEDS = 10_000  # from 0 on
