"""The gateway's place: HTTP in, events in the form of HTTP APIs to a local function, HTTP out."""

import base64
import contextlib
import http.client
import http.server
import json
import threading
import time

HOST = "127.0.0.1"
# Fields of one connection, which a gateway does not pass on.
OF_THE_CONNECTION = {"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}


@contextlib.contextmanager
def front(function_port: int):
    """The port of a gateway in front of a function that a local server invokes."""
    server = http.server.ThreadingHTTPServer((HOST, 0), _Gateway)
    server.daemon_threads = True
    # A client that has given up is no fault of the front's.
    server.handle_error = lambda *_: None
    server.function = _Function(function_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class _Function:
    """Invokes a function, one invocation at a time, as one environment of Lambda does."""

    def __init__(self, port: int):
        self._port = port
        self._lock = threading.Lock()

    def invoke(self, event: dict) -> dict | None:
        """The answer, or nothing if the handler has failed."""
        with self._lock:
            connection = http.client.HTTPConnection(HOST, self._port, timeout=30)
            try:
                connection.request("POST", "/invoke", json.dumps(event))
                response = connection.getresponse()
                body = response.read()
            finally:
                connection.close()
        if response.status != 200 or response.getheader("X-Amz-Function-Error"):
            return None
        return json.loads(body)


class _Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, *_):
        pass

    def _pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.function.invoke(self._event(body))
        if answer is None:
            answer = {
                "statusCode": 502, "headers": {"Content-Type": "application/json"},
                "body": '{"message":"Internal Server Error"}'}
        self._answer(answer)

    def _event(self, body: bytes) -> dict:
        path, _, query = self.path.partition("?")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            name = name.lower()
            if name in OF_THE_CONNECTION or name == "cookie":
                continue
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        headers["x-forwarded-proto"] = "http"
        event = {
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
            "headers": headers, "isBase64Encoded": False,
            "requestContext": {
                "domainName": self.headers.get("Host"), "stage": "$default",
                "timeEpoch": int(time.time() * 1000),
                "http": {
                    "method": self.command, "path": path, "protocol": "HTTP/1.1",
                    "sourceIp": HOST, "userAgent": self.headers.get("User-Agent", "")}}}
        cookies = self.headers.get_all("Cookie")
        if cookies:
            event["cookies"] = [each.strip() for line in cookies for each in line.split(";")]
        if body:
            event["body"] = body.decode()
        return event

    def _answer(self, answer: dict):
        body = (answer.get("body") or "").encode()
        if answer.get("isBase64Encoded"):
            body = base64.b64decode(body)
        status = answer["statusCode"]
        self.send_response_only(status)
        has_length = False
        for name, value in answer.get("headers", {}).items():
            if name.lower() in OF_THE_CONNECTION:
                continue
            if name.lower() == "content-length":
                if self.command != "HEAD":
                    continue
                has_length = True
            self.send_header(name, value)
        for cookie in answer.get("cookies", []):
            self.send_header("Set-Cookie", cookie)
        if status not in (204, 304) and not has_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)
