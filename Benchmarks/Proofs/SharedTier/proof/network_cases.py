"""Cases with a network between server and client, whose packets are dropped without a word."""

import contextlib
import time

from harness.fault import Fault
from .client import Client
from .network import ADDRESSES, ADDRESSES_6, SERVER_NAME, Network, NoNetwork
from .server import Server
from .stage import Skipped, Stage, recover


@contextlib.contextmanager
def hosts():
    """Two hosts; without them the case is skipped."""
    try:
        with Network() as network:
            yield network
    except NoNetwork as reason:
        raise Skipped(str(reason)) from reason


@contextlib.contextmanager
def remote(stage: Stage, network: Network, *settings: str):
    """A server on one host and its client on the other."""
    with Server(stage.server, place=lambda: network.host("server"),
                addresses=(ADDRESSES["server"],)) as server:
        with stage.client(f"{SERVER_NAME}:{server.port}", *settings,
                          within=network.client_command) as client:
            yield server, client


def reads(client: Client, name: str, count: int) -> list[float]:
    """Reads through the tier, each of which must come to its value; milliseconds beside the load."""
    costs = []
    for number in range(count):
        _, answer = client.ask(f"through {name}-{number} 6")
        if not answer.startswith(("loaded beside ", "value beside ")):
            raise Fault(f"a read through the tier was answered with '{answer}'")
        costs.append(int(answer.split()[-1]) / 1000)
    return costs


def dropped_between(stage: Stage) -> str:
    """Packets dropped silently between two operations cost their limit, and nothing once they pass."""
    with hosts() as network, remote(stage, network, "connect", "300") as (_, client):
        client.expect("set a 100 60000 1000", "stored")
        client.expect("through first 6", "loaded")
        with network.dropping():
            times = [client.expect_in_time("get a 20", "error", 20) for _ in range(3)]
            costs = reads(client, "dropped", 5)
            time.sleep(0.5)
        began = time.monotonic()
        recover(client, "get a 200", "value 100")
        back = time.monotonic() - began
        reads(client, "after", 3)
        client.expect("remove a 1000", "removed")
        client.expect("get a 1000", "missing")
    if stage.judges_times and max(costs) > 6:
        raise Fault(f"reads cost {costs} ms beside the load, the goal is 6 ms")
    return (f"at a limit of 20 ms: {', '.join(f'{each:.1f}' for each in times)} ms; reads through the tier "
            f"{', '.join(f'{each:.1f}' for each in costs)} ms beside the load; back after {back:.2f} s")


def dropped_within(stage: Stage) -> str:
    """Packets dropped during an operation: it waits for what is sent again, or ends at its limit."""
    with hosts() as network, remote(stage, network, "connect", "300") as (server, client):
        client.expect("set a 3000000 60000 5000", "stored")
        client.expect("set b 100 60000 1000", "stored")
        # The request has come, and its reply is lost; it is sent again once packets pass.
        began = time.monotonic()
        with server.stopped():
            client.tell("get a 8000")
            time.sleep(0.1)
            dropping = contextlib.ExitStack()
            dropping.enter_context(network.dropping())
        with dropping:
            time.sleep(0.3)
        milliseconds, answer = client.hear()
        if answer != "value 3000000":
            raise Fault(f"what was sent again came to '{answer}' after {time.monotonic() - began:.1f} s")
        # The same, for longer than the operation may take.
        with server.stopped():
            client.tell("get a 200")
            time.sleep(0.05)
            dropping = contextlib.ExitStack()
            dropping.enter_context(network.dropping())
        with dropping:
            late, answer = client.hear()
            if not answer.startswith("error") or late > 250:
                raise Fault(f"the answer is '{answer}' after {late} ms, with a limit of 200 ms")
            reads(client, "dropped", 4)
        # The reply on the old connection is sent again now; no operation may take it for its own.
        recover(client, "get b 200", "value 100")
        for _ in range(20):
            client.expect("get b 1000", "value 100")
            client.expect("get c 1000", "missing")
            time.sleep(0.05)
    return f"0.3 s of a reply of 3 MB: answered after {milliseconds:.0f} ms; longer: ended after {late:.0f} ms"


