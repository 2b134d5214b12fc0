"""The figures of the invocations, and their verdict."""

import statistics

from .lives import Trial

MEBIBYTE = 1_048_576
SPIKE_PART = 0.3
SLOWNESS = 3
# The loop touches no memory; what makes it take so much longer is the machine.
DISTURBANCE = 1.5
LEAST_PART = 0.8
# A replay may do the same work a few invocations earlier or later.
NEIGHBOURHOOD = 2


class Judgement:
    """The dictionary and the cache in a function of one size.

    What an invocation takes is its thread's own time, with the median in place of the time of the
    loop that touches no memory. It is slow when it takes more than three times what is expected: the
    median, and for an invocation with a spike what such a spike takes where nothing is kept. It is
    slow because of memory when it is slow again in a replay: what the machine does meanwhile does
    not come again. Nor is it because of memory where the loop itself took much longer than it does: that
    the machine was busy with something else then is measured.
    """

    def __init__(
        self, megabytes: int, control: Trial, naive: Trial, emulated: Trial, plain: Trial,
        again: Trial | None = None,
    ):
        self.megabytes = megabytes
        self.control = control
        self.naive = naive
        self.emulated = emulated
        self.plain = plain
        self.again = again
        self._spike_rates = _spike_rates(control)

    @property
    def limit(self) -> int:
        """The function's memory in bytes."""
        return self.megabytes * MEBIBYTE

    @property
    def trials(self) -> list[Trial]:
        """Those of the cache that have invocations."""
        return [trial for trial in (self.emulated, self.plain) if trial.answers]

    @property
    def longest(self) -> Trial:
        """The trial of the cache with the most invocations."""
        return max(self.trials, key=lambda trial: len(trial.answers))

    @property
    def safe(self) -> int:
        """The bytes that could safely hold entries: without the bare process and the handler's spikes."""
        start = self.trials[-1].answers[0]["start"]
        return int(self.limit - start - SPIKE_PART * self.limit)

    @property
    def used_part(self) -> float:
        """How much of that holds entries at the end of the longest trial."""
        return self.longest.answers[-1]["held"] / self.safe

    def slow_once(self, trial: Trial) -> list[dict]:
        """Invocations that took more than three times what is expected of them."""
        compute = median_of(trial, "compute")
        median = median_time(trial)

        def is_slow(answer: dict) -> bool:
            expected = median + self._spike_time(answer)
            time = compute + memory_time(answer) + answer["spikeTime"]
            return time > SLOWNESS * expected

        return [answer for answer in trial.answers if is_slow(answer)]

    def slow(self, trial: Trial) -> list[dict]:
        """Those that are slow again in another trial of the same numbers."""
        once = self._slow_by_itself(trial)
        for other in (self.plain, self.again):
            if once and other is not None and other is not trial:
                numbers = [answer["number"] for answer in self._slow_by_itself(other)]
                once = [
                    answer for answer in once
                    if any(abs(number - answer["number"]) <= NEIGHBOURHOOD for number in numbers)]
        return once

    def _slow_by_itself(self, trial: Trial) -> list[dict]:
        """Those that were slow while the machine was not."""
        usual = median_of(trial, "compute")
        return [
            answer for answer in self.slow_once(trial)
            if answer["compute"] <= DISTURBANCE * usual]

    def _spike_time(self, answer: dict) -> float:
        """The time of a spike where nothing is kept, in nanoseconds."""
        return self._spike_rates.get(answer["piece"], 0) * answer["spike"]

    @property
    def failures(self) -> list[str]:
        """The promises that were not kept."""
        failures = []
        name = f"{self.megabytes} MB"
        if self.naive.kills == 0 and len(self.naive.answers) >= 8 * self.megabytes:
            failures.append(f"{name}: the dictionary was not killed")
        for trial in self.trials:
            if trial.kills > 0:
                failures.append(f"{name}, {trial.where}: {trial.kills} kills")
            slow = self.slow(trial)
            if slow:
                worst = max(slow, key=memory_time)
                failures.append(
                    f"{name}, {trial.where}: {len(slow)} invocations slower than {SLOWNESS} times "
                    f"the median of {median_time(trial) / 1e6:.2f} ms because of memory, the "
                    f"worst number {worst['number']} with {memory_time(worst) / 1e6:.2f} ms")
        if self._is_full and self.used_part < LEAST_PART:
            failures.append(
                f"{name}: entries fill {self.used_part:.0%} of {self.safe / MEBIBYTE:.0f} MiB")
        return failures

    @property
    def _is_full(self) -> bool:
        """Whether more was set than fits; shorter runs say nothing of how full a cache gets."""
        return self.longest.answers[-1]["entries"] < len(self.longest.answers)


