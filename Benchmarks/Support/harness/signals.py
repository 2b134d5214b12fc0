"""Leaves a run in order when a signal asks for it."""

import contextlib
import signal
import sys

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_holds = 0
_pending: int | None = None


def leave_in_order() -> None:
    """Makes the first signal leave through the blocks that clean up; they are not interrupted."""
    for each in SIGNALS:
        signal.signal(each, _leave)


@contextlib.contextmanager
def held():
    """Puts leaving off until the end of a block that starts something and notes it down."""
    global _holds
    _holds += 1
    try:
        yield
    finally:
        _holds -= 1
    if _pending is not None and _holds == 0:
        sys.exit(128 + _pending)


def _leave(number: int, _) -> None:
    global _pending
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    _pending = number
    if _holds == 0:
        sys.exit(128 + number)
