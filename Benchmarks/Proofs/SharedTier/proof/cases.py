"""The cases: what befalls the server, the network and the process, and what must come of it."""

import collections.abc
import contextlib
import re
import statistics
import time

from harness.fault import Fault
from .server import Proxy, Server, free_port
from .stage import Skipped, Stage, freezer, recover


def round_trip(stage: Stage) -> str:
    """A value is read as it was stored, until it is removed or its time is over."""
    with stage.serve() as server, stage.client(server.address) as client:
        client.expect("get a 1000", "missing")
        client.expect("set a 100000 60000 1000", "stored")
        client.expect("get a 1000", "value 100000")
        client.expect("remove a 1000", "removed")
        client.expect("get a 1000", "missing")
        client.expect(f"set a 10 {stage.clock_tick * 1000:.0f} 1000", "stored")
        time.sleep(stage.clock_tick * 3.3)
        client.expect("get a 1000", "missing")
    return "stored, read, removed, expired"


def tags(stage: Stage) -> str:
    """A tag keeps its generation until it is renewed or dropped, and never has one again."""
    with stage.serve() as server, stage.client(server.address) as client:
        seen = [client.ask("tags t read 1000")[1] for _ in range(2)]
        seen.append(client.ask("tags t renew 1000")[1])
        server.drop_tag("t")
        seen.append(client.ask("tags t read 1000")[1])
        server.forget_scripts()
        seen.append(client.ask("tags t renew 1000")[1])
    if any(not re.fullmatch(r"generation \d+", each) for each in seen):
        raise Fault(f"generations are {seen}")
    if seen[0] != seen[1] or len(set(seen)) != 4:
        raise Fault(f"generations are {seen}")
    return "4 generations of 5 reads"


def odd_names(stage: Stage) -> str:
    """Names of any bytes and lengths are names: each has its own value, and no other's is removed."""
    with stage.serve() as server, stage.client(server.address) as client:
        _, answer = client.ask("odd-names 5000")
        if not answer.endswith(" names"):
            raise Fault(f"the outcome is '{answer}'")
    return answer


def removed_during_load(stage: Stage) -> str:
    """What is loaded under a lease is not stored after a removal, for a new key and for a renewed one."""
    with stage.serve() as server, stage.client(server.address) as client:
        for number in range(20):
            for kind in ("new", "renewal"):
                client.expect(f"removed-load {kind}-{number} {kind}", "not stored")
    return "20 new keys, 20 renewals: none stored"


def wrong_password(stage: Stage) -> str:
    """A wrong password and a missing one are errors that say so; the right one opens."""
    with Server(stage.server, password="secret") as server:
        with stage.client(server.address, "password", "wrong") as client:
            client.expect("get a 1000", "error not authenticated: WRONGPASS")
        with stage.client(server.address) as client:
            client.expect("get a 1000", "error not authenticated: NOAUTH")
        with stage.client(server.address, "password", "secret") as client:
            client.expect("get a 1000", "missing")
    return "refused with the server's words"


def full_server(stage: Stage) -> str:
    """A full server refuses writes; reads go on, and loads are not held up."""
    with Server(stage.server, "--maxmemory", "3mb", "--maxmemory-policy", "noeviction") as server:
        with stage.client(server.address) as client:
            client.expect("set first 1000 60000 1000", "stored")
            for number in range(200):
                _, answer = client.ask(f"set k{number} 100000 60000 1000")
                if answer != "stored":
                    break
            if not answer.startswith("error refused: OOM"):
                raise Fault(f"a full server was answered with '{answer}'")
            client.expect("get first 1000", "value 1000")
            # Without room for the lease nothing is stored under it, which is no error.
            milliseconds = client.expect("load new lease 1", "error refused: OOM", "loaded")
    return f"full after {number} values; a load took {milliseconds:.0f} ms"


def stopped_server(stage: Stage) -> str:
    """A server that is stopped costs each operation its limit, and is used again after that."""
    times = []
    with stage.serve() as server, stage.client(server.address, "connect", "300") as client:
        client.expect("set a 100 60000 1000", "stored")
        with server.stopped():
            for _ in range(5):
                times.append(client.expect_in_time("get a 5", "error no answer for 0.005", 5))
            time.sleep(0.4)
            client.expect_in_time("get a 5", "error", 5)
        recover(client, "get a 200", "value 100")
    return "at a limit of 5 ms: " + ", ".join(f"{each:.2f}" for each in times) + " ms"


def absent_server(stage: Stage) -> str:
    """A server that is not there is an error at once, and is found when it comes."""
    with stage.serve() as server, stage.client(server.address) as client:
        server.kill()
        times = [client.expect("get a 5", "error") for _ in range(50)]
        if max(times) > 55:
            raise Fault(f"an absent server cost {max(times):.1f} ms")
        server.start()
        recover(client, "get a 200", "missing")
    return f"first {times[0]:.2f} ms, median {sorted(times)[25]:.3f} ms"


def restarted_server(stage: Stage) -> str:
    """A server that was restarted between two operations costs no error."""
    with stage.serve() as server, stage.client(server.address) as client:
        for _ in range(3):
            client.expect("load a lease 1", "loaded")
            client.expect("get a 1000", "value 100")
            server.kill()
            server.start()
            client.expect("get a 1000", "missing")
    return "3 restarts, no error"


