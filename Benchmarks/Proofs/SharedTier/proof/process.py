"""The process of a server, of whichever engine."""

import contextlib
import os
import signal


class ServerProcess:
    """What can befall the process of a server, which its engine starts."""

    _process = None

    def kill(self) -> None:
        """Ends the server at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextlib.contextmanager
    def stopped(self):
        """Stops the process until the end of the block; its system still accepts connections."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)
