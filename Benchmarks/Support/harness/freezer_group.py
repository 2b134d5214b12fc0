"""A control group whose processes can be frozen, version 1 or 2."""

import contextlib
import subprocess
import time

from .control_group import ControlGroup, NoControlGroup, hierarchies, require_root
from .fault import Fault
from .signals import held


class FreezerGroup(ControlGroup):
    """A cgroup that stops and resumes all its processes at once, as Lambda does."""

    def __init__(self, version: int):
        """Creates the group; raises NoControlGroup where that is not possible or not allowed."""
        require_root("freezer")
        for mount, found, controllers in hierarchies():
            # Version 2 freezes without a controller.
            if found == version and (version == 2 or "freezer" in controllers):
                break
        else:
            raise NoControlGroup(f"no cgroup hierarchy of version {version} can freeze")
        super().__init__(mount, version)
        self._control = self.path / ("freezer.state" if version == 1 else "cgroup.freeze")
        self._state = self.path / ("freezer.state" if version == 1 else "cgroup.events")
        try:
            self._try()
        except BaseException:
            self.remove()
            raise

    def _try(self) -> None:
        if not self._control.exists():
            raise NoControlGroup(f"this kernel has no {self._control.name}")
        tried = subprocess.run(
            self.command(["true"]), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if tried.returncode != 0:
            raise NoControlGroup(tried.stderr.strip() or f"status {tried.returncode}")

    @contextlib.contextmanager
    def frozen(self):
        """Stops the processes until the end of the block."""
        try:
            self._set(True)
            yield
        finally:
            # A process frozen on version 1 cannot be ended: nothing may come in between.
            with held():
                self._set(False)

    def _set(self, is_frozen: bool) -> None:
        if self.version == 1:
            text = state = "FROZEN" if is_frozen else "THAWED"
        else:
            text = str(int(is_frozen))
            state = f"frozen {text}"
        self._control.write_text(text)
        deadline = time.monotonic() + 5
        while state not in self._state.read_text().splitlines():
            if time.monotonic() > deadline:
                raise Fault(f"{self.path} is not {state} after 5 s")
            time.sleep(0.005)
