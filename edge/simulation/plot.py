"""Plots as SVG files of their own, in the colours of the harness's report: money against people, and money by day. Pure."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

import msgspec

from edge.interval import Interval

WIDTH, HEIGHT = 720, 430
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 40, 54
_TICKS = 5
_COLOURS = (
    ("#0a8f6c", "#2fbf94"), ("#0b63ce", "#6aa9ff"), ("#e08a2b", "#f0a24f"), ("#7a4fd0", "#b497ff"), ("#b3261e", "#ff7b70"),
    ("#3d5166", "#c3d0de"),
)  # fmt: skip
_ROOM = 1.06
_NEAR = 10
"""Closer than that, two names lie on each other."""


class Dot(msgspec.Struct, frozen=True):
    """One file: its money, the share that it answered, and what it is called."""

    label: str
    line: str
    """Dots of one line are joined, and named together."""
    money: Interval
    share: Interval


def frontier(dots: Sequence[Dot], *, title: str, money: str, share: str) -> str:
    """Return money against the share of the people, each dot with its interval."""
    lines = list(dict.fromkeys(dot.line for dot in dots))
    top = max(dot.money.mean for dot in dots) * _ROOM or 1.0
    step = _round_step(top / _TICKS)
    lowest = min(dot.share.mean - (dot.share.plus_minus or 0.0) for dot in dots)
    part = _round_step((1.0 - min(0.95, max(0.0, lowest))) / _TICKS)
    low = max(0.0, 1.0 - part * ceil((1.0 - min(0.95, lowest)) / part - 1e-9))
    axes = _Axes((0.0, top), (low, 1.0))
    parts = [axes.grid([step * n for n in range(int(top / step) + 1)], money, share)]
    names: set[tuple[str, int, int]] = set()
    for place, line in enumerate(lines):
        colour, mine = f"c{place % len(_COLOURS)}", [dot for dot in dots if dot.line == line]
        path = " ".join(axes.at(dot.money.mean, dot.share.mean) for dot in mine)
        parts.append(f'<polyline class="line {colour}" points="{path}"/>')
        for dot in mine:
            # Where two files come to the same, one name is enough, and two could not be read.
            named = dot.label, round(axes.across(dot.money.mean) / _NEAR), round(axes.down(dot.share.mean) / _NEAR)
            parts.append(_dot(axes, dot, colour, is_named=named not in names))
            names.add(named)
        if line:
            y = _TOP + 20 * place + 14
            parts.append(f'<circle class="dot {colour}" cx="{WIDTH - _RIGHT + 18}" cy="{y - 4}" r="4"/>')
            parts.append(f'<text x="{WIDTH - _RIGHT + 28}" y="{y}">{escape(line)}</text>')
    return _svg(title, parts)


def by_day(days: Sequence[tuple[float, float]], *, title: str, money: str) -> str:
    """Return what each day has cost: receiving, and replies on top of it."""
    top = max(sum(day) for day in days) * _ROOM or 1.0
    step = _round_step(top / _TICKS)
    axes = _Axes((0.0, float(len(days))), (0.0, top), percent=False)
    every = max(1, len(days) // 8)
    parts = [axes.grid([float(n) for n in range(0, len(days) + 1, every)], "days", money, step)]
    for day, (replies, received) in enumerate(days):
        parts.append(_bar(axes, day, 0.0, received, "c5"))
        parts.append(_bar(axes, day, received, received + replies, "c0"))
    for place, (colour, name) in enumerate((("c0", "replies"), ("c5", "receiving"))):
        y = _TOP + 20 * place + 14
        parts.append(f'<circle class="dot {colour}" cx="{WIDTH - _RIGHT + 18}" cy="{y - 4}" r="4"/>')
        parts.append(f'<text x="{WIDTH - _RIGHT + 28}" y="{y}">{name}</text>')
    return _svg(title, parts)


class _Axes:
    """Places between the smallest and the largest value of each direction."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float], *, percent: bool = True) -> None:
        self._x, self._y, self._percent = x, y, percent

    def across(self, value: float) -> float:
        """Return how far to the right a value lies."""
        low, high = self._x
        return _LEFT + (value - low) / (high - low) * (WIDTH - _LEFT - _RIGHT)

    def down(self, value: float) -> float:
        """Return how far down a value lies."""
        low, high = self._y
        return HEIGHT - _BOTTOM - (value - low) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    def at(self, x: float, y: float) -> str:
        """Return a point."""
        return f"{self.across(x):.1f},{self.down(y):.1f}"

    def grid(self, ticks: Sequence[float], x_title: str, y_title: str, y_step: float | None = None) -> str:
        """Return lines, numbers and titles."""
        low, high = self._y
        step = y_step or _round_step((high - low) / _TICKS)
        parts = []
        for n in range(int((high - low) / step + 1e-9) + 1):
            value, y = low + n * step, self.down(low + n * step)
            name = f"{100 * value:.0f} %" if self._percent else f"{value:,.0f}" if step >= 1 else f"{value:,.2f}"
            parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text class="end" x="{_LEFT - 7}" y="{y + 4:.1f}">{name}</text>')
        for value in ticks:
            x = self.across(value)
            parts.append(f'<text class="middle" x="{x:.1f}" y="{HEIGHT - _BOTTOM + 18}">{value:,.6g}</text>')
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(f'<text class="middle" x="{middle:.0f}" y="{HEIGHT - 12}">{escape(x_title)}</text>')
        parts.append(f'<text x="4" y="{_TOP - 12}">{escape(y_title)}</text>')
        return "".join(parts)


def _dot(axes: _Axes, dot: Dot, colour: str, *, is_named: bool) -> str:
    x, y = axes.across(dot.money.mean), axes.down(dot.share.mean)
    bar = ""
    if dot.share.plus_minus:
        high, low = (axes.down(min(1.0, dot.share.mean + s * dot.share.plus_minus)) for s in (1, -1))
        bar = f'<line class="bar {colour}" x1="{x:.1f}" x2="{x:.1f}" y1="{high:.1f}" y2="{low:.1f}"/>'
    name = f'<text class="end" x="{x - 8:.1f}" y="{y + 14:.1f}">{escape(dot.label)}</text>' if is_named else ""
    return f'{bar}<circle class="dot {colour}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>{name}'


def _bar(axes: _Axes, day: int, low: float, high: float, colour: str) -> str:
    left, right, top = axes.across(day + 0.1), axes.across(day + 0.9), axes.down(high)
    return (
        f'<rect class="dot {colour}" x="{left:.1f}" width="{right - left:.1f}" y="{top:.1f}" '
        f'height="{axes.down(low) - top:.1f}"/>'
    )


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below."""
    power: float = 10.0 ** floor(log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def _svg(title: str, parts: Sequence[str]) -> str:
    light = "".join(f".c{n}{{--series:{light}}}" for n, (light, _) in enumerate(_COLOURS))
    dark = "".join(f".c{n}{{--series:{dark}}}" for n, (_, dark) in enumerate(_COLOURS))
    style = (
        "svg{background:#ffffff}text{fill:#5a6675;font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
        ".end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#dde2e8}.line{fill:none;stroke-width:2}"
        ".line,.bar{stroke:var(--series)}.dot{fill:var(--series)}"
        f"{light}@media (prefers-color-scheme:dark){{svg{{background:#1a2028}}text{{fill:#9aa7b6}}.grid{{stroke:#303945}}{dark}}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title><style>{style}</style>{"".join(parts)}</svg>\n'
    )