def idle_time_out(stage: Stage) -> str:
    """A connection that the server ended because it was idle costs no error."""
    with stage.serve(idle_seconds=1) as server, stage.client(server.address) as client:
        client.expect("set a 100 60000 1000", "stored")
        for _ in range(1 if stage.is_short else 3):
            time.sleep(2.5)
            client.expect("get a 1000", "value 100")
        if server.connections_received < 3:
            raise Fault("the server has ended no connection")
    return "ended by the server after 1 s, no error"


def frozen_process(stage: Stage) -> str:
    """A process that was frozen for longer than the server keeps connections goes on without an error."""
    with freezer() as group, stage.serve(idle_seconds=1) as server:
        with stage.client(server.address, within=group.command([])) as client:
            client.expect("set a 100 60000 1000", "stored")
            for number in range(2):
                if number == 1:
                    client.tell("get a 1000")
                with group.frozen():
                    time.sleep(3)
                if number == 0:
                    client.expect("get a 1000", "value 100")
                else:
                    # It was frozen while it waited, or before it had asked.
                    client.hear()
                    client.expect("get a 1000", "value 100")
    return f"frozen for 3 s twice (cgroup v{group.version}), no error after it"


def trickling_server(stage: Stage) -> str:
    """A server that sends a byte a second costs the limit; nothing of it is taken for another's answer."""
    times = []
    with stage.serve() as server, Proxy(server.port) as proxy:
        with stage.client(proxy.address, "connect", "500") as client:
            client.expect("set a 100 60000 1000", "stored")
            proxy.mode = "slow"
            for _ in range(3):
                times.append(client.expect_in_time("get a 20", "error", 20))
            proxy.mode = "all"
            recover(client, "get a 200", "value 100")
            client.expect("get b 200", "missing")
    return "at a limit of 20 ms: " + ", ".join(f"{each:.1f}" for each in times) + " ms"


def half_open(stage: Stage) -> str:
    """A connection that is dead without a word after 10 s is replaced within the limit of an operation."""
    if stage.is_short:
        raise Skipped("it takes 11 seconds")
    with stage.serve() as server, Proxy(server.port) as proxy:
        with stage.client(proxy.address) as client:
            client.expect("set a 100 60000 1000", "stored")
            time.sleep(10.5)
            proxy.mode = "silent"
            client.tell("get a 1000")
            time.sleep(0.05)
            proxy.mode = "all"
            milliseconds, answer = client.hear()
            if answer != "value 100":
                raise Fault(f"the answer is '{answer}'")
    return f"replaced, answered after {milliseconds:.0f} ms"


def cluster(stage: Stage) -> str:
    """A cluster is an error that says what helps; with a prefix in braces all keys are in one place."""
    with Server(stage.server) as server:
        if server.version.startswith("redis 6."):
            raise Skipped("Redis 6 has no --cluster-port")
    with Server(stage.server, "--cluster-enabled", "yes", "--cluster-port", str(free_port())) as server:
        server.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        deadline = time.monotonic() + 10
        while "cluster_state:ok" not in server.ask("CLUSTER", "INFO"):
            if time.monotonic() > deadline:
                raise Fault("the cluster does not come up")
            time.sleep(0.1)
        with stage.client(server.address) as client:
            client.expect("load a lease 1", "error keys of one command are in several places")
        with stage.client(server.address, "prefix", "{app}:") as client:
            client.expect("load a lease 1", "loaded")
            client.expect("median 3 10 10", "median")
            client.expect("tags t renew 1000", "generation")
            client.expect("remove a 1000", "removed")
    return "CROSSSLOT without braces, all operations with them"


def storm(stage: Stage) -> str:
    """Many processes that connect at once, and again after a restart, all get their answers."""
    count = 50 if stage.is_short else 200
    with stage.serve() as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(stage.client(server.address)) for _ in range(count)]
        clients[0].expect("set a 100 60000 1000", "stored")
        slowest = []
        for expected in ("value 100", "value 100", "missing"):
            if expected == "missing":
                server.kill()
                server.start()
            for client in clients:
                client.tell("get a 10000")
            answers = [client.hear() for client in clients]
            wrong = [answer for _, answer in answers if answer != expected]
            if wrong:
                raise Fault(f"{len(wrong)} of {count} processes failed, as with '{wrong[0]}'")
            slowest.append(f"{max(answers)[0]:.0f}")
        connections = server.connections
        if connections > count + 1:
            raise Fault(f"{count} processes have {connections} connections")
    return (f"{count} processes, no error; the slowest took {slowest[0]} ms to connect, {slowest[1]} ms "
            f"connected, {slowest[2]} ms after a restart")


