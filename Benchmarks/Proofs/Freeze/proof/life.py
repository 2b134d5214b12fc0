"""Looks a user up, again and again, in one environment of the function."""

import dataclasses
import json
import time

from harness.emulator import Emulator
from harness.fault import Fault

USER = "ada.adelman1"
EVENT = json.dumps({"username": USER}).encode()

# How late the library may find out that an entry's time is up is at most the kernel's tick of
# 1–10 milliseconds and one more; the rest is for the script's own readings.
RESOLUTION = 0.02


class TooSlow(Exception):
    """An entry may have become too old before the look that should still find it."""


@dataclasses.dataclass
class Look:
    """The expected and the actual outcome of a look-up, and the least age of the entry."""

    expected: str
    came: str
    age: float | None


class Life:
    """One process of the function, whose entries live for some seconds.

    Ages are by the script's own clock, which is never moved.
    """

    def __init__(self, emulator: Emulator, time_to_live: int):
        self._emulator = emulator
        self._time_to_live = time_to_live
        # The entry was stored between these two instants.
        self._stored_after = 0.0
        self._stored_before = 0.0
        self.looks: list[Look] = []

    @property
    def function_process(self) -> int:
        """The process id of the function."""
        process = self._emulator.function_process
        if process is None:
            raise Fault(f"the function has ended\n{self._emulator.log_tail()}")
        return process

    def look(self, expected: str) -> None:
        """Looks the user up, which should be a "hit" or a "miss"."""
        sent = time.monotonic()
        answer = self._invoke()
        answered = time.monotonic()
        came = {"database": "miss", "cache": "hit"}[answer["source"]]
        is_late = expected == "hit" and answered - self._stored_after >= self._time_to_live
        if is_late and came == "miss":
            raise TooSlow
        age = sent - self._stored_before if self.looks else None
        self.looks.append(Look(expected, came, age))
        self._check_counts(answer["statistics"])
        if came == "miss":
            self._stored_after, self._stored_before = sent, answered

    def wait_until_half(self) -> None:
        """Waits until the entry has lived half of its time."""
        self._wait_until(self._time_to_live / 2)

    def wait_until_over(self) -> None:
        """Waits until the entry's time is over, and as little longer as possible."""
        self._wait_until(self._time_to_live + RESOLUTION)

    def _wait_until(self, age: float) -> None:
        time.sleep(max(0, self._stored_before + age - time.monotonic()))

    def _invoke(self) -> dict:
        invocation = self._emulator.invoke(EVENT)
        answer = invocation.json() if invocation.status == 200 else {}
        if answer.get("profile", {}).get("username") != USER:
            raise Fault(
                f"no answer to {EVENT.decode()}: {invocation.status} {invocation.body[:300]!r}\n"
                + self._emulator.log_tail())
        return answer

    def _check_counts(self, counts: dict[str, int]) -> None:
        """The process must have counted exactly these looks: a new one would miss as well."""
        hits = sum(look.came == "hit" for look in self.looks)
        misses = len(self.looks) - hits
        expected = {"hits": hits, "misses": misses, "databaseReads": misses}
        found = {name: counts[name] for name in expected}
        if found != expected:
            raise Fault(f"the function counts {found}, expected {expected}")
