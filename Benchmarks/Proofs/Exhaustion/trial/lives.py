"""Runs the function for a number of invocations, in a memory cgroup of its own."""

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from harness.emulator import Emulator
from harness.fault import Fault
from harness.function import lambda_environment
from harness.memory_group import MemoryGroup
from harness.signals import held
from .runtime_api import RuntimeAPI

MEBIBYTE = 1_048_576
PROGRESS = 20_000


@dataclasses.dataclass
class Setting:
    """The store of the values, the memory, and the work of an invocation."""

    keeper: str
    megabytes: int
    spikes: int
    work: int

    @property
    def environment(self) -> dict[str, str]:
        """The function's variables: Lambda's, the trial's and the caller's settings."""
        environment = lambda_environment("exhaustion", self.megabytes, timeout=60)
        environment["EXHAUSTION_KEEPER"] = self.keeper
        environment["EXHAUSTION_SPIKES"] = str(self.spikes)
        environment["EXHAUSTION_WORK"] = str(self.work)
        settings = {
            name: value for name, value in os.environ.items()
            if name.startswith(("LAMBDA_CACHE_", "MALLOC_", "GLIBC_TUNABLES"))}
        return environment | settings


@dataclasses.dataclass
class Trial:
    """The figures of some invocations."""

    where: str
    answers: list[dict] = dataclasses.field(default_factory=list)
    kills: int = 0
    seconds: float = 0

    @property
    def rate(self) -> float:
        """Invocations in a second."""
        return len(self.answers) / self.seconds if self.seconds > 0 else 0


def emulated_trial(
    emulator: pathlib.Path, function: pathlib.Path, setting: Setting, count: int,
    stop_at_kill: bool = False,
) -> Trial:
    """Invocations under AWS's emulator, whose function is in the group and which is not itself."""
    trial = Trial("emulator")
    with contextlib.ExitStack() as stack:
        group = _group(setting.megabytes, stack)
        program = _confined(function, group, stack)
        running = stack.enter_context(
            Emulator(emulator, program, setting.environment))
        start = time.monotonic()
        for number in range(count):
            invocation = running.invoke(str(number).encode())
            if group.kills > trial.kills:
                trial.kills = group.kills
                if stop_at_kill:
                    break
                continue
            answer = invocation.json()
            if "resident" not in answer:
                raise Fault(f"invocation {number} failed: {answer}\n{running.log_tail()}")
            trial.answers.append(answer)
        trial.seconds = time.monotonic() - start
        trial.kills = group.kills
    return trial


def plain_trial(function: pathlib.Path, setting: Setting, count: int) -> Trial:
    """Invocations by a stand-in for the Runtime API over one connection."""
    trial = Trial("stand-in")
    if count <= 0:
        return trial
    with contextlib.ExitStack() as stack:
        group = _group(setting.megabytes, stack)
        api = stack.enter_context(RuntimeAPI())
        environment = setting.environment
        environment["AWS_LAMBDA_RUNTIME_API"] = api.address
        with held():
            process = subprocess.Popen(
                group.command([str(function)]), env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL)
            stack.callback(_end, process)
        start = time.monotonic()
        for body in api.answers(count):
            trial.answers.append(json.loads(body))
            if len(trial.answers) % PROGRESS == 0:
                print(f"  {len(trial.answers)} invocations", file=sys.stderr, flush=True)
        trial.seconds = time.monotonic() - start
        trial.kills = group.kills
        if trial.kills == 0 and len(trial.answers) < count:
            raise Fault(f"the function ended after {len(trial.answers)} invocations")
    return trial


def _group(megabytes: int, stack: contextlib.ExitStack) -> MemoryGroup:
    with held():
        group = MemoryGroup(megabytes * MEBIBYTE)
        stack.callback(group.remove)
    return group


def _confined(
    function: pathlib.Path, group: MemoryGroup, stack: contextlib.ExitStack
) -> pathlib.Path:
    """A program that enters the group and becomes the function."""
    folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
    program = folder / "bootstrap"
    program.write_text(
        f"#!/bin/sh\necho $$ > '{group.path}/cgroup.procs' && exec '{function}' \"$@\"\n")
    program.chmod(0o755)
    return program


def _end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
