"""Passive widgets: signals out, setters in. They know numpy, `latent` and `theme`, and no torch."""
