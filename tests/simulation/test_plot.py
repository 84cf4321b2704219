"""Facts about the plots: an SVG of its own that any viewer reads, with every file where its figures are."""

import re
from xml.etree import ElementTree as ET

from edge.interval import Interval
from edge.simulation.plot import Dot, by_day, frontier

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    """Return the texts of a plot."""
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


def dot(label, line, money, share, spread=None):
    """Return a file's dot."""
    return Dot(label, line, Interval(money, spread), Interval(share, spread and spread / 100))


def test_each_file_is_a_dot_with_its_name_and_its_interval():
    """Those of one line are joined, and the line is named once; markup in a name is text."""
    dots = [dot("1h", "per-day <20>", 100, 0.5, 2.0), dot("7d", "per-day <20>", 200, 0.9, 2.0), dot("1h", "per-day 35", 0, 1.0)]  # fmt: skip
    svg = frontier(dots, title="a & b", money="bill, EUR", share="people")

    assert 3 == len(re.findall(r"<circle[^>]*r=\"4\"/><text class=\"end\"", svg))
    assert 2 == svg.count('class="bar')
    assert 2 == svg.count("<polyline")
    assert {"per-day <20>", "per-day 35", "1h", "7d", "bill, EUR", "people", "100 %"} <= set(texts(svg))
    assert re.search(r"polyline class=\"line c0\" points=\"[\d.]+,([\d.]+) [\d.]+,([\d.]+)\"", svg)


def test_two_files_that_come_to_the_same_are_named_once():
    """Two names on each other could not be read."""
    svg = frontier([dot("7d", "a", 300, 1.0), dot("7d", "b", 301, 1.0)], title="t", money="m", share="s")

    assert 1 == texts(svg).count("7d")
    assert {"95 %", "100 %"} <= set(texts(svg))


def test_dots_without_a_line_need_no_legend():
    """Two files that are compared."""
    svg = frontier([dot("a", "", 0, 0.5), dot("b", "", 0, 0.5)], title="t", money="m", share="s")

    assert 2 == svg.count("<circle")


def test_days_are_bars_of_receiving_with_replies_on_top():
    """One pair for each day, a free one too; small money has decimals."""
    svg = by_day([(0.4, 0.1), (0.0, 0.0)], title="t", money="EUR a day")

    assert 4 == svg.count("<rect")
    assert {"replies", "receiving", "0.20"} <= set(texts(svg))
    assert "100" in texts(by_day([(60, 40)], title="t", money="EUR a day"))
    assert "0" in texts(by_day([(0.0, 0.0)], title="t", money="EUR a day"))
