"""Files of other programs that hold a model."""
