"""Cases of a tier on memcached alone: what it does with its memory and with large values."""

import socket
import threading
import time

from harness.fault import Fault
from .memcached import MemcachedServer
from .stage import Stage


def full_memcached(stage: Stage) -> str:
    """A full server that evicts nothing refuses writes; reads go on, and loads are not held up."""
    with MemcachedServer("-m", "4", "-M") as server, stage.client(server.address) as client:
        client.expect("set first 1000 60000 1000", "stored")
        stored = 0
        while stored < 2000:
            _, answer = client.ask(f"set k{stored} 10000 60000 1000")
            if answer != "stored":
                break
            stored += 1
        if not answer.startswith("error refused: out of memory"):
            raise Fault(f"a full server was answered with '{answer}'")
        client.expect("get first 1000", "value 1000")
        for number in range(3):
            _, answer = client.ask(f"load new-{number} lease 1")
            if not answer.startswith(("loaded", "error refused")):
                raise Fault(f"a load was answered with '{answer}'")
            client.expect(f"through new-{number} 1", "loaded")
    return f"full after {stored} values of 10,000 bytes; loads go on"


def evicting_memcached(stage: Stage) -> str:
    """A full server that evicts stores on and on, and what it has dropped is missing, not wrong."""
    count = 3000
    with MemcachedServer("-m", "8") as server, stage.client(server.address) as client:
        for number in range(count):
            client.expect(f"set k{number} 10000 60000 1000", "stored")
        answers = [client.ask(f"get k{number} 1000")[1] for number in range(count)]
        evicted = server.figure("evictions")
    right = sum(answer == "value 10000" for answer in answers)
    if right + sum(answer == "missing" for answer in answers) != count:
        raise Fault("a value is wrong")
    if not 0 < right < count or evicted == 0:
        raise Fault(f"{right} of {count} values are left, {evicted} were evicted")
    return f"{right} of {count} values of 10,000 bytes are left, {evicted} evictions"


def too_large(stage: Stage) -> str:
    """A value that is larger than the server takes is an error of its own kind, and nothing is left."""
    with MemcachedServer() as server, stage.client(server.address) as client:
        client.expect("set a 100 60000 1000", "stored")
        client.expect("set a 2000000 60000 2000", "error refused: the value is larger")
        client.expect("get a 1000", "missing")
        client.expect("set a 900000 60000 2000", "stored")
        client.expect("get a 1000", "value 900000")
        connections = server.connections_received
        client.expect("set b 2000000 60000 2000", "error refused: the value is larger")
        # Each question of the script is a connection as well.
        if server.connections_received > connections + 1:
            raise Fault("the connection was lost with it")
    return "2,000,000 bytes are too large, 900,000 are not"


class Imitation:
    """Something that answers the first question on each connection with a fixed text."""

    def __init__(self, answer: str):
        self._answer = answer.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> "Imitation":
        return self

    def __exit__(self, *_) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(4096)
                peer.sendall(self._answer)


def refused_servers(stage: Stage) -> str:
    """A server without meta commands, or with another time, is an error of its own kind."""
    now = int(time.time())
    for facts, last, expected in (
            (now, "ERROR", "error the server knows no meta commands (1.5.6)"),
            (now - 100, "MN", "error the clocks of server and environment differ by"),
            (now + 100, "MN", "error the clocks of server and environment differ by"),
            (now, "", "error cannot connect")):
        answer = f"STAT version 1.5.6\r\nSTAT time {facts}\r\nEND\r\n" + (f"{last}\r\n" if last else "")
        with Imitation(answer) as server, stage.client(server.address, "connect", "300") as client:
            client.expect("get a 1000", expected)
            client.expect("through x 0", "loaded")
    return "no meta commands, a clock of 100 s before and after, half an answer"


CASES = [full_memcached, evicting_memcached, too_large, refused_servers]
