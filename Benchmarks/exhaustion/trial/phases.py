"""Lives of a function whose values change their sizes, and what came of them."""

import collections.abc
import contextlib
import dataclasses
import itertools
import json
import pathlib
import subprocess
import typing

from harness.fault import Fault
from harness.function import lambda_environment
from harness.memory_group import MemoryGroup
from harness.signals import held

MEBIBYTE = 1_048_576
LEAST_PART = 0.8
# What a handler has in use while values are written cannot be told from what evicted entries have left.
LEAST_PART_BESIDE_HELD_MEMORY = 0.5
SECONDS = 300

SMALL = [35, 91, 400]
LARGE = [2_000, 20_000, 100_000, 1_000_000]
PER_INVOCATION = [1, 100, 100_000]


class Life(typing.NamedTuple):
    """What a process is made to do."""

    megabytes: int
    phases: list[str]
    least_part: float = LEAST_PART


def reserve(megabytes: int) -> int:
    """What the default reserve keeps for the handler up to 1,024 MB, in MiB."""
    return max(24, megabytes * 5 // 16)


def grid(sizes: list[int]) -> collections.abc.Iterator[Life]:
    """Everything, for memory of these sizes."""
    for megabytes in sizes:
        needs = [reserve(megabytes) // 2, reserve(megabytes) - 2]
        for small, large, per, need, order in itertools.product(
                SMALL, LARGE, PER_INVOCATION, needs, ["", ",shuffle"]):
            yield _change(megabytes, small, large, per, need, order)
        yield from _mixes(megabytes)


def short_grid() -> collections.abc.Iterator[Life]:
    """What a minute is enough for."""
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
        f"sizes={small},budgets=3,handler=1{order}",
        f"sizes={large},budgets=1.05,per={per},handler={need}"])


def _mixes(megabytes: int) -> collections.abc.Iterator[Life]:
    """Sizes that alternate, and handlers that take their memory in large blocks."""
    need = reserve(megabytes) - 4
    small, large = "sizes=91,budgets=1.2,shuffle", "sizes=20000,budgets=1.2,per=100000"
    handler = f"handler={need}"
    yield Life(megabytes, [f"{small},{handler},every=50", f"{large},{handler}"] * 3)
    yield Life(megabytes, [
        f"sizes=91+20000,budgets=3,per=2000,{handler},shuffle",
        f"sizes=35+400+100000,budgets=3,per=2000,{handler}"])
    yield Life(megabytes, [
        f"sizes=91,budgets=2,shuffle,{handler},block=32,every=20",
        f"sizes=20000,budgets=1.2,per=500,{handler},block=32,hold"], LEAST_PART_BESIDE_HELD_MEMORY)
    yield Life(megabytes, [
        f"sizes=300+3000+30000+300000,budgets=20,per=8,handler={megabytes * 20 // 128},every=100"])
    yield Life(megabytes, [
        f"sizes=300+3000+30000+300000,budgets=10,per=8,handler={need},block=1024,every=10,hold"])


@dataclasses.dataclass
class Outcome:
    """What a life came to."""

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
            self.kills == 0 and self.part >= self.life.least_part
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
        cells.append(f"{self.life.least_part:.0%}, {'good' if self.is_good else 'MISSED'}")
        return "| " + " | ".join(cells) + " |"


HEAD = [
    "MB", "phases", "kills", "peak MiB", "of budget", "shed MiB", "trims", "ms per trim",
    "trims of CPU", "longest ms", "goal"]


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
