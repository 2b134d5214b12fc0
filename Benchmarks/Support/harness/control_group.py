"""A control group for the processes of a run, version 1 or 2."""

import collections.abc
import contextlib
import os
import pathlib
import signal
import time

from .fault import Fault


class NoControlGroup(Exception):
    """Why there can be no such control group here."""


class ControlGroup:
    """A group below the mount point of a hierarchy, removed with whatever is still in it."""

    def __init__(self, parent: pathlib.Path, version: int):
        """Creates the group; raises NoControlGroup where that is not possible or not allowed."""
        self._version = version
        self.path = parent / f"lambda-function-{os.getpid()}"
        with refusals_explained():
            self.path.mkdir()

    @property
    def version(self) -> int:
        """The version of the cgroup interface."""
        return self._version

    @property
    def processes(self) -> list[int]:
        """The ids of the processes in it."""
        return [int(line) for line in (self.path / "cgroup.procs").read_text().split()]

    def command(self, arguments: list[str]) -> list[str]:
        """A command line that puts its process into the group and then becomes another one."""
        script = 'echo $$ > "$0" && exec "$@"'
        return ["/bin/sh", "-c", script, str(self.path / "cgroup.procs"), *arguments]

    def remove(self) -> None:
        """Ends what is still in the group, and removes it."""
        deadline = time.monotonic() + 10
        while self.path.exists():
            for process in self.processes:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            try:
                self.path.rmdir()
            except OSError as error:
                # A process that has just ended is counted for a moment more.
                if time.monotonic() > deadline:
                    raise Fault(f"{self.path} could not be removed: {error}") from error
                time.sleep(0.02)


@contextlib.contextmanager
def refusals_explained():
    """Turns what the kernel refuses within the block into the reason why there is no group."""
    try:
        yield
    except OSError as error:
        raise NoControlGroup(f"{error.strerror}: {error.filename}") from error


def require_root(kind: str) -> None:
    """Raises NoControlGroup for anybody else."""
    if os.geteuid() != 0:
        raise NoControlGroup(f"only root may make a {kind} cgroup")


def hierarchies() -> collections.abc.Iterator[tuple[pathlib.Path, int, list[str]]]:
    """The mount points of cgroups: path, version, and the controllers that are there."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, mount, kind, options, *_ = line.split(" ")
        if kind == "cgroup":
            yield pathlib.Path(mount), 1, options.split(",")
        elif kind == "cgroup2":
            controllers = pathlib.Path(mount) / "cgroup.controllers"
            if controllers.exists():
                yield pathlib.Path(mount), 2, controllers.read_text().split()
