"""A person's own images: found, read once into a store, and opened as a data set. numpy and Pillow only."""
