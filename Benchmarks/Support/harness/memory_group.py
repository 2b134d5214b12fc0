"""A memory cgroup of the function's size, version 1 or 2."""

import pathlib

from .control_group import (
    ControlGroup, NoControlGroup, hierarchies, refusals_explained, require_root)
from .fault import Fault


class MemoryGroup(ControlGroup):
    """A cgroup whose processes together cannot have more than so many bytes.

    What is counted is everything the kernel charges: also the pages of files they have read,
    which it takes back before it kills.
    """

    def __init__(self, byte_limit: int):
        """Creates the group; raises NoControlGroup where that is not possible or not allowed."""
        require_root("memory")
        parent, version = _hierarchy()
        if version == 2:
            _delegate_memory(parent)
        super().__init__(parent, version)
        self.byte_limit = byte_limit
        try:
            with refusals_explained():
                self._limit()
        except NoControlGroup:
            self.path.rmdir()
            raise

    def _limit(self) -> None:
        limit = str(self.byte_limit)
        if self.version == 2:
            (self.path / "memory.max").write_text(limit)
            swap, value = self.path / "memory.swap.max", "0"
        else:
            (self.path / "memory.limit_in_bytes").write_text(limit)
            swap, value = self.path / "memory.memsw.limit_in_bytes", limit
        # Lambda does not swap; a kernel that accounts no swap has no such file.
        if swap.exists():
            swap.write_text(value)

    @property
    def peak_bytes(self) -> int | None:
        """The most that has been charged, or None on kernels of version 2 before 5.19."""
        name = "memory.peak" if self.version == 2 else "memory.max_usage_in_bytes"
        file = self.path / name
        return int(file.read_text()) if file.exists() else None

    @property
    def anonymous_bytes(self) -> int:
        """The bytes charged now that cannot be reclaimed: heap and stacks, not files."""
        key = "anon" if self.version == 2 else "total_rss"
        return self._entry("memory.stat", key)

    @property
    def kills(self) -> int:
        """How many of its processes the kernel has killed for memory."""
        file = "memory.events" if self.version == 2 else "memory.oom_control"
        return self._entry(file, "oom_kill")

    def _entry(self, file: str, key: str) -> int:
        for line in (self.path / file).read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == key:
                return int(value)
        raise Fault(f"{self.path / file} has no {key}.")


def _hierarchy() -> tuple[pathlib.Path, int]:
    """The mount point of the hierarchy that limits memory, and its version."""
    for mount, version, controllers in hierarchies():
        if "memory" in controllers:
            return mount, version
    raise NoControlGroup("no cgroup hierarchy with the memory controller is mounted")


@refusals_explained()
def _delegate_memory(parent: pathlib.Path) -> None:
    """Lets the groups below a hierarchy of version 2 limit memory."""
    control = parent / "cgroup.subtree_control"
    if "memory" not in control.read_text().split():
        control.write_text("+memory")
