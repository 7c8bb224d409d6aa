"""Models of a person's own: what their functions take and give, found out by calling them."""
