"""Facts about the report: it is one file that fetches nothing, and shows what was judged."""

import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.wire.reason import Reason
from loadtest.flood.arrival import Kind
from loadtest.judge.judgement import Judgement
from loadtest.provider.reading import Outcome
from loadtest.report.answers import MEANINGS
from loadtest.report.page import page, section
from loadtest.report.plots import Chart, linear, logarithmic, nines, short, spanning, thinned
from tests.loadtest.floods import config_of, judged, message, people
from tests.loadtest.paperworker import PaperWorker

VOID = {"meta", "br", "wbr", "line", "polyline", "polygon", "circle"}
MIXED = sorted(
    [*people(30, genuine=True, every_s=0.3), *[message(99 + k, at_s=k / 10) for k in range(100)]], key=lambda a: a.at_us
)
KEPT = judged(PaperWorker(config_of()), MIXED, "cost.total <= 5")
BROKEN = judged(PaperWorker(config_of()), MIXED, "cost.total <= 1")
UNDECIDED = judged(PaperWorker(config_of()), MIXED, books=False)
EMPTY = judged(PaperWorker(config_of()), [])
FORGED = judged(PaperWorker(config_of()), [message(0, kind=Kind.FORGED)])
ALL = [KEPT, BROKEN, UNDECIDED, EMPTY, FORGED]


class Reader(HTMLParser):
    """Reads a document, and complains about what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close it."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep what is read."""
        self.text.append(data)


def read(html):
    """Return a document, read; every element is closed."""
    reader = Reader()
    reader.feed(html)
    assert [] == reader.open
    return reader


@pytest.mark.parametrize("judgement", ALL)
def test_a_report_is_one_sound_document_that_fetches_nothing(judgement):
    """No script, no link, no image, no address of anywhere."""
    html = page(judgement)
    document = read(html)

    assert set() == document.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert [] == [value for name, value in document.attributes if name in ("src", "href", "xlink:href")]
    assert [] == re.findall(r"https?:|url\(|@import", html)


@pytest.mark.parametrize("judgement", ALL)
def test_no_number_is_missing_in_a_chart(judgement):
    """Whatever there is to show, every coordinate is a number inside its chart."""
    html = section(judgement)
    points = [
        tuple(map(float, p.split(","))) for found in re.findall(r' points="([^"]*)"', html) for p in found.split()
    ]
    circles = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.-]+)" cy="([\d.-]+)"', html)]

    assert all(0 <= x <= 440 and 0 <= y <= 250 for x, y in points + circles)
    assert "nan" not in html.lower().replace("financ", "")


@pytest.mark.parametrize(("judgement", "state"), [(KEPT, "kept"), (BROKEN, "broken"), (UNDECIDED, "inconclusive")])
def test_the_answer_stands_at_the_top(judgement, state):
    """In the title, and as a badge."""
    html = page(judgement)

    assert f"<title>test: {state}</title>" in html
    assert f'<span class="badge {state}">{state}</span>' in html


def test_what_is_broken_is_said_and_what_is_undecided_too():
    """As lines under the head."""
    assert "cost.total = 2.3653: cost.total &lt;= 1 was asked" in page(BROKEN)
    assert "/status.json could not be read before and after the flood" in page(UNDECIDED)


def test_while_a_flood_plays_it_is_shown_as_it_stands():
    """What is broken so far is a line; what only the end can decide is none, and no verdict is given."""
    html = page(BROKEN, playing=True)

    assert "<title>test: playing</title>" in html
    assert '<span class="badge playing">playing</span>' in html
    assert "cost.total = 2.3653: cost.total &lt;= 1 was asked" in html
    assert "The flood is playing, and this is how it stands." in html
    assert 1 == page(UNDECIDED).count("could not be read before") - page(UNDECIDED, playing=True).count(
        "could not be read before"
    )


def test_limits_come_with_their_margins():
    """And what each figure means."""
    text = "".join(f"{part} " if part[-1] not in "._" else part for part in read(page(KEPT)).text)

    assert re.search(r"cost\.total <= 5 +what the replies cost.*? +2\.3653 +53 % inside", text)


def test_reasons_are_the_workers_own_where_its_books_can_be_read():
    """Otherwise what was seen from outside."""
    assert ("Answers by reason", "sender_limit") == tuple(
        word for word in ("Answers by reason", "sender_limit") if word in page(KEPT)
    )
    assert ("Answers as seen", "silence") == tuple(
        word for word in ("Answers as seen", "silence") if word in page(UNDECIDED)
    )


