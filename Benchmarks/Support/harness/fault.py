"""The error of a run."""


class Fault(Exception):
    """A run that cannot go on, or an answer that is not the expected one; the text says why."""
