"""The part of Lambda's Runtime API that a function needs, for one function on one connection."""

import collections.abc
import contextlib
import socket

from harness.fault import Fault

HOST = "127.0.0.1"
DEADLINE = 4_102_444_800_000  # 2100-01-01, in milliseconds


class RuntimeAPI(contextlib.AbstractContextManager):
    """Hands out the numbers from 0 as events, and takes the answers."""

    def __init__(self):
        self._listener = socket.create_server((HOST, 0))
        self._listener.settimeout(30)
        self._peer: socket.socket | None = None
        self._buffer = b""

    def __exit__(self, *_) -> None:
        if self._peer is not None:
            self._peer.close()
        self._listener.close()

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API for the function."""
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def answers(self, count: int) -> collections.abc.Iterator[bytes]:
        """The answers to so many events, fewer if the function dies."""
        try:
            self._accept()
            number = 0
            while number < count:
                line, body = self._request()
                if line.startswith(b"GET ") and b"/invocation/next" in line:
                    self._send_event(number)
                elif line.startswith(b"POST ") and line.split(b" ")[1].endswith(b"/response"):
                    self._peer.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                    number += 1
                    yield body
                else:
                    raise Fault(f"the function reports an error: {line!r} {body[:300]!r}")
        except (ConnectionError, TimeoutError, _Closed):
            return

    def _accept(self) -> None:
        self._peer, _ = self._listener.accept()
        self._peer.settimeout(60)
        self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _send_event(self, number: int) -> None:
        event = str(number).encode()
        self._peer.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Lambda-Runtime-Aws-Request-Id: %d\r\nLambda-Runtime-Deadline-Ms: %d\r\n"
            b"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:1:function:e\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (number, DEADLINE, len(event), event))

    def _request(self) -> tuple[bytes, bytes]:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._receive()
        head = self._buffer[:end].split(b"\r\n")
        length = 0
        for line in head[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(self._buffer) < end + 4 + length:
            self._receive()
        body = self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        return head[0], body

    def _receive(self) -> None:
        data = self._peer.recv(65_536)
        if not data:
            raise _Closed
        self._buffer += data


class _Closed(Exception):
    """The function has closed the connection."""
