"""Draws the resident set against the invocations."""

import math

from .report import MEBIBYTE, Judgement

WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 60, 16, 34, 44
POINTS = 400
COLORS = {"naive": "#c0392b", "cache": "#1f6f8b"}


def draw(judgements: list[Judgement]) -> str:
    """One panel for each size, two in a row, as SVG."""
    columns = min(2, len(judgements))
    rows = math.ceil(len(judgements) / columns)
    panels = [
        f'<g transform="translate({place % columns * WIDTH} {place // columns * HEIGHT})">'
        f"{_panel(judgement)}</g>"
        for place, judgement in enumerate(judgements)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH} {rows * HEIGHT}" '
        'font-family="sans-serif" font-size="11">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(panels) + "\n</svg>\n")


def _panel(judgement: Judgement) -> str:
    longest = judgement.longest
    last = max(len(longest.answers), len(judgement.naive.answers), 10)
    top = judgement.limit * 1.08

    def x(number: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(number + 1) / math.log10(last)

    def y(byte_count: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * byte_count / top

    parts = [f'<text x="{LEFT}" y="18" font-size="13">{judgement.megabytes} MB: '
             "resident set in MiB</text>"]
    for step in range(5):
        value = judgement.limit * step / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            f'stroke="{"#888" if step == 4 else "#ddd"}"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">'
            f"{value / MEBIBYTE:.0f}</text>")
    for exponent in range(int(math.log10(last)) + 1):
        place = x(10**exponent - 1)
        parts.append(
            f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">'
            f"{10**exponent:,}</text>")
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        "invocations</text>")
    for name, answers in (("naive", judgement.naive.answers), ("cache", longest.answers)):
        if answers:
            points = " ".join(
                f"{x(number):.1f},{y(value):.1f}" for number, value in _thinned(answers, last))
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{COLORS[name]}" '
                'stroke-width="1.4"/>')
    peaks = " ".join(
        f"{x(number):.1f},{y(value):.1f}"
        for number, value in _thinned(longest.answers, last, "peak"))
    parts.append(
        f'<polyline points="{peaks}" fill="none" stroke="{COLORS["cache"]}" '
        'stroke-dasharray="3 3"/>')
    parts.append(_labels(judgement, longest, x, y))
    return "\n".join(parts)


def _labels(judgement: Judgement, longest, x, y) -> str:
    count = sum(len(trial.answers) for trial in judgement.trials)
    kills = sum(trial.kills for trial in judgement.trials)
    text = (
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - BOTTOM - 24}" text-anchor="end" '
        f'fill="{COLORS["cache"]}">cache: {count:,} invocations, {kills} kills'
        f'<tspan x="{WIDTH - RIGHT}" dy="14">dashed: its peak, the handler\'s spikes included'
        "</tspan></text>")
    naive = judgement.naive
    if naive.answers:
        number, value = len(naive.answers) - 1, naive.answers[-1]["resident"]
        verdict = f"killed at {len(naive.answers) + 1:,}" if naive.kills else "not killed"
        text += (
            f'<text x="{x(number) - 6:.1f}" y="{y(value) - 8:.1f}" text-anchor="end" '
            f'fill="{COLORS["naive"]}">dictionary: {verdict}</text>'
            f'<circle cx="{x(number):.1f}" cy="{y(value):.1f}" r="3.5" fill="{COLORS["naive"]}"/>')
    return text


def _thinned(
    answers: list[dict], last: int, field: str = "resident"
) -> list[tuple[int, int]]:
    """The largest figure in each of some hundred stretches, even on the axis."""
    stretches: dict[int, tuple[int, int]] = {}
    for number, answer in enumerate(answers):
        stretch = int(POINTS * math.log10(number + 1) / math.log10(last))
        if stretch not in stretches or answer[field] > stretches[stretch][1]:
            stretches[stretch] = (number, answer[field])
    return [stretches[stretch] for stretch in sorted(stretches)]
