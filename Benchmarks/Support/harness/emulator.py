"""Starts, invokes and ends a function under the emulator."""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import typing

from .fault import Fault
from .kept_connection import KeptConnection
from .signals import held

HOST = "127.0.0.1"
INVOCATION_PATH = "/2015-03-31/functions/function/invocations"


@dataclasses.dataclass
class Invocation:
    """The outcome of one invocation."""

    status: int
    body: bytes
    milliseconds: float
    fields: dict[str, str] = dataclasses.field(default_factory=dict)

    def json(self):
        """The body as JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Fault(f"The answer is not JSON: {self.body[:200]!r}") from error


class Enclosure(typing.Protocol):
    """Encloses the emulator and its function: a control group, a namespace."""

    def command(self, arguments: list[str]) -> list[str]:
        """A command line that enters it and then becomes another one."""


class Emulator(contextlib.AbstractContextManager):
    """A function under the emulator, from the moment it listens until the block ends."""

    def __init__(
        self,
        emulator: pathlib.Path,
        function: pathlib.Path,
        environment: dict[str, str],
        enclosure: Enclosure | None = None,
    ):
        self._emulator = emulator
        self._function = function
        self._environment = environment
        self._enclosure = enclosure
        self._process: subprocess.Popen | None = None
        # The functions it has started and their start times, which tell a function from a later
        # process with the same id.
        self._functions: dict[int, str | None] = {}
        self._log = tempfile.TemporaryFile()
        self._invocation = threading.Lock()
        self._address = 0

    def __enter__(self) -> "Emulator":
        try:
            # Another program can take a free port before the emulator does: that is tried again.
            for attempt in range(3):
                self._start()
                if self._wait_until_listening(seconds=10):
                    return self
                if attempt < 2:
                    self._end()
            raise Fault(f"The emulator ended before it listened.\n{self.log_tail()}")
        except BaseException:
            self._end()
            self._log.close()
            raise

    def __exit__(self, *_) -> None:
        self._end()
        self._log.close()

    def _start(self) -> None:
        self._address, runtime_address = _free_ports(2)
        command = [
            str(self._emulator),
            "--runtime-interface-emulator-address", f"{HOST}:{self._address}",
            "--runtime-api-address", f"{HOST}:{runtime_address}",
            str(self._function), "handler",
        ]
        if self._enclosure is not None:
            command = self._enclosure.command(command)
        # A session of its own: a terminal's interrupt reaches only this program, which then ends
        # the emulator in order.
        with held():
            self._process = subprocess.Popen(
                command, env=self._environment, stdin=subprocess.DEVNULL, stdout=self._log,
                stderr=self._log, start_new_session=True)

    def _wait_until_listening(self, seconds: float) -> bool:
        """Whether it listens; False when it has ended instead."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            try:
                socket.create_connection((HOST, self._address), timeout=1).close()
                return True
            except OSError:
                time.sleep(0.02)
        raise Fault(f"The emulator does not listen after {seconds:g} s.\n{self.log_tail()}")

    def invoke(self, event: bytes, timeout: float = 30, in_chunks: bool = False) -> Invocation:
        """Invokes the function; never twice at once, for which the emulator is not made."""
        with self._invocation:
            return self.invoke_at_once(event, timeout, in_chunks)

    def invoke_at_once(
        self, event: bytes, timeout: float = 30, in_chunks: bool = False
    ) -> Invocation:
        """Invokes the function, perhaps while it is invoked already: for Managed Instances."""
        connection = http.client.HTTPConnection(HOST, self._address, timeout=timeout)
        body = (event[at:at + 1000] for at in range(0, len(event), 1000)) if in_chunks else event
        try:
            start = time.perf_counter()
            connection.request("POST", INVOCATION_PATH, body=body, encode_chunked=in_chunks)
            response = connection.getresponse()
            answer = response.read()
            milliseconds = (time.perf_counter() - start) * 1000
            self._note_functions()
            return Invocation(response.status, answer, milliseconds, dict(response.getheaders()))
        except (OSError, http.client.HTTPException) as error:
            raise Fault(f"The invocation failed: {error!r}\n{self.log_tail()}") from error
        finally:
            connection.close()

    @property
    def emulator_process(self) -> int:
        """The process id of the emulator."""
        return self._process.pid

    @property
    def function_process(self) -> int | None:
        """The process id of the function, or None while there is none."""
        children = _children(self._process.pid)
        return children[0] if children else None

    def median_milliseconds(self, event: bytes, count: int) -> float:
        """The median time of as many invocations on one kept-alive connection."""
        try:
            with KeptConnection(HOST, self._address, INVOCATION_PATH, event) as connection:
                times = [connection.milliseconds() for _ in range(count)]
        except (OSError, Fault) as error:
            raise Fault(f"The invocation failed: {error!r}\n{self.log_tail()}") from error
        self._note_functions()
        return statistics.median(times)

    def log_tail(self, lines: int = 30) -> str:
        """The end of what the emulator and the function have printed."""
        # At a position of its own: the file's is shared with the processes that write to it.
        descriptor = self._log.fileno()
        start = max(0, os.fstat(descriptor).st_size - 65_536)
        text = os.pread(descriptor, 65_536, start).decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def save_log(self, path: pathlib.Path) -> None:
        """Copies what the emulator and the function have printed until now."""
        descriptor = self._log.fileno()
        size = os.fstat(descriptor).st_size
        with path.open("wb") as file:
            for start in range(0, size, 1 << 20):
                file.write(os.pread(descriptor, min(1 << 20, size - start), start))

    def _end(self) -> None:
        if self._process is None:
            return
        self._note_functions()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for process, start_time in self._functions.items():
            if start_time is not None and _start_time(process) == start_time:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        self._functions.clear()
        self._process = None

    def _note_functions(self) -> None:
        for child in _children(self._process.pid):
            self._functions.setdefault(child, _start_time(child))


def peak_resident_bytes(process: int) -> int | None:
    """The largest resident set a process has had, or None when it has ended."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * 1024
    return None


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def _children(process: int) -> list[int]:
    children: list[int] = []
    for file in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += [int(each) for each in file.read_text().split()]
    return children


def _start_time(process: int) -> str | None:
    """The moment a process was started, in the kernel's own units; None when it has ended."""
    try:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]
