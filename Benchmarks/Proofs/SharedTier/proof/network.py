"""Two hosts on one machine: network namespaces with a cable between them, on which packets can be dropped."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import subprocess

# Of <sched.h>.
CLONE_NEWNET = 0x4000_0000
# Of the blocks for documentation (RFC 5737, RFC 3849); nothing outside of the namespaces has them.
ADDRESSES = {"server": "192.0.2.1", "client": "192.0.2.2"}
ADDRESSES_6 = {"server": "2001:db8::1", "client": "2001:db8::2"}
# The same packets on their way back.
REVERSED = {"--sport": "--dport", "--dport": "--sport", "-s": "-d", "-d": "-s"}
# What the client looks up (RFC 2606).
SERVER_NAME = "tier.test"


class NoNetwork(Exception):
    """Why there can be no hosts of one's own here."""


class Network:
    """A host for the server and one for its client, removed at the end of the block."""

    def __init__(self):
        """Makes the hosts; raises NoNetwork where that is not possible or not allowed."""
        for program in ("ip", "iptables"):
            if not shutil.which(program):
                raise NoNetwork(f"there is no {program}: apt-get install iproute2 iptables")
        if os.geteuid() != 0:
            raise NoNetwork("only root may make network namespaces")
        self._names = {side: f"tier-{side}-{os.getpid()}" for side in ADDRESSES}
        self._made: list[str] = []
        try:
            self._make()
        except NoNetwork:
            self._remove()
            raise

    def _make(self) -> None:
        self._files = pathlib.Path("/etc/netns") / self._names["client"]
        self._files.mkdir(parents=True)
        self.name_server(ADDRESSES["server"])
        for name in self._names.values():
            _run("ip", "netns", "add", name)
            self._made.append(name)
        server, client = self._names["server"], self._names["client"]
        _run("ip", "link", "add", "cable", "netns", server, "type", "veth",
             "peer", "name", "cable", "netns", client)
        for side, name in self._names.items():
            _run("ip", "-n", name, "addr", "add", f"{ADDRESSES[side]}/30", "dev", "cable")
            # Without a second in which the address is tried.
            _run("ip", "-n", name, "-6", "addr", "add", f"{ADDRESSES_6[side]}/64", "dev", "cable", "nodad")
            _run("ip", "-n", name, "link", "set", "lo", "up")
            _run("ip", "-n", name, "link", "set", "cable", "up")
        with self.host("server"):
            # Not every kernel has what they need, which is better known now than in the middle.
            for tables in ("iptables", "ip6tables"):
                _run(tables, "-w", "-L")

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *_) -> None:
        self._remove()

    def _remove(self) -> None:
        for name in self._made:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        with contextlib.suppress(OSError):
            shutil.rmtree(self._files)
            self._files.parent.rmdir()

    @property
    def client_command(self) -> list[str]:
        """What starts a program on the client's host, with that host's names."""
        return ["ip", "netns", "exec", self._names["client"]]

    def name_server(self, *addresses: str) -> None:
        """Lets the server's name stand for some addresses on the client's host, from now on."""
        names = ["127.0.0.1 localhost", *(f"{address} {SERVER_NAME}" for address in addresses)]
        (self._files / "hosts").write_text("".join(f"{line}\n" for line in names))

    @contextlib.contextmanager
    def host(self, side: str):
        """What the block starts and opens is on a host; it belongs to the calling thread alone."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net", "rb") as own, open(
                f"/run/netns/{self._names[side]}", "rb") as other:
            _enter(libc, other.fileno())
            try:
                yield
            finally:
                _enter(libc, own.fileno())

    @contextlib.contextmanager
    def dropping(
            self, *match: str, with_reset: bool = False,
            families: tuple[str, ...] = ("iptables", "ip6tables")):
        """Drops packets silently, in both directions, until the end of the block.

        Without a match all are dropped. With one, as of iptables, those that match on their way from
        the client: "--sport 4000" is one connection, and new ones pass. With a reset the client's
        packets are answered with one, as NAT gateways do.
        """
        back = [REVERSED.get(word, word) for word in match]
        reject = ["REJECT", "--reject-with", "tcp-reset"] if with_reset else ["DROP"]
        rules = [["INPUT", "-i", "cable", *match, "-j", *reject],
                 ["OUTPUT", "-o", "cable", *back, "-j", "DROP"]]
        if with_reset:
            # The reset itself leaves by the same way.
            rules[1][-2:] = ["!", "--tcp-flags", "RST", "RST", "-j", "DROP"]
        with contextlib.ExitStack() as stack:
            with self.host("server"):
                for tables in families:
                    for rule in rules:
                        _run(tables, "-w", "-A", *rule)
                        stack.callback(self._forget, tables, rule)
            yield

    def _forget(self, tables: str, rule: list[str]) -> None:
        with self.host("server"):
            _run(tables, "-w", "-D", *rule)

    def client_ports(self, port: int) -> set[int]:
        """The client's ports of the connections to a port of the server that the client has."""
        with self.host("client"):
            listed = _run("ss", "-Htn", "state", "established", "dport", "=", f":{port}")
        return {int(line.split()[2].rsplit(":", 1)[1]) for line in listed.splitlines()}


def _enter(libc: ctypes.CDLL, namespace: int) -> None:
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise NoNetwork(f"setns: {os.strerror(ctypes.get_errno())}")


def _run(*command: str) -> str:
    """What a command prints; one that fails is why there is no network."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise NoNetwork(f"{' '.join(command[:3])}: {done.stderr.strip()}")
    return done.stdout
