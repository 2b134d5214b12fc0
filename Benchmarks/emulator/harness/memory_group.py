"""A memory cgroup of the function's size, version 1 or 2."""

import os
import pathlib
import signal
import time

from .fault import Fault


class NoMemoryGroup(Exception):
    """Why there can be no memory cgroup here."""


class MemoryGroup:
    """A cgroup whose processes together cannot have more than so many bytes.

    What is counted is everything the kernel charges: also the pages of files they have read,
    which it takes back before it kills.
    """

    def __init__(self, byte_limit: int):
        """Creates the group; raises NoMemoryGroup where that is not possible or not allowed."""
        if os.geteuid() != 0:
            raise NoMemoryGroup("only root may make a memory cgroup")
        parent, self._version = _hierarchy()
        self.byte_limit = byte_limit
        self.path = parent / f"lambda-function-{os.getpid()}"
        try:
            if self._version == 2:
                controllers = (parent / "cgroup.subtree_control").read_text().split()
                if "memory" not in controllers:
                    (parent / "cgroup.subtree_control").write_text("+memory")
            self.path.mkdir()
        except OSError as error:
            raise NoMemoryGroup(f"{error.strerror}: {error.filename}") from error
        try:
            self._limit()
        except OSError as error:
            self.path.rmdir()
            raise NoMemoryGroup(f"{error.strerror}: {error.filename}") from error

    def _limit(self) -> None:
        limit = str(self.byte_limit)
        if self._version == 2:
            (self.path / "memory.max").write_text(limit)
            swap, value = self.path / "memory.swap.max", "0"
        else:
            (self.path / "memory.limit_in_bytes").write_text(limit)
            swap, value = self.path / "memory.memsw.limit_in_bytes", limit
        # Lambda does not swap; a kernel that accounts no swap has no such file.
        if swap.exists():
            swap.write_text(value)

    @property
    def version(self) -> int:
        """The version of the cgroup interface."""
        return self._version

    @property
    def processes(self) -> list[int]:
        """The ids of the processes in it."""
        return [int(line) for line in (self.path / "cgroup.procs").read_text().split()]

    @property
    def peak_bytes(self) -> int | None:
        """The most that has been charged, or None on kernels of version 2 before 5.19."""
        name = "memory.peak" if self._version == 2 else "memory.max_usage_in_bytes"
        file = self.path / name
        return int(file.read_text()) if file.exists() else None

    @property
    def anonymous_bytes(self) -> int:
        """What is charged now and cannot be taken back: heap and stacks, not files."""
        key = "anon" if self._version == 2 else "total_rss"
        return self._entry("memory.stat", key)

    @property
    def kills(self) -> int:
        """How many of its processes the kernel has killed for memory."""
        file = "memory.events" if self._version == 2 else "memory.oom_control"
        return self._entry(file, "oom_kill")

    def _entry(self, file: str, key: str) -> int:
        for line in (self.path / file).read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == key:
                return int(value)
        raise Fault(f"{self.path / file} has no {key}.")

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


def _hierarchy() -> tuple[pathlib.Path, int]:
    """The mount point of the hierarchy that limits memory, and its version."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, mount, kind, options, *_ = line.split(" ")
        if kind == "cgroup" and "memory" in options.split(","):
            return pathlib.Path(mount), 1
        if kind == "cgroup2":
            controllers = pathlib.Path(mount) / "cgroup.controllers"
            if controllers.exists() and "memory" in controllers.read_text().split():
                return pathlib.Path(mount), 2
    raise NoMemoryGroup("no cgroup hierarchy with the memory controller is mounted")