def test_every_reason_has_its_words():
    """The worker's, and what the harness sees where the worker's books cannot be read."""
    assert {*Reason, *Outcome} == MEANINGS.keys()


def test_the_foot_says_with_what_it_was_made():
    """Seed, rate and versions."""
    foot = page(KEPT).partition("<footer>")[2]

    assert "seed 1, rate 1" in foot
    assert "locust 2.47.0" in foot


def test_it_says_when_and_where_it_was_played():
    """At the top: date, time and machine."""
    run = replace(KEPT.run, began="2026-11-29T16:05:33Z", host="a-machine")
    shown = page(replace(KEPT, evidence=replace(KEPT.evidence, run=run)))

    assert "2026-11-29 16:05 UTC, a-machine: test, seed 1" in shown


def test_a_fragment_styles_nothing_but_itself():
    """Every rule of its style is about what is inside it."""
    style = re.search(r"<style>(.*?)</style>", section(KEPT), re.DOTALL)[1]
    selectors = [
        one.strip() for rule in re.findall(r"([^{}]+)\{", style) for one in rule.split(",") if "@media" not in rule
    ]

    assert [] == [selector for selector in selectors if not selector.startswith(".flood-report")]
    assert not section(KEPT).startswith("<!doctype")


def named(judgement: Judgement, name: str) -> Judgement:
    """Return the judgement on a scenario of another name and description."""
    scenario = msgspec.structs.replace(judgement.run.scenario, name=name, description=name)
    run = replace(judgement.run, scenario=scenario)
    return replace(judgement, evidence=replace(judgement.evidence, run=run))


def test_what_comes_from_files_is_escaped():
    """Names, texts and senders cannot become markup."""

    class Says(PaperWorker):
        def text(self, _):
            return "<script>alert(1)</script>"

    html = page(named(judged(Says(config_of()), [message(0)]), "<script>&\"'"))

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_scale_of_time_is_told_where_time_is_compressed():
    """A second of play is some minutes of the world."""
    scenario = msgspec.structs.replace(KEPT.run.scenario, speed=4320.0)
    fast = replace(KEPT, evidence=replace(KEPT.evidence, run=replace(KEPT.run, scenario=scenario)))

    assert ("1 s is 1 h 12 min of the world" in page(fast), "of the world" in page(KEPT)) == (True, False)


@given(st.floats(1e-6, 1e9))
def test_a_linear_axis_begins_at_nothing_and_holds_the_largest_value(most):
    """With a handful of round ticks."""
    axis = linear(most, "")

    assert (0.0, 1.0) == (axis.place(0), axis.place(axis.ticks[-1][0]))
    assert 0.4 <= axis.place(most) <= 1.0 + 1e-6
    assert 2 <= len(axis.ticks) <= 7


@given(st.floats(1e-3, 1e6), st.floats(1, 1e6))
def test_a_logarithmic_axis_holds_both_ends(least, factor):
    """Over whole decades, few of which are named."""
    axis = logarithmic(least, least * factor, "", short)

    assert -1e-6 <= axis.place(least) <= axis.place(least * factor) <= 1 + 1e-6
    assert 2 <= len(axis.ticks) <= 8


@given(st.integers(0, 10**8), st.floats(0, 1))
def test_an_axis_of_nines_holds_every_share(count, share):
    """Up to one in as many as there are."""
    assert 0 <= nines(count, "").place(share) <= 1


def test_every_further_nine_takes_the_same_room():
    """From 90 to 99 % is as far as from 99 to 99.9 %."""
    place = nines(100_000, "").place

    assert math.isclose(place(0.99) - place(0.9), place(0.999) - place(0.99))


def test_an_axis_of_no_time_has_a_second():
    """Nothing is divided by nothing."""
    assert 1.0 == spanning(0, "").place(1.0)


@pytest.mark.parametrize(
    ("value", "step", "shown"), [(0, 1, "0"), (20_000, 5_000, "20k"), (2_500, 500, "2,500"), (0.25, 0.05, "0.25")]
)
def test_labels_are_short(value, step, shown):
    """Thousands from five digits on, and as many decimals as the step needs."""
    assert shown == short(value, step)


def test_many_points_become_some_hundred():
    """The first and the last are kept."""
    points = [(float(k), float(k)) for k in range(10_001)]
    kept = thinned(points)

    assert (True, points[0], points[-1]) == (len(kept) <= 401, kept[0], kept[-1])


def test_labels_of_charts_are_escaped():
    """They come from files as well."""
    svg = Chart(spanning(1, "<x>"), linear(1, "<y>"), '"<label>"').area([], "flood").svg()

    assert [] == re.findall(r"<(?:x|y|label)>", svg)
