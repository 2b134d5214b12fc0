"""A few requests through front and function, to an origin that is made here."""

import contextlib
import http.client
import http.server
import pathlib
import threading

from front import HOST, front
from harness.fault import Fault
from processes import free_port, listening, started

BODY = b"0123456789"


def check(function: pathlib.Path) -> None:
    with contextlib.ExitStack() as stack:
        origin = stack.enter_context(_origin())
        function_port = free_port()
        stack.enter_context(started([str(function)], {
            "ORIGIN_PORT": str(origin.server_address[1]),
            "LOCAL_LAMBDA_PORT": str(function_port)}))
        listening(function_port, "the function")
        _play(stack.enter_context(front(function_port)), origin)
    print("front and function answer as expected")


def _play(port: int, origin) -> None:
    first, body = _ask(port, "GET", "/page")
    _expect(first.status == 200 and body == BODY, "a miss", first.status, body)
    hit, body = _ask(port, "GET", "/page")
    _expect(hit.status == 200 and body == BODY, "a hit", hit.status, body)
    _expect(hit.getheader("Age") is not None, "a hit with Age", hit.getheaders())
    _expect(len(origin.requests) == 1, "a hit without the origin", origin.requests)
    tag = hit.getheader("ETag")
    same, body = _ask(port, "GET", "/page", {"If-None-Match": tag})
    _expect(same.status == 304 and body == b"", "a 304", same.status, body)
    head, body = _ask(port, "HEAD", "/page")
    _expect(head.status == 200 and body == b"", "an answer to HEAD", head.status, body)
    _expect(head.getheader("Content-Length") == "10", "its length", head.getheaders())
    part, body = _ask(port, "GET", "/page", {"Range": "bytes=2-4"})
    _expect(part.status == 206 and body == b"234", "a range", part.status, body)
    _expect(len(origin.requests) == 1, "all of them without the origin", origin.requests)
    _ask(port, "PUT", "/page", body=b"new")
    _ask(port, "GET", "/page")
    _expect(origin.requests == ["GET", "PUT", "GET"], "a PUT that invalidates", origin.requests)


def _ask(port: int, method: str, path: str, fields: dict | None = None, body: bytes | None = None):
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, body, fields or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def _expect(condition: bool, what: str, *seen) -> None:
    if not condition:
        raise Fault(f"Expected {what}; there was {seen}.")


@contextlib.contextmanager
def _origin():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            server.requests.append(self.command)
            self.send_response(200)
            self.send_header("Cache-Control", "max-age=60")
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def do_PUT(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.requests.append(self.command)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    server.requests = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
