"""Cases with TLS, which a program has that was built for it: certificates, restarts, silence."""

import contextlib
import pathlib
import re
import subprocess
import tempfile
import time

from harness.fault import Fault
from .server import Proxy, Server, free_port
from .stage import Skipped, Stage, freezer, recover


class Authority:
    """An authority of its own, which signs certificates of servers."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir()
        self._folder = folder
        self.certificate = folder / "authority.pem"
        self._openssl("req", "-x509", *self.KEY, "-keyout", "authority.key", "-out", "authority.pem",
                      "-days", "2", "-subj", "/CN=authority", "-addext", "basicConstraints=critical,CA:TRUE")

    KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def options(self, name: str, names: str, days: int = 2) -> tuple[int, list[str]]:
        """A free port, and options of a server that speaks TLS on it with a certificate of some names."""
        (self._folder / f"{name}.names").write_text(f"subjectAltName={names}")
        self._openssl("req", *self.KEY, "-keyout", f"{name}.key", "-out", f"{name}.request",
                      "-subj", "/CN=server")
        self._openssl("x509", "-req", "-in", f"{name}.request", "-CA", "authority.pem", "-CAkey",
                      "authority.key", "-CAcreateserial", "-out", f"{name}.pem", "-days", str(days),
                      "-extfile", f"{name}.names")
        port = free_port()
        return port, [
            "--tls-port", str(port), "--tls-auth-clients", "no", "--timeout", "1",
            "--tls-cert-file", str(self._folder / f"{name}.pem"),
            "--tls-key-file", str(self._folder / f"{name}.key"),
            "--tls-ca-cert-file", str(self.certificate)]

    def _openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self._folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Fault(f"openssl {arguments[0]}: {done.stderr.strip()}")


@contextlib.contextmanager
def authority(stage: Stage, name: str = "one"):
    """An authority in a folder that is removed; without TLS in the program the case is skipped."""
    if not stage.has_tls:
        raise Skipped("without --tls")
    with tempfile.TemporaryDirectory() as folder:
        yield Authority(pathlib.Path(folder) / name)


@contextlib.contextmanager
def secure(stage: Stage, *settings: str):
    """A server of 127.0.0.1 with TLS, and what starts a client that trusts it."""
    with authority(stage) as one:
        port, options = one.options("server", "IP:127.0.0.1,DNS:localhost")
        with Server(stage.server, *options) as server:
            with stage.client(f"127.0.0.1:{port}", "tls", str(one.certificate), *settings) as client:
                yield server, client


def encrypted(stage: Stage) -> str:
    """With TLS everything is as without: large values, many at once, idle time-outs, a silent server."""
    with secure(stage) as (server, client):
        client.expect("set a 3000000 60000 2000", "stored")
        client.expect("get a 2000", "value 3000000")
        for number in range(0, 100, 2):
            client.expect(f"set key-{number} {number * 999} 60000 1000", "stored")
        client.expect("burst 100 5000", "missing=50 value=50")
        client.expect("remove a 1000", "removed")
        client.expect("get a 1000", "missing")
        client.expect("set a 3000000 60000 2000", "stored")
        time.sleep(2.5)
        client.expect("get a 2000", "value 3000000")
        with server.stopped():
            client.expect_in_time("get a 20", "error no answer", 20)
        recover(client, "get key-2 500", "value 1998")
    return "3 MB and 100 values at once, ended by the server, stopped"


def refused_certificates(stage: Stage) -> str:
    """Another's authority, an expired certificate and one of another name are refused before anything is sent."""
    with authority(stage) as one:
        other = Authority(pathlib.Path(one.certificate).parent.parent / "other")
        cases = [
            # What is wrong, the names of the certificate, its days, the authority, the host.
            ("another's authority", "IP:127.0.0.1", 2, other, "127.0.0.1"),
            ("expired", "IP:127.0.0.1", -1, one, "127.0.0.1"),
            ("another's name", "DNS:other.test,IP:127.0.0.2", 2, one, "localhost"),
            ("another's address", "DNS:localhost,IP:127.0.0.2", 2, one, "127.0.0.1"),
        ]
        for number, (wrong, names, days, trusted, host) in enumerate(cases):
            port, options = one.options(f"server-{number}", names, days)
            with Server(stage.server, *options) as server, stage.client(
                    f"{host}:{port}", "tls", str(trusted.certificate)) as client:
                _, answer = client.ask("get a 2000")
                if not answer.startswith("error cannot connect") or "ertificate" not in answer.replace(
                        "CERTIFICATE", "ertificate"):
                    raise Fault(f"{wrong}: the answer is '{answer}'")
                _, answer = client.ask("through x 0")
                if not answer.startswith("loaded"):
                    raise Fault(f"{wrong}: a read through the tier was answered with '{answer}'")
                if server.ask("DBSIZE") != "0":
                    raise Fault(f"{wrong}: something was stored")
        # The right ones by name and by address.
        port, options = one.options("right", "IP:127.0.0.1,DNS:localhost")
        with Server(stage.server, *options):
            for host in ("localhost", "127.0.0.1"):
                with stage.client(f"{host}:{port}", "tls", str(one.certificate)) as client:
                    client.expect("get a 2000", "missing")
    return f"{', '.join(case[0] for case in cases)}; accepted by name and by address"


