"""A time namespace, in which the monotonic clock and the boot clock are moved."""

import os
import pathlib
import shutil
import subprocess

from harness.fault import Fault


class NoTimeNamespace(Exception):
    """Why there can be no such time namespace here."""


class TimeNamespace:
    """Moves the clocks that count from boot, by whole seconds each."""

    def __init__(self, monotonic: int, boottime: int):
        """Tries it with a program that does nothing; raises NoTimeNamespace if that fails."""
        self._offsets = {"monotonic": monotonic, "boottime": boottime}
        if shutil.which("unshare") is None:
            raise NoTimeNamespace("there is no program unshare")
        tried = subprocess.run(
            self.command(["true"]), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if tried.returncode != 0:
            raise NoTimeNamespace(tried.stderr.strip() or f"status {tried.returncode}")

    def command(self, arguments: list[str]) -> list[str]:
        """A command line that enters a new namespace and then becomes another one.

        On kernels where a program enters its new time namespace only with its children, that is the
        function, which the emulator starts.
        """
        command = ["unshare", "--time"]
        # Root of a user namespace of one's own may do it, too.
        command += ["--map-root-user"] if os.geteuid() != 0 else []
        for clock, offset in self._offsets.items():
            command += [f"--{clock}", str(offset)]
        return command + arguments

    def check(self, process: int) -> None:
        """Raises unless the clocks of a process are moved."""
        folder = pathlib.Path(f"/proc/{process}")
        if os.readlink(folder / "ns/time") == os.readlink("/proc/self/ns/time"):
            raise Fault("the function is not in a time namespace of its own")
        lines = (folder / "timens_offsets").read_text().splitlines()
        found = {fields[0]: int(fields[1]) for fields in map(str.split, lines)}
        if found != self._offsets:
            raise Fault(f"the function's clocks are moved by {found}, not {self._offsets}")