def stampede(stage: Stage) -> str:
    """Of sixteen processes that need a key at once, one loads it with leases, and all without."""
    loads = {}
    with stage.serve() as server, contextlib.ExitStack() as stack:
        # Sixteen processes on a few processors may not answer within the usual five milliseconds.
        clients = [
            stack.enter_context(stage.client(server.address, "budget", "1000")) for _ in range(16)]
        for client in clients:
            client.expect("get x 5000", "missing")
        for way, line in (("lease", "load a lease 300"), ("plain", "load b plain 300"),
                          ("through", "through c 300"), ("alone", "alone d 300")):
            for client in clients:
                client.tell(line)
            answers = [client.hear()[1] for client in clients]
            if any(not answer.startswith(("loaded", "hit", "value")) for answer in answers):
                raise Fault(f"'{line}' was answered with {answers}")
            loads[way] = sum(answer.startswith("loaded") for answer in answers)
    if not (1 <= loads["lease"] <= 2 and 1 <= loads["through"] <= 2):
        raise Fault(f"loads are {loads}")
    return (f"loads with leases {loads['lease']}, without {loads['plain']}; "
            f"read through cache and tier {loads['through']}, through caches alone {loads['alone']}")


def dead_tier(stage: Stage) -> str:
    """A tier whose server does not answer costs three reads the time budget, and later ones nothing."""
    with stage.serve() as server, stage.client(server.address) as client:
        client.expect("through first 6", "loaded")
        costs = {"first": [], "through": [], "alone": []}

        def read(line: str, kind: str) -> None:
            _, answer = client.ask(line)
            if not answer.startswith("loaded beside "):
                raise Fault(f"'{line}' was answered with '{answer}'")
            costs[kind].append(int(answer.split()[-1]))

        with server.stopped():
            for number in range(3):
                read(f"through first-{number} 6", "first")
            # Loads that do not wait, since threads that have to wake up take longer than what is
            # measured here; in turns, so that both ways see the same machine.
            for number in range(100):
                for way in ("through", "alone"):
                    read(f"{way} {way}-{number} 0", way)
    first = costs["first"]
    through, alone = (statistics.median(costs[way]) for way in ("through", "alone"))
    if stage.judges_times and max(first) > 6000:
        raise Fault(f"the first cost {first} µs, the goal is 6,000 µs")
    return (f"the first three {', '.join(f'{each / 1000:.1f}' for each in first)} ms beside the load, "
            f"later ones {through:.0f} µs with the load, {alone:.0f} µs without a tier")


def soak(stage: Stage) -> str:
    """Reads by way of a tier whose server is stopped, killed and restarted are never wrong and never fail."""
    seconds = 4 if stage.is_short else 15
    with stage.serve(idle_seconds=1) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(stage.client(server.address, "connect", "200")) for _ in range(3)]
        for client in clients:
            client.expect("get x 5000", "missing")
        for client in clients:
            client.tell(f"soak 200 {seconds * 1000}")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(1)
            with server.stopped():
                time.sleep(0.1)
            time.sleep(1)
            server.kill()
            time.sleep(0.1)
            server.start()
        answers = [client.hear()[1] for client in clients]
    if any(not answer.startswith("wrong=0 errors=0 ") for answer in answers):
        raise Fault(f"the outcomes are {answers}")
    if all(" hits=0 " in answer for answer in answers):
        raise Fault(f"the tier was of no use: {answers}")
    return answers[0]


def many_tasks(stage: Stage) -> str:
    """Many tasks of one process share the connection, and each gets its own answer."""
    with stage.serve() as server, stage.client(server.address) as client:
        for number in range(0, 300, 2):
            client.expect(f"set key-{number} {number * 20 + 1} 60000 1000", "stored")
        client.expect("burst 300 5000", "missing=150 value=150")
        connections = server.connections_received
        with server.stopped():
            client.expect("burst 300 20", "error=300")
        recover(client, "burst 300 5000", "missing=150 value=150")
        before = client.processor_seconds
        time.sleep(1)
        if client.processor_seconds > before + 0.02:
            raise Fault("the process works although nothing is to be done")
    return f"300 at once on one connection ({connections} with those of the script)"


def latency(stage: Stage) -> str:
    """The time of a read on loopback: one value of 1 KiB, and a hundred in one round trip."""
    rounds = 2000 if stage.is_short else 20_000
    figures = []
    with stage.serve() as server, stage.client(server.address) as client:
        for keys in (1, 100):
            _, answer = client.ask(f"median {keys} 1024 {rounds if keys == 1 else rounds // 10}")
            figures.append(answer)
            found = re.fullmatch(r"median (\d+) p99 (\d+)", answer)
            if not found:
                raise Fault(f"the answer is '{answer}'")
            if stage.judges_times and keys == 1 and int(found[1]) > 120:
                raise Fault(f"{answer} µs, the goal is a median of 120 µs")
    return f"1 KiB: {figures[0]} µs; 100 of them: {figures[1]} µs"


# Of any engine, and of a Valkey or Redis server alone.
CASES: list[collections.abc.Callable[[Stage], str]] = [
    round_trip, tags, odd_names, removed_during_load, many_tasks, stopped_server, absent_server,
    restarted_server, idle_time_out, frozen_process, trickling_server, storm, stampede, dead_tier, soak,
    latency,
]
VALKEY_CASES: list[collections.abc.Callable[[Stage], str]] = [
    wrong_password, full_server, half_open, cluster,
]
