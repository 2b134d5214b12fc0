"""Starts what a run needs, on free ports of the loopback interface, and ends it."""

import contextlib
import os
import socket
import subprocess
import time

from harness.fault import Fault
from harness.signals import held

HOST = "127.0.0.1"
# Longer than any run; what is started ends then even if the run was killed.
LONGEST_RUN = "900"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def started(command: list[str], environment: dict[str, str], directory=None):
    """A process that ends with the block."""
    with contextlib.ExitStack() as stack:
        with held():
            process = subprocess.Popen(
                ["timeout", LONGEST_RUN, *command], cwd=directory, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", os.defpath)} | environment)
            stack.callback(_end, process)
        yield process


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def listening(port: int, name: str) -> None:
    """Waits until something listens on a port."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
            return
        time.sleep(0.05)
    raise Fault(f"{name} does not listen on port {port}.")
