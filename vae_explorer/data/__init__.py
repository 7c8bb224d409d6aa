"""Where images come from. No Qt."""
