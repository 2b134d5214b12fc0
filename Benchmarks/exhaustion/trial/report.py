"""What the invocations come to."""

import statistics

from .lives import Trial

MEBIBYTE = 1_048_576
SPIKE_PART = 0.3
SLOWNESS = 3
LEAST_PART = 0.8


class Judgement:
    """The dictionary and the cache in a function of one size."""

    def __init__(self, megabytes: int, naive: Trial, emulated: Trial, plain: Trial):
        self.megabytes = megabytes
        self.naive = naive
        self.emulated = emulated
        self.plain = plain

    @property
    def limit(self) -> int:
        """The function's memory in bytes."""
        return self.megabytes * MEBIBYTE

    @property
    def trials(self) -> list[Trial]:
        """Those of the cache that have invocations."""
        return [trial for trial in (self.emulated, self.plain) if trial.answers]

    @property
    def safe(self) -> int:
        """What could safely hold entries: not the bare process, and not the handler's spikes."""
        start = self.trials[-1].answers[0]["start"]
        return int(self.limit - start - SPIKE_PART * self.limit)

    @property
    def used_part(self) -> float:
        """How much of that holds entries at the end of the longest trial."""
        longest = max(self.trials, key=lambda trial: len(trial.answers))
        return longest.answers[-1]["held"] / self.safe

    @staticmethod
    def slow(trial: Trial) -> list[dict]:
        """Invocations that took three times the median because of memory.

        Because of memory: caching, evicting and the guard are the larger part of what it took longer
        than the median, or a page had to be read from a file again. An invocation with a spike of
        its own is slow by itself; it counts if giving that memory back took it half as long as
        taking it. Times are those of the thread.
        """
        median = Judgement.median(trial)

        def is_slow(answer: dict) -> bool:
            total = answer["work"] + answer["memory"]
            return (
                total > SLOWNESS * median
                and (answer["memory"] > (total - median) / 2 or answer["faults"] > 0)
                and answer["memory"] > answer["spikeTime"] / 2)

        return [answer for answer in trial.answers if is_slow(answer)]

    @staticmethod
    def median(trial: Trial) -> float:
        """The median invocation in nanoseconds of the thread, not counting spikes."""
        return statistics.median(answer["work"] + answer["memory"] for answer in trial.answers)

    @property
    def failures(self) -> list[str]:
        """What was promised and not kept."""
        failures = []
        name = f"{self.megabytes} MB"
        if self.naive.kills == 0 and len(self.naive.answers) >= 8 * self.megabytes:
            failures.append(f"{name}: the dictionary was not killed")
        for trial in self.trials:
            if trial.kills > 0:
                failures.append(f"{name}, {trial.where}: {trial.kills} kills")
            slow = self.slow(trial)
            if slow:
                worst = max(slow, key=lambda answer: answer["memory"])
                failures.append(
                    f"{name}, {trial.where}: {len(slow)} invocations slower than {SLOWNESS} times "
                    f"the median of {self.median(trial) / 1e6:.2f} ms because of memory, the "
                    f"worst number {worst['number']} with {worst['memory'] / 1e6:.2f} ms")
        if self._is_full and self.used_part < LEAST_PART:
            failures.append(
                f"{name}: entries fill {self.used_part:.0%} of {self.safe / MEBIBYTE:.0f} MiB")
        return failures

    @property
    def _is_full(self) -> bool:
        """Whether more was set than fits; shorter runs say nothing of how full a cache gets."""
        longest = max(self.trials, key=lambda trial: len(trial.answers))
        return longest.answers[-1]["entries"] < len(longest.answers)


def print_table(judgements: list[Judgement]) -> None:
    """Prints everything, one row for each trial."""
    head = [
        "MB", "keeps in", "where", "invocations", "per s", "kills", "median ms", "slow", "peak MiB",
        "held MiB", "of safe", "sheds", "trims", "guard µs", "longest ms"]
    rows = [head]
    for each in judgements:
        rows.append(_row(each, each.naive, "dictionary"))
        rows += [_row(each, trial, "cache") for trial in each.trials]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for place, row in enumerate(rows):
        print("| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths)) + " |")
        if place == 0:
            print("|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|")
    print(
        "median: work and memory without spikes, in the thread's own time; slow: over three times that because of memory;\n"
        "peak: the largest resident set read; safe: without the bare process and 30 % for spikes;\n"
        "guard: its time for an invocation, on average")


def _row(judgement: Judgement, trial: Trial, keeper: str) -> list[str]:
    row = [str(judgement.megabytes), keeper, trial.where, f"{len(trial.answers):,}",
           f"{trial.rate:,.0f}", str(trial.kills)]
    if not trial.answers:
        return row + [""] * 9
    last = trial.answers[-1]
    peak = max(max(answer["resident"], answer["peak"]) for answer in trial.answers)
    row += [
        f"{Judgement.median(trial) / 1e6:.2f}", str(len(Judgement.slow(trial))),
        f"{peak / MEBIBYTE:.1f}", f"{last['held'] / MEBIBYTE:.1f}",
        f"{last['held'] / judgement.safe:.0%}"]
    if keeper == "cache":
        row += [str(last["sheds"]), str(last["trims"]),
                f"{last['guard'] / len(trial.answers) / 1000:.1f}", f"{last['longest'] / 1e6:.2f}"]
    else:
        row += [""] * 4
    return row
