"""All of Qt. Views are passive, Session owns the state, workers do what takes time."""
