"""The treatments of the function, case by case."""

import collections.abc
import contextlib
import dataclasses
import fractions
import functools
import pathlib
import time

from harness.control_group import NoControlGroup
from harness.emulator import Emulator, Enclosure
from harness.fault import Fault
from harness.freezer_group import FreezerGroup
from harness.function import lambda_environment
from harness.signals import held
from .life import Life, Look
from .simulated_clocks import MONOTONIC, WALL, NoSimulatedClocks, SimulatedClocks
from .time_namespace import NoTimeNamespace, TimeNamespace

THREE_YEARS = 3 * 365 * 86_400
HOUR = 3_600


class Skipped(Exception):
    """Why a case cannot be played on this machine."""


@dataclasses.dataclass
class Stage:
    """The programs and the database."""

    emulator: pathlib.Path
    function: pathlib.Path
    database: str

    @contextlib.contextmanager
    def life(
        self, time_to_live: int, enclosure: Enclosure | None = None,
        variables: dict[str, str] | None = None,
    ) -> collections.abc.Iterator[Life]:
        """A function whose entries live for so many seconds."""
        environment = lambda_environment("user-lookup", 128) | (variables or {})
        environment["USER_LOOKUP_DATABASE"] = self.database
        environment["LAMBDA_CACHE_TTL"] = f"{time_to_live}s"
        with Emulator(self.emulator, self.function, environment, enclosure) as running:
            yield Life(running, time_to_live)


@dataclasses.dataclass
class Case:
    """A name, and what plays it."""

    name: str
    play: collections.abc.Callable[[Stage], list[Look]]


def play_plainly(life: Life, at_half: collections.abc.Callable[[], None] = lambda: None) -> None:
    """An entry is there at half of its time, gone when that is over, and then there again."""
    life.look("miss")
    life.wait_until_half()
    at_half()
    life.look("hit")
    life.wait_until_over()
    life.look("miss")
    life.look("hit")


def unmoved(stage: Stage) -> list[Look]:
    """With nothing done to it."""
    with stage.life(1) as life:
        play_plainly(life)
        return life.looks


def frozen(stage: Stage, version: int, time_to_live: int, seconds: int) -> list[Look]:
    """Frozen between two invocations."""
    with contextlib.ExitStack() as stack:
        try:
            with held():
                group = FreezerGroup(version)
                stack.callback(group.remove)
        except NoControlGroup as reason:
            raise Skipped(str(reason)) from reason
        life = stack.enter_context(stage.life(time_to_live, group))
        life.look("miss")
        life.look("hit")
        if life.function_process not in group.processes:
            raise Fault(f"the function is not in {group.path}")
        with group.frozen():
            time.sleep(seconds)
        life.look("miss" if seconds > time_to_live else "hit")
        life.look("hit")
        return life.looks


def in_time_namespace(
    stage: Stage, offsets: collections.abc.Callable[[], tuple[int, int]]
) -> list[Look]:
    """With the monotonic clock and the boot clock moved."""
    try:
        namespace = TimeNamespace(*offsets())
    except NoTimeNamespace as reason:
        raise Skipped(str(reason)) from reason
    with stage.life(1, namespace) as life:
        play_plainly(life, at_half=lambda: namespace.check(life.function_process))
        return life.looks


def back_to_boot() -> tuple[int, int]:
    """The offsets that make both clocks show less than a second."""
    return -int(time.clock_gettime(time.CLOCK_MONOTONIC)), -int(
        time.clock_gettime(time.CLOCK_BOOTTIME))


def with_clocks(
    stage: Stage,
    play: collections.abc.Callable[[Life, SimulatedClocks], None],
    time_to_live: int = 1,
    variables: dict[str, str] | None = None,
) -> list[Look]:
    """With simulated clocks."""
    try:
        simulated = SimulatedClocks()
    except NoSimulatedClocks as reason:
        raise Skipped(str(reason)) from reason
    with simulated as clocks, stage.life(
        time_to_live, variables=clocks.variables | (variables or {})
    ) as life:
        play(life, clocks)
        if clocks.readings == 0:
            raise Skipped("nothing can be put before the libc of the function: is it static?")
        return life.looks


def standing(life: Life, clocks: SimulatedClocks, which: tuple[int, ...]) -> None:
    """They have stopped before the function was started."""
    clocks.stop(which)
    play_plainly(life)


def lagging(life: Life, clocks: SimulatedClocks) -> None:
    """The wall clock is at half speed."""
    clocks.run(WALL, rate=fractions.Fraction(1, 2))
    play_plainly(life)


def set_back(life: Life, clocks: SimulatedClocks) -> None:
    """The wall clock is corrected while an entry is in the cache."""
    play_plainly(life, at_half=lambda: clocks.run(WALL, step=-HOUR))


def paused(life: Life, clocks: SimulatedClocks) -> None:
    """The clocks that count from boot stand still between two invocations, as in a paused VM."""
    life.look("miss")
    life.wait_until_half()
    life.look("hit")
    clocks.stop(MONOTONIC)
    life.wait_until_over()
    clocks.run(MONOTONIC)
    life.look("miss")
    life.look("hit")


def all_paused(life: Life, clocks: SimulatedClocks) -> None:
    """Every clock stands still between two invocations; only their deadlines go on."""
    life.look("miss")
    life.look("hit")
    clocks.stop(MONOTONIC)
    clocks.stop(WALL)
    life.wait_until_over()
    clocks.run(MONOTONIC)
    clocks.run(WALL)
    life.look("miss")
    life.look("hit")


def in_turns(life: Life, clocks: SimulatedClocks) -> None:
    """No clock alone counts more than half of the entry's time."""

    def change() -> None:
        clocks.run(MONOTONIC)
        clocks.stop(WALL)

    clocks.stop(MONOTONIC)
    play_plainly(life, at_half=change)


CASES = [
    Case("nothing is done to it", unmoved),
    *(
        Case(
            f"frozen for {seconds} s of {time_to_live} s to live, cgroup version {version}",
            functools.partial(frozen, version=version, time_to_live=time_to_live, seconds=seconds))
        for version in (1, 2) for seconds, time_to_live in ((4, 2), (1, 30))
    ),
    Case(
        "time namespace: three years since boot",
        functools.partial(in_time_namespace, offsets=lambda: (THREE_YEARS, THREE_YEARS))),
    Case(
        "time namespace: less than a second since boot",
        functools.partial(in_time_namespace, offsets=back_to_boot)),
    *(
        Case(name, functools.partial(with_clocks, play=play))
        for name, play in (
            ("wall clock stands still", functools.partial(standing, which=WALL)),
            ("wall clock at half speed", lagging),
            ("wall clock set back an hour", set_back),
            ("clocks since boot stand still", functools.partial(standing, which=MONOTONIC)),
            ("clocks since boot stand still between invocations", paused),
            ("clocks since boot, then wall clock stand still", in_turns),
        )
    ),
    Case(
        "every clock stands still between invocations",
        functools.partial(
            with_clocks, play=all_paused, time_to_live=3,
            variables={"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})),
]
