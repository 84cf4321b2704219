"""Facts about `antirelou simulate`: what it says for people and for programs, what it draws, and what it refuses."""

import json
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from edge.cli import cli
from tests.simulation.parts import FLOODED, flood, head, line
from tests.web.test_numbers import two
from tests.worker import config


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a folder with files and nights in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "edge.toml").write_text(config(per_day="1.5", burst="0.3"))
    (tmp_path / "rich.toml").write_text(config())
    (tmp_path / "night.jsonl").write_bytes(b"".join([FLOODED, *flood()]))
    (tmp_path / "other.jsonl").write_bytes(b"".join([FLOODED, *flood(people=24)]))
    (tmp_path / "recorded").mkdir()
    for n in range(2):
        (tmp_path / "recorded" / f"trace-{n}-1.jsonl").write_bytes(head() + line(n, f"+3363900000{n}"))
    return tmp_path


def simulated(*arguments, code=0):
    """Return what is printed."""
    ended = CliRunner().invoke(cli, ["simulate", *arguments], catch_exceptions=code != 2, standalone_mode=False)
    assert ended.exception is None, ended.exception
    return ended.output


def refused(*arguments):
    """Return what is said instead."""
    ended = CliRunner().invoke(cli, ["simulate", *arguments], standalone_mode=False)
    return ended.exception.format_message() if hasattr(ended.exception, "format_message") else str(ended.exception)


@pytest.mark.usefixtures("folder")
def test_one_night_is_told_in_words():
    """Who was answered, what trolls got, the bill by day, the kitty, the bound and the reasons."""
    told = simulated("edge.toml", "night.jsonl")

    assert "night.jsonl: 320 messages in 22.8 hours; 320 senders with a price\n" in told
    assert "people answered: 18 of 20 (90.0 %)\n" in told
    assert "of those who first wrote in the flood: 0 of 1 (0.0 %)\n" in told
    assert "exceeds 95.1 % on average\n" in told
    assert "for receiving\n  day 1: " in told
    assert "EUR of 2000.00 left, enough for " in told
    assert "pace_limit" in told


def test_a_recorded_night_is_a_folder_of_files(folder):
    """What several workers met is one night; who is genuine nobody knows."""
    told = simulated("edge.toml", "recorded")
    (folder / "quiet.jsonl").write_bytes(head(floods=[(5, 9)]) + line(genuine=True))
    (folder / "paused.toml").write_text("paused = true\n" + config())
    quiet = simulated("paused.toml", "quiet.jsonl")

    assert ("people answered: 0 of 1 (0.0 %)\ntrolls got: 0.00 EUR of replies\n") in quiet
    assert "recorded: 2 messages in 0.0 seconds; 2 senders with a price\n" in told
    assert "answered: 2 of 2 (100.0 %) senders; who of them is genuine nobody knows\n" in told


def test_a_kitty_that_ended_and_many_days_are_said(folder):
    """When somebody was refused for want of money; forty days are shown."""
    (folder / "poor.toml").write_text(config(kitty="0.1"))
    (folder / "long.jsonl").write_bytes(head() + line(0) + line(50 * 86_400_000, "+33639999999"))
    (folder / "nobody.jsonl").write_bytes(head(floods=[(0, 5)]) + line(prefix="", blocks=[], genuine=False))
    told = simulated("poor.toml", "long.jsonl")

    assert "kitty: spent; the first who got nothing for want of money wrote after 1200.0 hours" in told
    assert "  ... and 11 days more (--json has all)" in told
    assert "people answered: nobody wrote\n" in simulated("edge.toml", "nobody.jsonl")


@pytest.mark.usefixtures("folder")
def test_several_nights_give_intervals():
    """Each file of its own; money and shares with what they may be off by."""
    told = simulated("edge.toml", "night.jsonl", "other.jsonl")

    assert told.startswith("means of 2 traces, with 95 % intervals:\n")
    assert "people, %               86.7 ±42.4 %\n" in told
    assert " ±" in told.splitlines()[-1]


@pytest.mark.usefixtures("folder")
def test_two_files_are_compared_in_the_same_nights():
    """What differs, by how much, and whether that may be chance."""
    told = simulated("edge.toml", "night.jsonl", "other.jsonl", "--compare", "rich.toml")
    alone = simulated("edge.toml", "night.jsonl", "--compare", "rich.toml")
    values = json.loads(simulated("edge.toml", "night.jsonl", "other.jsonl", "--compare", "rich.toml", "--json"))

    assert told.startswith("edge.toml -> rich.toml, the same 2 traces:\n")
    assert "receiving, EUR          2.42 ±0.19 -> 2.42 ±0.19: +0.00 ±0.00, may be chance\n" in told
    assert ", beyond chance\n" in told
    assert "one trace tells nothing about chance" in alone
    assert values["compared"]["differences"]["bill"]["beyond_chance"]
    assert "rich.toml" == values["compared"]["file"]


