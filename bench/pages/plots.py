"""Results as SVG pictures for the documentation, legible in light and in dark. Pure: from figures to text.

A picture carries its own style, since a page that shows it as an image lends it none. Bars begin at zero, always.
"""

from collections.abc import Sequence
from html import escape
from textwrap import shorten

import msgspec

from bench.pages.table import number
from bench.results import Comparison, Spread

WIDTH = 760
_LEFT, _RIGHT, _ROW, _BAR, _HEAD = 300, 110, 26, 16, 44
TITLE_MAX = 40
"""As many letters as fit on the left."""
_FONT = "font:13px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
_STYLE = f"""
text{{{_FONT};fill:#24292f}} .head{{font-weight:600}} .quiet{{fill:#57606a}} .end{{text-anchor:end}}
.ours{{fill:#0969da}} .peer{{fill:#8c959f}} .floor{{fill:#d0d7de}} .spread{{stroke:#24292f;stroke-width:1.5}}
.curve0,.curve1{{fill:none;stroke:#0969da;stroke-width:2}} .curve1{{stroke:#8250df}}
.part0{{fill:#d0d7de}} .part1{{fill:#54aeff}} .part2{{fill:#0969da}} .part3{{fill:#8250df}} .part4{{fill:#bf3989}} .part5{{fill:#8c959f}}
@media (prefers-color-scheme:dark){{
text{{fill:#e6edf3}} .quiet{{fill:#9198a1}} .ours{{fill:#4493f8}} .peer{{fill:#6e7681}} .floor{{fill:#3d444d}} .spread{{stroke:#e6edf3}}
.part0{{fill:#3d444d}} .part1{{fill:#79c0ff}} .part2{{fill:#4493f8}} .part3{{fill:#ab7df8}} .part4{{fill:#db61a2}} .part5{{fill:#6e7681}}
}}"""


class Bar(msgspec.Struct, frozen=True):
    """One row of a chart."""

    title: str
    style: str
    found: Spread


class Part(msgspec.Struct, frozen=True):
    """One piece of a bar that shows where something goes."""

    title: str
    value: float


def bars(title: str, rows: Sequence[Bar], unit: str) -> str:
    """Return horizontal bars with their spread, the least first."""
    ordered = sorted(rows, key=lambda bar: bar.found.median)
    scale = (WIDTH - _LEFT - _RIGHT) / max(bar.found.high for bar in rows)
    drawn = [line for place, bar in enumerate(ordered) for line in _bar(bar, _HEAD + place * _ROW, scale, unit)]
    return picture(title, _HEAD + len(rows) * _ROW + 8, drawn)


def cpu_bars(comparison: Comparison, workload: str) -> str:
    """Return the CPU time of a message under a workload, of everybody."""
    rows = []
    for name, title in comparison.contestants.items():
        found = comparison.spread(name, workload, lambda run: run.cpu_us_per_message)
        if found:
            rows.append(Bar(title, "ours" if name.startswith("ours") else _style(title), found))
    return bars(f"CPU time per message, {comparison.workloads[workload]} (µs, less is better)", rows, "µs")


def stack(title: str, parts: Sequence[Part], unit: str) -> str:
    """Return one bar in pieces, with a legend that says how large each is."""
    scale = (WIDTH - 32) / sum(part.value for part in parts)
    drawn, left = [], 16.0
    for place, part in enumerate(parts):
        width = part.value * scale
        drawn.append(f'<rect class="part{place}" x="{left:.1f}" y="{_HEAD}" width="{width:.1f}" height="28"/>')
        left += width
        y = _HEAD + 52 + place * 22
        drawn.append(f'<rect class="part{place}" x="16" y="{y - 11}" width="13" height="13" rx="2"/>')
        drawn.append(f'<text x="38" y="{y}">{escape(part.title)}</text>')
        drawn.append(f'<text class="end" x="{WIDTH - 16}" y="{y}">{number(part.value)} {unit}</text>')
    return picture(title, _HEAD + 52 + len(parts) * 22, drawn)


def _style(title: str) -> str:
    return "floor" if title.startswith("floor") else "peer"


def _bar(bar: Bar, y: int, scale: float, unit: str) -> list[str]:
    middle = y + _BAR / 2
    low, median, high = (_LEFT + value * scale for value in (bar.found.low, bar.found.median, bar.found.high))
    return [
        f'<text class="end" x="{_LEFT - 10}" y="{y + 13}">{escape(shorten(bar.title, TITLE_MAX, placeholder=" …"))}</text>',
        f'<rect class="{bar.style}" x="{_LEFT}" y="{y}" width="{median - _LEFT:.1f}" height="{_BAR}" rx="2"/>',
        f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>',
        f'<text class="quiet" x="{high + 8:.1f}" y="{y + 13}">{number(bar.found.median)} {unit}</text>',
    ]


def picture(title: str, height: int, drawn: Sequence[str]) -> str:
    """Return a whole picture, with its title and its style."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
    heading = f'<text class="head" x="16" y="24">{escape(title)}</text>'
    return "\n".join([head, f"<style>{_STYLE}</style>", heading, *drawn, "</svg>"]) + "\n"
