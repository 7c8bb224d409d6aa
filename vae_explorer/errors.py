"""The one kind of error that a person reads."""


class UserError(Exception):
    """An error that a person can mend. Its one line names the thing and the way out.

    The command line prints the line and exits 2; the window shows the line in its banner.
    """