def forgotten_connection(stage: Stage) -> str:
    """A connection that a NAT between has forgotten, while others pass, is replaced."""
    results = []
    with hosts() as network, remote(stage, network, "connect", "300") as (server, client):
        client.expect("set a 100 60000 1000", "stored")
        # Used a moment ago: the connection is not doubted, and the first operation ends at its limit.
        for reply in ("DROP", "REJECT"):
            with forgetting(network, server, reply):
                began = time.monotonic()
                answer = client.ask("get a 100")[1]
                if reply == "DROP" and not answer.startswith("error no answer"):
                    raise Fault(f"the answer is '{answer}' although nothing came back")
                recover(client, "get a 100", "value 100")
                results.append(f"{(time.monotonic() - began) * 1000:.0f}")
                reads(client, reply, 3)
        if stage.is_short:
            return f"used a moment ago: {' ms, with a reset '.join(results)} ms"
        # Idle for longer than ten seconds, as after a freeze: doubted, and replaced within the limit.
        time.sleep(10.5)
        with forgetting(network, server, "DROP"):
            idle = client.expect("get a 1000", "value 100")
        time.sleep(10.5)
        with forgetting(network, server, "DROP"):
            costs = reads(client, "idle", 2)
    return (f"used a moment ago: {' ms, with a reset '.join(results)} ms; idle for 10.5 s: {idle:.0f} ms; reads "
            f"through the tier {', '.join(f'{each:.1f}' for each in costs)} ms beside the load")


@contextlib.contextmanager
def forgetting(network: Network, server: Server, reply: str):
    """Drops the packets of the connections there are, or answers them with resets; new ones pass."""
    ports = network.client_ports(server.port)
    if not ports:
        raise Fault("the client has no connection")
    with contextlib.ExitStack() as stack:
        for port in ports:
            stack.enter_context(network.dropping(
                "-p", "tcp", "--sport", str(port), with_reset=reply == "REJECT"))
        yield


def moved_server(stage: Stage) -> str:
    """A server that comes back with an address of the other family, or another behind its name, is found."""
    with hosts() as network:
        network.name_server(ADDRESSES["server"], ADDRESSES_6["server"])
        with remote(stage, network, "connect", "300") as (server, client):
            client.expect("set a 100 60000 1000", "stored")
            for address in (ADDRESSES_6["server"], ADDRESSES["server"]):
                server.kill()
                # Its port is closed for a while, in which reads go on.
                reads(client, f"closed-{address[:4]}", 2)
                server.addresses = (address,)
                server.start()
                recover(client, "get a 1000", "missing")
                client.expect("set a 100 60000 1000", "stored")
            # The name stands for the other address alone.
            server.kill()
            server.addresses = (ADDRESSES_6["server"],)
            network.name_server(ADDRESSES_6["server"])
            server.start()
            recover(client, "get a 1000", "missing")
            client.expect("set a 100 60000 1000", "stored")
            # Of two addresses one does not answer at all; which is tried first is the system's to say.
            network.name_server(ADDRESSES["server"], ADDRESSES_6["server"])
            silent = []
            for answering, other, tables in (
                    (ADDRESSES_6["server"], ADDRESSES["server"], "iptables"),
                    (ADDRESSES["server"], ADDRESSES_6["server"], "ip6tables")):
                server.kill()
                server.addresses = (answering,)
                with network.dropping("-d", other, families=(tables,)):
                    server.start()
                    began = time.monotonic()
                    recover(client, "get a 1000", "missing")
                    silent.append(f"{(time.monotonic() - began) * 1000:.0f}")
                    client.expect("set a 100 60000 1000", "stored")
                    reads(client, f"silent-{tables}", 2)
    return ("IPv4, IPv6, IPv4, another address of the name; past a silent address after "
            f"{' and '.join(silent)} ms")


CASES = [dropped_between, dropped_within, forgotten_connection, moved_server]
