"""Facts about a chart's bars."""

from edge.core.showing.history import Step
from edge.web.page.chart import Bar, Chart, chart_of


def test_the_highest_bar_fills_the_chart():
    """The others are in proportion; what is there at all can be seen, and nothing is nothing."""
    assert Chart(38, [Bar(0, 100, 2), Bar(10, 50, 50), Bar(20, 0, 0), Bar(30, 2, 0)], 1_000) == chart_of(
        [Step(0, 1_000, 1), Step(1, 500, 500), Step(2, 0, 0), Step(3, 1, 0)]
    )


def test_where_nothing_came_there_are_no_bars():
    """Nor is anything divided by it."""
    assert [Bar(0, 0, 0)] == chart_of([Step(0, 0, 0)]).bars
