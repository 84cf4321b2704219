"""What grows is shown as tables and curves."""

from xml.etree import ElementTree as ET

from bench.pages.curves import curves, growth_block, growth_table
from tests.bench.samples import growth


def test_growth_table():
    """Sizes are rows, lines are columns, and what was not measured is a dash."""
    assert [
        "| sent at once | SQLite | Valkey |",
        "| --- | ---: | ---: |",
        "| 1 | 100 | 200 |",
        "| 32 | 500 (400 to 600) | - |",
    ] == growth_table(growth().charts["replies"]).splitlines()


def test_growth_block():
    """Each chart has a title with its unit, its table, and its picture."""
    shown = growth_block(growth(), "How.")

    assert shown.startswith("How.\n\n**Replies** (a second):\n\n| sent at once")
    assert shown.endswith("![Replies](performance/growth-replies.svg)")


def test_curves():
    """A line goes through its medians, from zero at the bottom to the highest figure at the top, and says what it ends with."""
    drawn = ET.fromstring(curves(growth().charts["replies"]))
    texts = ["".join(element.itertext()) for element in drawn.iter() if element.tag.endswith("text")]
    [first, second] = [element.get("points") for element in drawn.iter() if element.tag.endswith("polyline")]

    assert {"0", "600", "1", "32", "sent at once", "SQLite 500", "Valkey 200"} <= set(texts)
    assert "70.0,209.3 630.0,86.7" == first
    assert "70.0,178.7" == second
