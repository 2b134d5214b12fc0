"""A real memcached on loopback."""

import contextlib
import os
import shutil
import socket
import subprocess
import time

from harness.fault import Fault
from .process import ServerProcess
from .server import free_port


class MemcachedServer(ServerProcess):
    """A memcached of 64 MB."""

    PROGRAM = "memcached"

    def __init__(self, *options: str):
        self._options = options
        self.port = free_port()
        self._process: subprocess.Popen | None = None
        self.start()

    @classmethod
    def is_there(cls) -> bool:
        """Whether the program is installed."""
        return shutil.which(cls.PROGRAM) is not None

    def __enter__(self) -> "MemcachedServer":
        return self

    def __exit__(self, *_) -> None:
        self.kill()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the server on its port and waits until it answers."""
        command = [self.PROGRAM, "-l", "127.0.0.1", "-p", str(self.port), "-U", "0", "-t", "2", *self._options]
        if os.geteuid() == 0:
            command += ["-u", "root"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                if self.ask("mn") == ["MN"]:
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Fault(f"{self.PROGRAM} does not start, or knows no meta commands: {command}")
            time.sleep(0.02)

    def ask(self, line: str) -> list[str]:
        """The lines of the answer to a command, on a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"{line}\r\nmn\r\n".encode())
            answer = b""
            while not answer.endswith(b"MN\r\n"):
                piece = connection.recv(65_536)
                if not piece:
                    break
                answer += piece
        lines = answer.decode().split("\r\n")[:-1]
        return lines if line == "mn" and len(lines) == 1 else lines[:-1] or lines

    def figure(self, name: str) -> int:
        """A number of the answer to "stats"."""
        for line in self.ask("stats"):
            words = line.split()
            if words[:2] == ["STAT", name]:
                return int(words[2])
        raise Fault(f"stats has no {name}")

    @property
    def connections(self) -> int:
        """The connections there are, that of the question included."""
        return self.figure("curr_connections")

    @property
    def connections_received(self) -> int:
        """The connections there were."""
        return self.figure("total_connections")

    def drop_tag(self, name: str) -> None:
        """Drops the generation of a tag, as for want of memory."""
        self.ask(f"md t:{name}")

    def forget_scripts(self) -> None:
        """It has none."""

    @property
    def version(self) -> str:
        """The server's name and version."""
        return f"memcached {self.ask('version')[0].split()[-1]}"
