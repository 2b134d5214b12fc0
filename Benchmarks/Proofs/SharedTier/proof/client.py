"""The process that uses a tier, as an environment of a function does."""

import os
import pathlib
import select
import subprocess
import time

from harness.fault import Fault


class Client:
    """A process of the program SharedTier; its answers are awaited for ten seconds."""

    PATIENCE = 20

    def __init__(self, program: pathlib.Path, address: str, *settings: str, within: list[str] = ()):
        # "within" is a command that starts the process, as in a control group.
        self._process = subprocess.Popen(
            [*within, str(program), address, *settings],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._rest = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    @property
    def processor_seconds(self) -> float:
        """The time of the processor that the process has used."""
        fields = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def descriptor_count(self) -> int:
        """The files and sockets that the process has open."""
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def tell(self, line: str) -> None:
        """Gives the process a line, without waiting for its answer."""
        self._process.stdin.write(f"{line}\n".encode())

    def hear(self) -> tuple[float, str]:
        """The milliseconds that a line took, and the answer."""
        deadline = time.monotonic() + self.PATIENCE
        while b"\n" not in self._rest:
            left = max(0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                raise Fault("the process does not answer")
            piece = os.read(self._process.stdout.fileno(), 65_536)
            if not piece:
                raise Fault(f"the process has ended with status {self._process.wait()}")
            self._rest += piece
        line, self._rest = self._rest.split(b"\n", 1)
        microseconds, answer = line.decode().split(" ", 1)
        return int(microseconds) / 1000, answer

    def ask(self, line: str) -> tuple[float, str]:
        """Gives the process a line and waits for its answer."""
        self.tell(line)
        return self.hear()

    def expect(self, line: str, *beginnings: str) -> float:
        """Gives the process a line; its answer begins with one of some texts. The milliseconds it took."""
        milliseconds, answer = self.ask(line)
        if not answer.startswith(beginnings):
            raise Fault(f"'{line}' was answered with '{answer}', not with '{' or '.join(beginnings)}'")
        return milliseconds

    def expect_in_time(self, line: str, beginning: str, limit: float) -> float:
        """The same, at the end of a limit in milliseconds: later by what a busy machine adds at most."""
        milliseconds = self.expect(line, beginning)
        if milliseconds > limit + 50:
            raise Fault(f"'{line}' took {milliseconds:.1f} ms, its limit is {limit} ms")
        return milliseconds
