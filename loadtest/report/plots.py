"""Charts as inline SVG: axes with units, lines, areas. Pure functions from numbers to markup.

Colours are classes, so the page's style decides them, in light and in dark. A chart is drawn 440 wide, about what it gets
on a phone and in two columns on a desk: its text is legible in both.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec
from markupsafe import Markup

WIDTH, HEIGHT = 440, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 30, 42
_EDGE = 8
"""The room at the right end in which a name would stick out."""
_POINTS_MAX = 400
_TICKS = 5

# Whatever is put into these is escaped.
_SVG = Markup('<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{parts}</svg>')
_LINE = Markup('<polyline class="line {style}" points="{points}"/>')
_AREA = Markup('<polygon class="area {style}" points="{points}"/>')
_DOT = Markup('<circle class="dot {style}" cx="{x}" cy="{y}" r="2.6"/>')
_TICK = Markup('<line class="grid" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/>')
_TEXT = Markup('<text class="{style}" x="{x}" y="{y}">{text}</text>')

Point = tuple[float, float]


class Axis(msgspec.Struct, frozen=True):
    """Turns values into places between 0 and 1, and names some of them."""

    place: Callable[[float], float]
    ticks: tuple[tuple[float, str], ...]
    title: str


def linear(most: float, title: str) -> Axis:
    """Return an axis from zero to a round number above the largest value."""
    step = _round_step(most / _TICKS if most > 0 else 0.2)
    count = max(1, math.ceil(most / step - 1e-9))
    top = step * count
    ticks = tuple((step * k, short(step * k, step)) for k in range(count + 1))
    return Axis(lambda value: value / top, ticks, title)


def spanning(most: float, title: str) -> Axis:
    """Return an axis from zero to the largest value itself, as time wants it."""
    most = most or 1.0
    step = _round_step(most / _TICKS)
    ticks = tuple((step * k, short(step * k, step)) for k in range(int(most / step + 1e-9) + 1))
    return Axis(lambda value: value / most, ticks, title)


def logarithmic(least: float, most: float, title: str, name: Callable[[float], str]) -> Axis:
    """Return an axis over whole decades that hold both ends, at least one."""
    low = math.floor(math.log10(least) + 1e-9)
    high = max(low + 1, math.ceil(math.log10(most) - 1e-9))
    every = 1 + (high - low) // (_TICKS + 2)
    ticks = tuple((10.0**k, name(10.0**k)) for k in range(low, high + 1, every))
    return Axis(lambda value: (math.log10(max(value, 10.0**low)) - low) / (high - low), ticks, title)


def nines(count: int, title: str) -> Axis:
    """Return an axis of shares that gives every further nine the same room: 90 %, 99 %, 99.9 %."""
    most = math.log10(max(count, 100))
    named = [
        (0.5, "50"),
        (0.9, "90"),
        (0.99, "99"),
        (0.999, "99.9"),
        (0.9999, "99.99"),
        (0.99999, "99.999"),
    ]
    ticks = tuple((share, f"{name} %") for share, name in named if -math.log10(1 - share) <= most + 1e-9)
    return Axis(lambda share: min(1.0, -math.log10(max(1 - share, 10.0**-most)) / most), ticks, title)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def short(value: float, step: float = 1.0) -> str:
    """Return a number as a label, with the decimals that its steps need."""
    if value >= 10_000 and value % 1000 == 0:  # noqa: PLR2004  shorter from five digits on
        return f"{value / 1000:,.0f}k"
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:,.{places}f}"


class Chart:
    """One SVG under construction: axes first, what is drawn later lies on top."""

    def __init__(self, x: Axis, y: Axis, label: str) -> None:
        self._x, self._y, self._label = x, y, label
        self._parts = [self._grid()]

    def line(self, points: Iterable[Point], style: str) -> "Chart":
        """Draw straight lines through points."""
        path = " ".join(self._at(point) for point in thinned(list(points)))
        self._parts.append(_LINE.format(style=style, points=path))
        return self

    def area(self, points: Iterable[Point], style: str) -> "Chart":
        """Fill what lies below a line."""
        kept = thinned(list(points))
        if kept:
            path = " ".join(map(self._at, [(kept[0][0], 0.0), *kept, (kept[-1][0], 0.0)]))
            self._parts.append(_AREA.format(style=style, points=path))
        return self

    def dots(self, points: Iterable[Point], style: str) -> "Chart":
        """Draw a dot at each point."""
        for point in thinned(list(points)):
            x, y = self._at(point).split(",")
            self._parts.append(_DOT.format(style=style, x=x, y=y))
        return self

    def svg(self) -> Markup:
        """Return the chart."""
        return _SVG.format(width=WIDTH, height=HEIGHT, label=self._label, parts=Markup().join(self._parts))

    def _at(self, point: Point) -> str:
        return f"{self._across(point[0]):.1f},{self._down(point[1]):.1f}"

    def _across(self, value: float) -> float:
        return _LEFT + min(1.0, max(0.0, self._x.place(value))) * (WIDTH - _LEFT - _RIGHT)

    def _down(self, value: float) -> float:
        return HEIGHT - _BOTTOM - min(1.0, max(0.0, self._y.place(value))) * (HEIGHT - _TOP - _BOTTOM)

    def _grid(self) -> Markup:
        bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
        parts = []
        for value, name in self._y.ticks:
            y = self._down(value)
            parts.append(_TICK.format(x1=_LEFT, x2=right, y1=f"{y:.1f}", y2=f"{y:.1f}"))
            parts.append(_TEXT.format(style="tick end", x=_LEFT - 7, y=f"{y + 4:.1f}", text=name))
        for value, name in self._x.ticks:
            x = self._across(value)
            parts.append(_TICK.format(x1=f"{x:.1f}", x2=f"{x:.1f}", y1=bottom, y2=bottom + 4))
            anchor, at = ("end", WIDTH) if x > right - _EDGE else ("middle", x)
            parts.append(_TEXT.format(style=f"tick {anchor}", x=f"{at:.1f}", y=bottom + 17, text=name))
        middle = (_LEFT + right) / 2
        parts.append(_TEXT.format(style="title middle", x=f"{middle:.0f}", y=HEIGHT - 6, text=self._x.title))
        parts.append(_TEXT.format(style="title", x=0, y=12, text=self._y.title))
        return Markup().join(parts)


def thinned(points: Sequence[Point]) -> Sequence[Point]:
    """Return at most some hundred of many points, the last one always among them."""
    if len(points) <= _POINTS_MAX:
        return points
    step = -(-len(points) // _POINTS_MAX)
    return [*points[:-1:step], points[-1]]
