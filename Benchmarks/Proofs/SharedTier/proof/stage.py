"""What the cases need, and what they have in common."""

import contextlib
import dataclasses
import pathlib
import time

from harness.control_group import NoControlGroup
from harness.fault import Fault
from harness.freezer_group import FreezerGroup
from .client import Client
from .memcached import MemcachedServer
from .server import Server


class Skipped(Exception):
    """Why a case cannot be played here."""


@dataclasses.dataclass
class Stage:
    """What the cases need."""

    program: pathlib.Path
    server: str
    is_short: bool
    # Whether times are judged, which depend on what else the machine does.
    judges_times: bool = False
    # Whether the program was built with TLS.
    has_tls: bool = False
    # Whether the engine is memcached.
    is_memcached: bool = False

    def serve(self, idle_seconds: int | None = None) -> Server | MemcachedServer:
        """A server, which ends connections that are idle for some seconds if that is asked for."""
        if self.is_memcached:
            return MemcachedServer(*(["-o", f"idle_timeout={idle_seconds}"] if idle_seconds else []))
        return Server(self.server, *(["--timeout", str(idle_seconds)] if idle_seconds else []))

    def client(self, address: str, *settings: str, within: list[str] = ()) -> Client:
        """A process that uses a tier."""
        engine = ("engine", "memcached") if self.is_memcached else ()
        return Client(self.program, address, *engine, *settings, within=within)

    @property
    def clock_tick(self) -> float:
        """The seconds in which the server's time goes on."""
        return 1 if self.is_memcached else 0.03


@contextlib.contextmanager
def freezer():
    """A control group that can be frozen; without one the case is skipped."""
    try:
        group = FreezerGroup(1)
    except NoControlGroup:
        try:
            group = FreezerGroup(2)
        except NoControlGroup as reason:
            raise Skipped(str(reason)) from reason
    try:
        yield group
    finally:
        group.remove()


def recover(client: Client, line: str, beginning: str) -> None:
    """Asks until the answer is right, which it must be within seconds: pauses have to end."""
    deadline = time.monotonic() + 15
    while not (answer := client.ask(line)[1]).startswith(beginning):
        if not answer.startswith("error") or time.monotonic() > deadline:
            raise Fault(f"'{line}' was answered with '{answer}' to the end")
        time.sleep(0.05)
