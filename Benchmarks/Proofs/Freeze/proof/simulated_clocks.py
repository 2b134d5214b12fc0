"""Clocks of a function that stand still, lag and are set, while the real ones go on."""

import contextlib
import fractions
import mmap
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

from harness.fault import Fault

# The clocks' numbers on Linux.
WALL = (0, 5)  # REALTIME, REALTIME_COARSE
MONOTONIC_COARSE = 6
MONOTONIC = (1, 4, MONOTONIC_COARSE, 7)  # MONOTONIC, MONOTONIC_RAW and BOOTTIME beside it

# The layout is that of clocks.c.
CLOCK_COUNT = 8
LINE = struct.Struct("=qqqq")
TABLE_SIZE = CLOCK_COUNT * LINE.size
TABLES = 8
READINGS = TABLES + 2 * TABLE_SIZE
READING = struct.Struct("=Q")


class NoSimulatedClocks(Exception):
    """Why clocks cannot be simulated here."""


class SimulatedClocks(contextlib.AbstractContextManager):
    """A library put before libc, and the file in which it finds what the clocks show."""

    def __init__(self):
        """Builds the library; raises NoSimulatedClocks where there is no C compiler."""
        compiler = shutil.which("cc") or shutil.which("clang")
        if compiler is None:
            raise NoSimulatedClocks("there is no C compiler")
        # Each clock shows `shown` at the real time `from` and runs at a rate from there.
        self._lines = {
            clock: (0, 0, fractions.Fraction(1)) for clock in (*WALL, *MONOTONIC)}
        self._active = 0
        self._folder = tempfile.TemporaryDirectory()
        try:
            self._build(compiler)
            self._map()
        except BaseException:
            self._folder.cleanup()
            raise

    def __exit__(self, *_) -> None:
        self._memory.close()
        self._folder.cleanup()

    def _build(self, compiler: str) -> None:
        self._library = pathlib.Path(self._folder.name) / "clocks.so"
        source = pathlib.Path(__file__).with_name("clocks.c")
        command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
        built = subprocess.run([*command, "-o", str(self._library), str(source)])
        if built.returncode != 0:
            raise Fault(f"{source.name} does not build")

    def _map(self) -> None:
        self._file = pathlib.Path(self._folder.name) / "clocks"
        self._file.write_bytes(bytes(READINGS + CLOCK_COUNT * READING.size))
        with self._file.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)
        self._publish()

    @property
    def variables(self) -> dict[str, str]:
        """The variables that the function needs."""
        return {"LD_PRELOAD": str(self._library), "SIMULATED_CLOCKS": str(self._file)}

    @property
    def readings(self) -> int:
        """How often the clock that every look-up asks has been read."""
        return READING.unpack_from(self._memory, READINGS + MONOTONIC_COARSE * READING.size)[0]

    def stop(self, clocks: tuple[int, ...]) -> None:
        """Lets clocks stand still, but for a nanosecond in each millisecond.

        The kernel writes its coarse clocks all at once, at a tick and when the wall clock is set:
        none of them moves without the others moving by the cycles that have passed since, be they
        ever so few. A look-up relies on that.
        """
        self.run(clocks, rate=fractions.Fraction(1, 1_000_000))

    def run(
        self, clocks: tuple[int, ...], rate: fractions.Fraction = fractions.Fraction(1),
        step: int = 0,
    ) -> None:
        """Lets clocks go on from what they show now, or from so many seconds later."""
        for clock in clocks:
            now = time.clock_gettime_ns(clock)
            start, shown, old_rate = self._lines[clock]
            shown += int((now - start) * old_rate) + step * 1_000_000_000
            self._lines[clock] = (now, shown, rate)
        self._publish()

    def _publish(self) -> None:
        """Writes the table that is not in use, and then puts it into use."""
        self._active = 1 - self._active
        for clock, (start, shown, rate) in self._lines.items():
            LINE.pack_into(
                self._memory, TABLES + self._active * TABLE_SIZE + clock * LINE.size,
                start, shown, rate.numerator, rate.denominator)
        self._memory[0] = self._active
