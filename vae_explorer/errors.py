"""The one kind of error a person is meant to read: a line that names the thing and the way out."""


class UserError(Exception):
    """Something a person can mend. `str(error)` is one line; the CLI prints it and exits 2, the window shows it in its banner."""
