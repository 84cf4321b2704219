"""Facts about the pages on decisions: each is listed, has its four parts, and the figures of the pace come out as it says."""

import re

import pytest

from edge.configfile import load as load_config
from edge.core.limits.bucket import CLEAR, grants, money_limit, take
from edge.meaning.terms import prices_of, purse_of, rules_of
from edge.units import DAY_MS, MICROS
from loadtest.flood.arrival import Kind
from loadtest.flood.file import load as load_scenario
from loadtest.flood.stream import arrivals
from tests import ROOT

FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
PARTS = ["**Context.**", "**Choice.**", "**Weighed.**", "**What would change it.**"]
SCREEN_LINES = 45
SEEDS = range(5)
CONFIG = load_config(ROOT / "edge.toml")
PURSE = purse_of(CONFIG, 0, 0)


class Cap:
    """So much a calendar day."""

    def __init__(self, price_micros):
        self.price_micros, self.day, self.left_micros = price_micros, -1, 0

    def pays(self, now_ms):
        """Return whether the day's money pays one more reply, and take it."""
        if now_ms // DAY_MS != self.day:
            self.day, self.left_micros = now_ms // DAY_MS, PURSE.per_day_micros
        paid = self.price_micros <= self.left_micros
        self.left_micros -= paid * self.price_micros
        return paid


class Pace:
    """The worker's own bucket of money."""

    def __init__(self, price_micros):
        self.limit = money_limit(
            price=price_micros, burst=PURSE.burst_micros, amount=PURSE.per_day_micros, period_ms=DAY_MS
        )
        self.clear = CLEAR

    def pays(self, now_ms):
        """Return whether the bucket pays one more reply, and take it."""
        paid = grants(self.limit, self.clear, now_ms)
        self.clear = take(self.limit, self.clear, now_ms) if paid else self.clear
        return paid


def answered(scenario, seed, rule):
    """Return who is answered, and whether they are people; each sender once, each block within its limit."""
    limit, digits = rules_of(CONFIG).block, CONFIG.limit.block.digits
    blocks, found = {}, {}
    for arrival in arrivals(scenario, seed=seed):
        now_ms, key = int(arrival.at_us * scenario.speed) // 1_000, arrival.sender[:-digits]
        if arrival.kind is not Kind.FRESH or arrival.sender in found:
            continue
        clear = blocks.get(key, CLEAR)
        if grants(limit, clear, now_ms) and rule.pays(now_ms):
            blocks[key] = take(limit, clear, now_ms)
            found[arrival.sender] = arrival.genuine
    return found


def _people(found):
    return sum(found.values())


def test_every_decision_is_listed():
    """The index has a row for each page, and no other."""
    rows = re.findall(r"^\| \[[^]]+\]\(([\w-]+\.md)\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)

    assert sorted(rows) == [page.name for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_has_its_parts_in_order_and_fits_a_screen(page):
    """Context, choice, what was weighed, what would change it."""
    lines = page.read_text().splitlines()

    assert [line for line in lines if line in PARTS] == PARTS
    assert len(lines) <= SCREEN_LINES


@pytest.mark.parametrize("flood", ["raid", "sybil"])
@pytest.mark.parametrize(("name", "rule"), [("cap", Cap), ("pace", Pace)])
def test_the_pace_answers_as_many_people_as_its_page_says(flood, name, rule):
    """People answered, money spent and what trolls got of it are the means of five seeds."""
    [(_, price_micros)] = prices_of(CONFIG).values()
    found = [answered(load_scenario(flood), seed, rule(price_micros)) for seed in SEEDS]
    people, everybody = (sum(map(count, found)) / len(SEEDS) for count in (_people, len))
    row = rf"^\| `{flood}` \| {name} \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$"
    [told] = re.findall(row, (FOLDER / "pace-not-a-days-cap.md").read_text(), re.MULTILINE)
    price = price_micros / MICROS

    # To the digits of the page: seeded chance goes through the system's own logarithms.
    assert [people, everybody * price, (everybody - people) * price] == pytest.approx([*map(float, told)], abs=0.01)