@pytest.mark.usefixtures("folder")
def test_a_sweep_is_a_table():
    """A line for each combination; where nobody knows who is genuine, senders are told."""
    keys = ["--sweep", "limit.sender.period=1h,7d", "--sweep", "budget.per-day=1,100"]
    told = simulated("edge.toml", "night.jsonl", *keys).splitlines()
    values = json.loads(simulated("edge.toml", "night.jsonl", *keys, "--json"))

    assert "limit.sender.period | budget.per-day | people, % | people in the flood, % | " in told[0]
    assert ["1h | 1 ", "1h | 100 ", "7d | 1 ", "7d | 100 "] == [row[: row.index("| ", 5)] for row in told[1:]]
    assert {"limit.sender.period": "7d", "budget.per-day": "100"} == values["sweep"][3]["values"]
    assert "senders stand for people" in simulated("edge.toml", "recorded", *keys)


def test_it_is_told_to_programs(folder):
    """Money of a night as decimal strings, means as numbers."""
    values = json.loads(simulated("edge.toml", "night.jsonl", "--json", "--segments", "one"))
    (night,) = values["nights"]

    assert ("EUR", {"all": 20, "answered": 18}, {"all": 1, "answered": 0}, "2.40") == (
        values["currency"], night["people"], night["people_in_the_flood"], night["spent"]["received"],
    )  # fmt: skip
    assert {"mean": 0.9, "plus_minus": None} == values["figures"]["people"]
    recorded = json.loads(simulated("edge.toml", "recorded", "--json"))["nights"][0]
    assert (None, None, None) == (recorded["people"], recorded["trolls"], recorded["kitty_ended_after_s"])
    (folder / "poor.toml").write_text(config(kitty="0.1"))
    assert 1.0 == json.loads(simulated("poor.toml", "recorded", "--json"))["nights"][0]["kitty_ended_after_s"] * 1000


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (("night.jsonl",), "Money a day: edge.toml"),
        (("recorded", "--sweep", "limit.sender.period=1h,7d"), "Money against senders answered"),
        (("night.jsonl", "--sweep", "limit.sender.period=1h,7d", "--sweep", "budget.per-day=1,2"), "per-day 2"),
        (("night.jsonl", "--compare", "rich.toml"), "rich.toml"),
    ],
)
def test_it_is_drawn(folder, arguments, holds):
    """As a picture that any viewer reads."""
    simulated("edge.toml", *arguments, "--plot", "plot.svg")
    svg = (folder / "plot.svg").read_text()

    assert "svg" in ET.fromstring(svg).tag
    assert holds in svg


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("edge.toml",), "Missing argument 'TRACE...'."),
        (("nowhere.toml", "night.jsonl"), "nowhere.toml: cannot be read: No such file or directory"),
        (("edge.toml", "nowhere"), "nowhere: cannot be read: No such file or directory"),
        (("edge.toml", "edge.toml"), "edge.toml:1: not a trace: "),
        (("edge.toml", "/dev/full"), "/dev/full:1: not a trace: JSON is malformed"),
        (("edge.toml", "empty"), "empty: no trace is in this folder (trace-*.jsonl)"),
        (("edge.toml", "night.jsonl", "--compare", "rich.toml", "--sweep", "a=1"), "--compare and --sweep: both given; keep one"),
        (("edge.toml", "night.jsonl", "--compare", "dollars.toml"), "dollars.toml: price.currency: another one than in edge.toml; "),
        (("edge.toml", "night.jsonl", "--sweep", "price.reply.+336=0.1,0.2"), 'price.reply: "+336" is a part of "+33", and night.jsonl does not'),
        (("long.toml", "night.jsonl"), "long.toml: reply.text"),
        (("several.toml", "night.jsonl"), "night.jsonl: what was written to 1 number, and the file has 2; name a file with as many, or with one"),
        (("edge.toml", "night.jsonl", "--sweep", "limit.sender.count=" + ",".join(map(str, range(1, 502)))), "--sweep: 501 files; 500 are looked"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_on_one_line(folder, arguments, said):
    """Before anything is printed."""
    (folder / "empty").mkdir()
    (folder / "dollars.toml").write_text(config().replace("EUR", "USD"))
    (folder / "several.toml").write_text(two())
    (folder / "long.toml").write_text(config().replace('text = "', 'text = "' + "x" * 161))

    assert refused(*arguments).startswith(said)
    assert "\n" not in refused(*arguments)


def test_a_number_that_is_detached_is_told(folder):
    """How long, what was held back and how often; beside a file that is never detached as well."""
    (folder / "off.toml").write_text('[receiving]\ndetach = "yes"\n' + (folder / "edge.toml").read_text())
    told = simulated("off.toml", "night.jsonl")
    (night,) = json.loads(simulated("off.toml", "night.jsonl", "--json"))["nights"]
    compared = simulated("edge.toml", "night.jsonl", "other.jsonl", "--compare", "off.toml")
    slow = json.loads(simulated("off.toml", "night.jsonl", "--json", "--delay", "10m"))["nights"][0]

    assert f"hours, in which {night['held_back']} messages were held back; 4 changes in the worst 24 hours\n" in told
    assert 320 == night["messages"] == night["held_back"] + sum(night["by_reason"].values())
    assert 0.5 < night["hours_off"] < 1.5
    assert "  hours off               " in compared
    assert "  changes in a day        4.00 ±0.00\n" in compared
    assert slow["held_back"] < night["held_back"]
    assert "detached" not in simulated("edge.toml", "night.jsonl")


@pytest.mark.usefixtures("folder")
def test_a_delay_is_a_duration():
    """One line says what would be right."""
    assert "--delay: found 'soon'; write a duration" in refused("edge.toml", "night.jsonl", "--delay", "soon")
