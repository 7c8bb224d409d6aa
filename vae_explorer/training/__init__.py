"""Training as a generator of typed events. No Qt."""
