"""A real server on loopback, and a proxy in front of one."""

import collections.abc
import contextlib
import pathlib
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import typing

from harness.fault import Fault
from .process import ServerProcess


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server(ServerProcess):
    """A redis-server or valkey-server that keeps nothing on disk."""

    def __init__(
            self, program: str, *options: str, password: str | None = None,
            place: collections.abc.Callable[[], typing.ContextManager] = contextlib.nullcontext,
            addresses: tuple[str, ...] = ()):
        # "place" is the host that it is started on, with "addresses" beside loopback.
        self._program = program
        self._place = place
        self.addresses = addresses
        self._password = password
        self._options = options
        self._folder = tempfile.mkdtemp()
        self.port = free_port()
        self._process: subprocess.Popen | None = None
        self.start()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the server on its port and waits until it answers."""
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", *self.addresses,
                   "--save", "", "--protected-mode", "no" if self.addresses else "yes",
                   "--appendonly", "no", "--dir", self._folder, *self._options]
        if self._password:
            command += ["--requirepass", self._password]
        log = open(pathlib.Path(self._folder) / "log", "ab")
        with log, self._place():
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                if self.ask("PING") == "PONG":
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Fault(f"{self._program} does not start: see its options {command}")
            time.sleep(0.02)

    def ask(self, *words: str) -> str:
        """The first line of the answer to a command, on a connection of its own."""
        with self._place():
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        with connection:
            reader = connection.makefile("rb")

            def exchange(*words: str) -> str:
                request = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
                connection.sendall(request.encode())
                line = reader.readline().decode().rstrip()
                if line.startswith("$") and line != "$-1":
                    return reader.read(int(line[1:]) + 2)[:-2].decode()
                return line[1:] if line[:1] in "+:" else line

            if self._password:
                exchange("AUTH", self._password)
            return exchange(*words)

    @property
    def connections(self) -> int:
        """The connections there are, that of the question included."""
        return self.figure("connected_clients")

    @property
    def connections_received(self) -> int:
        """The connections there were."""
        return self.figure("total_connections_received")

    def drop_tag(self, name: str) -> None:
        """Drops the generation of a tag, as for want of memory."""
        self.ask("DEL", f"t:{name}")

    def forget_scripts(self) -> None:
        """Forgets the scripts that the server has run."""
        self.ask("SCRIPT", "FLUSH")

    @property
    def version(self) -> str:
        """The server's name and version."""
        facts = dict(line.split(":", 1) for line in self.ask("INFO", "server").splitlines() if ":" in line)
        return f"{facts.get('server_name', 'redis')} {facts.get('valkey_version') or facts['redis_version']}"

    def figure(self, name: str) -> int:
        """A number of the answer to INFO."""
        for line in self.ask("INFO").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split(":")[1])
        raise Fault(f"INFO has no {name}")


class Proxy:
    """Passes bytes on to a server: all, one a second, or none, as `mode` says."""

    def __init__(self, port: int):
        self._target = port
        self.mode = "all"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client, self.mode), daemon=True).start()

    def _pass(self, client: socket.socket, first_mode: str) -> None:
        """Passes on what comes from both sides; a connection goes silent when `mode` says so later."""
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            while not self._ended.is_set():
                for side in select.select([client, server], [], [], 0.1)[0]:
                    data = side.recv(65_536)
                    if not data:
                        return
                    if self.mode == "silent" or first_mode == "silent":
                        first_mode = "silent"
                    elif side is server and self.mode == "slow":
                        for byte in data:
                            client.sendall(bytes([byte]))
                            if self._ended.wait(1):
                                return
                    else:
                        (server if side is client else client).sendall(data)