def mixed_encryption(stage: Stage) -> str:
    """TLS to a server without, and none to a server with it, are errors in time."""
    with authority(stage) as one:
        port, options = one.options("server", "IP:127.0.0.1")
        with Server(stage.server, *options) as server:
            with stage.client(server.address, "tls", str(one.certificate), "connect", "500") as client:
                without = client.expect_in_time("get a 1000", "error", 1000)
                client.expect("through x 0", "loaded")
            with stage.client(f"127.0.0.1:{port}", "connect", "500") as client:
                within = client.expect_in_time("get a 1000", "error", 1000)
                client.expect("through x 0", "loaded")
        # A server that accepts connections and sends nothing.
        with Server(stage.server) as server, Proxy(server.port) as proxy:
            proxy.mode = "silent"
            with stage.client(proxy.address, "tls", str(one.certificate), "connect", "500") as client:
                client.expect_in_time("get a 100", "error no answer", 100)
                costs = []
                for number in range(3):
                    _, answer = client.ask(f"through y-{number} 6")
                    if not answer.startswith("loaded beside "):
                        raise Fault(f"a read through the tier was answered with '{answer}'")
                    costs.append(int(answer.split()[-1]) / 1000)
    return (f"ended after {without:.0f} and {within:.0f} ms; without a handshake, reads through the tier take "
            f"{', '.join(f'{each:.1f}' for each in costs)} ms beside the load")


def encrypted_restarts(stage: Stage) -> str:
    """A server with TLS that was restarted between two operations costs no error, and no descriptor."""
    with secure(stage) as (server, client):
        client.expect("get a 1000", "missing")
        before = client.descriptor_count
        for _ in range(5):
            client.expect("load a lease 1", "loaded")
            client.expect("get a 1000", "value 100")
            server.kill()
            server.start()
            client.expect("get a 1000", "missing")
        time.sleep(0.2)
        after = client.descriptor_count
    if after > before + 1:
        raise Fault(f"the process has {after} descriptors open, and had {before}")
    return f"5 restarts, no error; {before} descriptors before, {after} after"


def encrypted_freeze(stage: Stage) -> str:
    """Freezes longer than connections are kept, of the process or of the server, cost no error after them."""
    with contextlib.ExitStack() as stack:
        group = stack.enter_context(freezer())
        one = stack.enter_context(authority(stage))
        port, options = one.options("server", "IP:127.0.0.1")
        server = stack.enter_context(Server(stage.server, *options))
        client = stack.enter_context(stage.client(
            f"127.0.0.1:{port}", "tls", str(one.certificate), within=group.command([])))
        client.expect("set a 100 60000 1000", "stored")
        for _ in range(2):
            with group.frozen():
                time.sleep(2.5)
            thawed = client.expect("get a 1000", "value 100")
        with server.stopped():
            time.sleep(2.5)
        stopped = client.expect("get a 1000", "value 100")
    return f"process frozen for 2.5 s: {thawed:.0f} ms; server stopped for 2.5 s: {stopped:.0f} ms"


def encrypted_latency(stage: Stage) -> str:
    """The time of a read with TLS on loopback: one value of 1 KiB, and a hundred in one round trip."""
    rounds = 2000 if stage.is_short else 20_000
    figures = []
    with secure(stage) as (_, client):
        for keys in (1, 100):
            _, answer = client.ask(f"median {keys} 1024 {rounds if keys == 1 else rounds // 10}")
            found = re.fullmatch(r"median (\d+) p99 (\d+)", answer)
            if not found:
                raise Fault(f"the answer is '{answer}'")
            figures.append(answer)
    return f"1 KiB: {figures[0]} µs; 100 of them: {figures[1]} µs"


CASES = [encrypted, refused_certificates, mixed_encryption, encrypted_restarts, encrypted_freeze,
         encrypted_latency]
