"""A view of the file system in which a function lies where Lambda puts it, for one process only."""

import pathlib
import subprocess

from .fault import Fault

# A mount namespace of its own: no other process sees the mount, and it ends with the process.
_UNSHARE = ["unshare", "--mount", "--propagation", "private"]
_MOUNT = "mount -t tmpfs none /var"


class NoImage(Fault):
    """This user may not have such a view; the text says why."""


class Image:
    """Encloses an emulator where the function is /var/task/bootstrap.

    The emulator of a Managed Instance looks for its function there only.
    """

    def __init__(self, function: pathlib.Path):
        try:
            tried = subprocess.run(
                [*_UNSHARE, *_MOUNT.split()], stdin=subprocess.DEVNULL, capture_output=True,
                text=True)
        except OSError as error:
            raise NoImage(str(error)) from error
        if tried.returncode != 0:
            raise NoImage(tried.stderr.strip() or "it is not allowed")
        self._function = function

    def command(self, arguments: list[str]) -> list[str]:
        """A command line that sets the view up and then becomes another one, in one process."""
        script = f'{_MOUNT} && mkdir /var/task && cp "$0" /var/task/bootstrap && exec "$@"'
        return [*_UNSHARE, "sh", "-c", script, str(self._function), *arguments]