def memory_time(answer: dict) -> int:
    """Making the value, keeping it, evicting for it, and the guard, in nanoseconds."""
    return answer["make"] + answer["keep"] + answer["guard"]


def median_of(trial: Trial, field: str) -> float:
    """The median of a field."""
    return statistics.median(answer[field] for answer in trial.answers)


def median_time(trial: Trial) -> float:
    """The median invocation in nanoseconds of the thread, not counting spikes."""
    return statistics.median(
        answer["compute"] + memory_time(answer) for answer in trial.answers)


def _spike_rates(control: Trial) -> dict[int, float]:
    """Nanoseconds for a byte of a spike, by the size of its pieces."""
    sums: dict[int, list[int]] = {}
    for answer in control.answers:
        if answer["spike"] > 0:
            time, size = sums.setdefault(answer["piece"], [0, 0])
            sums[answer["piece"]] = [time + answer["spikeTime"], size + answer["spike"]]
    return {piece: time / size for piece, (time, size) in sums.items()}


HEAD = [
    "MB", "keeps in", "events from", "invocations", "kills", "median ms", "slow", "slow once",
    "99.9 % keep µs", "longest keep ms", "peak MiB", "held MiB", "of safe", "sheds", "trims"]


def print_table(judgements: list[Judgement]) -> None:
    """Prints everything, one row for each trial."""
    rows = [HEAD]
    for each in judgements:
        rows.append(_row(each, each.control, "nothing"))
        rows.append(_row(each, each.naive, "dictionary"))
        rows += [_row(each, trial, "cache") for trial in each.trials]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for place, row in enumerate(rows):
        print("| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths)) + " |")
        if place == 0:
            print("|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|")
    print(
        "median: without spikes, in the thread's own time; slow: over three times what is expected, "
        "and again in a replay, while the machine was not;\nkeep: keeping, evicting and the guard, where the handler has no "
        "spike; peak: the largest resident set there was;\nsafe: without the bare process and 30 % "
        "for spikes")


def _row(judgement: Judgement, trial: Trial, keeper: str) -> list[str]:
    row = [str(judgement.megabytes), keeper, trial.where, f"{len(trial.answers):,}",
           str(trial.kills)]
    if not trial.answers:
        return row + [""] * (len(HEAD) - len(row))
    last = trial.answers[-1]
    peak = max(max(answer["resident"], answer["peak"]) for answer in trial.answers)
    row.append(f"{median_time(trial) / 1e6:.2f}")
    if keeper == "nothing":
        return row + [""] * 4 + [f"{peak / MEBIBYTE:.1f}"] + [""] * 4
    keeping = sorted(
        answer["keep"] + answer["guard"] for answer in trial.answers if answer["spike"] == 0)
    if keeper == "cache":
        row += [str(len(judgement.slow(trial))), str(len(judgement.slow_once(trial)))]
    else:
        row += ["", str(len(judgement.slow_once(trial)))]
    row += [f"{keeping[int(len(keeping) * 0.999)] / 1000:.0f}", f"{keeping[-1] / 1e6:.2f}",
            f"{peak / MEBIBYTE:.1f}", f"{last['held'] / MEBIBYTE:.1f}",
            f"{last['held'] / judgement.safe:.0%}"]
    return row + ([str(last["sheds"]), str(last["trims"])] if keeper == "cache" else [""] * 2)
