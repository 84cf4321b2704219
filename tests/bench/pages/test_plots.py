"""Pictures are well-formed, say what they show, and begin at zero."""

from xml.etree import ElementTree as ET

from bench.pages import plots
from bench.pages.plots import Bar, Part
from bench.results import Spread
from tests.bench.samples import comparison, exactly, run

SVG = "{http://www.w3.org/2000/svg}"


def drawn(picture, name):
    """Return the elements of a name in a picture."""
    return list(ET.fromstring(picture).iter(SVG + name))


def test_bars_are_in_proportion():
    """A bar twice as long stands for twice as much, and the least comes first."""
    picture = plots.bars("Time", [Bar("slow", "peer", exactly(20.0)), Bar("fast", "ours", exactly(10.0))], "µs")

    fast, slow = drawn(picture, "rect")

    assert ["ours", "peer"] == [fast.get("class"), slow.get("class")]
    assert fast.get("x") == slow.get("x")
    assert 2.0 == float(slow.get("width")) / float(fast.get("width"))


def test_spread_is_drawn():
    """The line through a bar's end goes from the lowest round to the highest, and stays in the picture."""
    picture = plots.bars("Time", [Bar("one", "ours", Spread(20.0, 10.0, 40.0))], "µs")

    [bar], [line] = drawn(picture, "rect"), drawn(picture, "line")
    end = float(bar.get("x")) + float(bar.get("width"))

    assert float(line.get("x1")) < end < float(line.get("x2")) < plots.WIDTH


def test_titles_are_escaped():
    """A title may hold what XML does not."""
    picture = plots.bars("a < b & c", [Bar("<nobody>", "peer", exactly(1.0))], "µs")

    assert "a < b & c" == ET.fromstring(picture).get("aria-label")
    assert "<nobody>" in [text.text for text in drawn(picture, "text")]


def test_a_title_that_is_too_long_is_shortened():
    """It would begin outside the picture; it ends with whole words."""
    picture = plots.bars("Time", [Bar("floor: " + "receives once, " * 4, "floor", exactly(1.0))], "µs")
    [title] = [text.text for text in drawn(picture, "text") if text.get("class") == "end"]

    assert ("floor: receives once, receives once, …", True) == (title, len(title) <= plots.TITLE_MAX)


def test_cpu_bars():
    """Ours, peers and floors differ by their colour; who was not measured is not drawn."""
    found = comparison(
        run("ours", 50_000), run("flask", 600_000), run("floor: empty", 40_000), run("x", 1, workload="mix")
    )

    picture = plots.cpu_bars(found, "refused")

    assert ["floor", "ours", "peer"] == [rect.get("class") for rect in drawn(picture, "rect")]


def test_stack_fills_the_width():
    """The pieces of a whole lie side by side and fill the bar."""
    picture = plots.stack("Where it goes", [Part("a", 30.0), Part("b", 10.0)], "µs")

    first, key_a, second, key_b = drawn(picture, "rect")

    assert float(first.get("x")) + float(first.get("width")) == float(second.get("x"))
    assert plots.WIDTH - 32 == float(first.get("width")) + float(second.get("width"))
    assert [first.get("class"), second.get("class")] == [key_a.get("class"), key_b.get("class")]


def test_dark():
    """A picture that is shown as an image brings its own dark style."""
    assert "prefers-color-scheme:dark" in plots.stack("Where it goes", [Part("a", 1.0)], "µs")
