"""Figures against a size, as tables and as SVG pictures. Pure: from figures to text.

Both axes are those of the eye: sizes stand at the same distance from each other, since each is some times the one before, and
figures begin at zero.
"""

from html import escape

from bench.growth import Chart, Growth
from bench.pages.plots import WIDTH, picture
from bench.pages.table import cell, number, table

_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 130, 56, 240
_STYLES = ("curve0", "curve1")


def growth_block(growth: Growth, how: str) -> str:
    """Return all charts as tables, each with its picture."""
    pieces = [how]
    for name, chart in growth.charts.items():
        pieces += [
            f"**{chart.title}** ({chart.unit}):",
            growth_table(chart),
            f"![{chart.title}](performance/{file_of(name)})",
        ]
    return "\n\n".join(pieces)


def growth_table(chart: Chart) -> str:
    """Return a chart as a table: a row for each size."""
    sizes = dict.fromkeys(point.at for points in chart.lines.values() for point in points)
    found = {(name, point.at): point.found for name, points in chart.lines.items() for point in points}
    rows = [[f"{size:,}", *(cell(found.get((name, size))) for name in chart.lines)] for size in sizes]
    return table([chart.across, *chart.lines], rows)


def file_of(name: str) -> str:
    """Return the name of a chart's picture."""
    return f"growth-{name}.svg"


def curves(chart: Chart) -> str:
    """Return a chart as a picture: a line through the medians, and at each size a stroke for its spread."""
    sizes = list(dict.fromkeys(point.at for points in chart.lines.values() for point in points))
    spreads = [point.found for points in chart.lines.values() for point in points]
    highest = max(0.0, *(spread.high for spread in spreads)) or 1.0
    lowest = min(0.0, *(spread.low for spread in spreads))
    step, middle = (WIDTH - _LEFT - _RIGHT) / max(1, len(sizes) - 1), (_LEFT + WIDTH - _RIGHT) / 2

    def x_of(size: int) -> float:
        return _LEFT + sizes.index(size) * step

    def y_of(figure: float) -> float:
        return _BOTTOM - (figure - lowest) / (highest - lowest) * (_BOTTOM - _TOP)

    drawn = [
        f'<line class="spread" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y_of(0):.1f}" y2="{y_of(0):.1f}"/>',
        f'<text class="quiet end" x="{_LEFT - 8}" y="{y_of(0) + 4:.1f}">0</text>',
        f'<text class="quiet end" x="{_LEFT - 8}" y="{_TOP + 4}">{number(highest)}</text>',
        *(
            f'<text class="quiet" text-anchor="middle" x="{x_of(size):.1f}" y="{_BOTTOM + 20}">{size:,}</text>'
            for size in sizes
        ),
        f'<text class="quiet" text-anchor="middle" x="{middle:.1f}" y="{_BOTTOM + 40}">{escape(chart.across)}</text>',
    ]
    for style, (name, points) in zip(_STYLES, chart.lines.items(), strict=False):
        way = " ".join(f"{x_of(point.at):.1f},{y_of(point.found.median):.1f}" for point in points)
        drawn.append(f'<polyline class="{style}" points="{way}"/>')
        drawn += [
            f'<line class="{style}" x1="{x_of(point.at):.1f}" x2="{x_of(point.at):.1f}" '
            f'y1="{y_of(point.found.low):.1f}" y2="{y_of(point.found.high):.1f}"/>'
            for point in points
        ]
        last = points[-1]
        drawn.append(
            f'<text x="{x_of(last.at) + 12:.1f}" y="{y_of(last.found.median) + 4:.1f}">'
            f"{escape(name)} {number(last.found.median)}</text>"
        )
    return picture(f"{chart.title} ({chart.unit})", _BOTTOM + 56, drawn)
