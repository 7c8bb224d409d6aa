"""Models side by side on linked maps."""
