"""Lives of a function whose values change their sizes, and what came of them."""

import collections.abc
import contextlib
import dataclasses
import itertools
import json
import math
import pathlib
import subprocess
import typing

from harness.fault import Fault
from harness.function import lambda_environment
from harness.memory_group import MemoryGroup
from harness.signals import held

MEBIBYTE = 1_048_576
LEAST_PART = 0.8
SECONDS = 300
# The memory that a handler touches in a phase, in total: the kernel clears one to two GB in a second. The
# program says what the resident set would have been in the other invocations.
TOUCHED_MEBIBYTES = 16 * 1024

SMALL = [35, 91, 400]
LARGE = [2_000, 20_000, 100_000, 1_000_000]
PER_INVOCATION = [1, 100, 100_000]


class Life(typing.NamedTuple):
    """The settings of a process."""

    megabytes: int
    phases: list[str]


def reserve(megabytes: int) -> int:
    """The default reserve for the handler up to 1,024 MB, in MiB."""
    return max(24, megabytes * 5 // 16)


def budget(megabytes: int) -> int:
    """About what is left for caches of up to 1,024 MB, in bytes: 10 MiB are resident at first."""
    return (megabytes - 10 - reserve(megabytes) - 4 - megabytes // 16) * MEBIBYTE


def _taking(
    megabytes: int, need: int, value: int, budgets: float, per: int = 500, least: int = 1
) -> str:
    """The handler takes so many MiB as often as is bearable, and never in more than one of `least`."""
    invocations = budget(megabytes) * budgets / (value + 80) / per
    every = max(least, math.ceil(invocations * need / TOUCHED_MEBIBYTES))
    return f"handler={need}" + (f",every={every}" if every > 1 else "")


def grid(sizes: list[int]) -> collections.abc.Iterator[Life]:
    """Everything, for memory of these sizes."""
    for megabytes in sizes:
        needs = [reserve(megabytes) // 2, reserve(megabytes) - 2]
        for small, large, per, need, order in itertools.product(
                SMALL, LARGE, PER_INVOCATION, needs, ["", ",shuffle"]):
            yield _change(megabytes, small, large, per, need, order)
        yield from _mixes(megabytes)


def short_grid() -> collections.abc.Iterator[Life]:
    """The lives that fit into a minute."""
    for small, large, per in [
            (91, 20_000, 100_000), (91, 100_000, 1_000), (35, 2_000, 100_000), (400, 1_000_000, 100)]:
        yield _change(128, small, large, per, 36, ",shuffle")
    yield _change(128, 91, 20_000, 100_000, 36, "")
    yield _change(256, 91, 20_000, 100_000, 76, ",shuffle")
    yield from _mixes(128)


def _change(
    megabytes: int, small: int, large: int, per: int, need: int, order: str
) -> Life:
    """Small values fill the budget, and large ones follow."""
    return Life(megabytes, [
        f"sizes={small},budgets=3,{_taking(megabytes, 1, small, 3)}{order}",
        f"sizes={large},budgets=1.05,per={per},{_taking(megabytes, need, large, 1.05, per)}"])


def _mixes(megabytes: int) -> collections.abc.Iterator[Life]:
    """Sizes that alternate, and handlers that take their memory in large blocks."""
    need = reserve(megabytes) - 4
    seldom = _taking(megabytes, need, 91, 1.2, least=50)
    small, large = "sizes=91,budgets=1.2,shuffle", "sizes=20000,budgets=1.2,per=100000"
    handler = f"handler={need}"
    yield Life(megabytes, [f"{small},{seldom}", f"{large},{handler}"] * 3)
    yield Life(megabytes, [
        f"sizes=91+20000,budgets=3,per=2000,{handler},shuffle",
        f"sizes=35+400+100000,budgets=3,per=2000,{handler}"])
    yield Life(megabytes, [
        f"sizes=91,budgets=2,shuffle,{_taking(megabytes, need, 91, 2, least=20)},block=32",
        f"sizes=20000,budgets=1.2,per=500,{handler},block=32,hold"])
    # The mean of the four sizes is 83,325 bytes.
    yield Life(megabytes, [
        f"sizes=300+3000+30000+300000,budgets=20,per=8,handler={megabytes * 20 // 128},every=100"])
    often = _taking(megabytes, need, 83_325, 10, 8, least=10)
    yield Life(megabytes, [
        f"sizes=300+3000+30000+300000,budgets=10,per=8,{often},block=1024,hold"])


@dataclasses.dataclass
class Outcome:
    """The outcome of a life."""

    life: Life
    kills: int
    answer: dict | None

    @property
    def part(self) -> float:
        """How much of the budget holds entries at the end."""
        return self.answer["held"] / self.answer["byteLimit"] if self.answer else 0

    @property
    def is_good(self) -> bool:
        """Whether it kept what is promised."""
        return (
            self.kills == 0 and self.part >= LEAST_PART
            and self.answer["peak"] <= self.life.megabytes * MEBIBYTE)

    @property
    def row(self) -> str:
        """One row of the table."""
        cells = [str(self.life.megabytes), "; ".join(self.life.phases), str(self.kills)]
        if self.answer:
            answer = self.answer
            share = answer["trimMicroseconds"] / max(answer["cpuMicroseconds"], 1)
            cells += [
                f"{answer['peak'] / MEBIBYTE:.0f}", f"{self.part:.0%}",
                f"{answer['shedBytes'] / MEBIBYTE:.0f}", str(answer["trims"]),
                f"{answer['trimMicroseconds'] / max(answer['trims'], 1) / 1000:.1f}", f"{share:.1%}",
                f"{answer['longestMicroseconds'] / 1000:.0f}"]
        cells += [""] * (len(HEAD) - 1 - len(cells))
        cells.append("good" if self.is_good else "MISSED")
        return "| " + " | ".join(cells) + " |"


HEAD = [
    "MB", "phases", "kills", "peak MiB", "of budget", "shed MiB", "trims", "ms per trim",
    "trims of CPU", "longest ms", "result"]


def confined_run(program: pathlib.Path, life: Life) -> Outcome:
    """One life in a group of its own."""
    with contextlib.ExitStack() as stack:
        with held():
            group = MemoryGroup(life.megabytes * MEBIBYTE)
            stack.callback(group.remove)
        process = subprocess.run(
            group.command([str(program), str(life.megabytes), *life.phases]),
            env=lambda_environment("phases", life.megabytes, timeout=60), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, timeout=SECONDS)
        kills = group.kills
        if kills == 0 and process.returncode != 0:
            raise Fault(f"MemoryPhases ended with status {process.returncode}: {life.phases}")
        answer = json.loads(process.stdout) if process.returncode == 0 else None
        return Outcome(life, kills, answer)
