"""Plays cases, prints a line for each, and says what is wrong."""

import sys
import time

from harness.fault import Fault
from .cases import Case, Skipped, Stage
from .life import Look, TooSlow

ATTEMPTS = 3


class Report:
    """The outcomes so far."""

    def __init__(self):
        self._wrong: list[str] = []
        self._played = 0
        self._skipped = 0
        self._start = time.monotonic()
        print(f"{'case':<52} {'expected':<19} {'came':<19} at an age of (s)")

    def add(self, case: Case, stage: Stage) -> None:
        """Plays a case, again if the machine was too slow for it."""
        for _ in range(ATTEMPTS):
            try:
                self._judge(case, case.play(stage))
            except TooSlow:
                continue
            except Skipped as reason:
                self._skip(case, str(reason))
            except (Fault, OSError) as fault:
                self._wrong.append(f"{case.name}: {fault}")
                print(f"{case.name:<52} WRONG: see below", flush=True)
            return
        self._skip(case, f"the machine was too slow, {ATTEMPTS} times")

    def conclude(self) -> int:
        """Prints what is wrong, and returns the status to end with."""
        seconds = time.monotonic() - self._start
        print(f"{self._played} cases as expected, {self._skipped} skipped, "
              f"{len(self._wrong)} wrong, in {seconds:.0f} s", flush=True)
        for line in self._wrong:
            print(f"FAILED: {line}", file=sys.stderr)
        return 1 if self._wrong else 0

    def _judge(self, case: Case, looks: list[Look]) -> None:
        expected = " ".join(look.expected for look in looks)
        came = " ".join(look.came for look in looks)
        ages = " ".join("-" if look.age is None else f"{look.age:.3f}" for look in looks)
        row = f"{case.name:<52} {expected:<19} {came:<19} {ages}"
        if came == expected:
            self._played += 1
        else:
            row += "  WRONG"
            self._wrong.append(f"{case.name}: expected {expected}, came {came}")
        print(row, flush=True)

    def _skip(self, case: Case, reason: str) -> None:
        self._skipped += 1
        print(f"{case.name:<52} skipped: {reason}", flush=True)
