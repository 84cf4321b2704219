"""The whole bill as the commands say it, of a ledger that has a history."""

import asyncio
import json
import re

import pytest
from click.testing import CliRunner

from edge.commands.check import check
from edge.commands.status import status
from edge.core.charging.charge import Tally
from edge.system.clock import clock
from edge.units import HOUR_MS
from tests.ledger.parts import InFile
from tests.worker import SECRET, config


@pytest.fixture(name="file")
def _file(tmp_path, monkeypatch):
    """Return a static file whose ledger was told of 10 EUR two hours ago."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", SECRET)
    file = tmp_path / "edge.toml"
    file.write_text(config(kitty="2000", per_day="35", burst="8") + '[ledger]\nurl = "sqlite:ledger.db"\n')
    with asyncio.Runner() as runner:
        books = InFile(runner, tmp_path, currency="EUR")
        books.clock.now_ms = clock() - 2 * HOUR_MS
        books.ledger().tell(Tally({}, 10_000_000, 1_333))
        books.close()
    return file


def test_without_a_history_it_is_said_that_it_is_not_known(file):
    """A ledger that is still to be begun."""
    file.with_name("ledger.db").unlink()
    file.with_name("ledger.db.key").unlink()
    printed = CliRunner().invoke(check, [str(file)]).output

    assert "lasts until, with receiving: not known, since no hour of the last seven days is in the ledger" in printed


@pytest.mark.parametrize("command", [check, status])
def test_after_its_day_a_number_says_why_it_is_silent(file, command):
    """Both work; nothing goes at once, and the money stays."""
    file.write_text(file.read_text().replace('per-day = "35"', "lasts-until = 2020-01-01"))
    done = CliRunner().invoke(command, [str(file)])
    found = json.loads(CliRunner().invoke(command, [str(file), "--json"]).output)
    last = {
        check: "lasts until 2020-01-01, which is over: nobody is answered\n",
        status: "; its last day, 2020-01-01, is over\n",
    }

    assert 0 == done.exit_code
    assert (
        "budget.lasts-until: 2020-01-01 is over, so nobody is answered; write a day to come, or per-day" in done.output
    )
    assert last[command] in done.output
    assert "receiving goes on though nobody is answered, and is paid for\n" in done.output
    assert (command is check) == ("knock: nothing is kept for who writes again\n" in done.output)
    assert ["2020-01-01"] * 3 == [
        found["lasts_until"],
        *(found["bill"][f"lasts_until{end}"] for end in ("", "_with_receiving")),
    ]


def test_a_day_that_is_far_off_is_said_as_it_is(file):
    """However little there is until then, and though all that goes at once were gone today."""
    file.write_text(
        file.read_text().replace('per-day = "35"\nburst = "8"', "lasts-until = 2090-01-01").replace('"2000"', '"11"')
    )
    printed = CliRunner().invoke(check, [str(file)]).output

    assert "\nlasts until 2090-01-01 if every day spends all of it\n" in printed


@pytest.mark.parametrize("command", [check, status])
def test_both_say_how_long_the_money_lasts_with_receiving(file, command):
    """What receiving cost of late, as the mean of the hours that are known: 240 a day, so the rest lasts a week."""
    printed = CliRunner().invoke(command, [str(file)]).output
    found = json.loads(CliRunner().invoke(command, [str(file), "--json"]).output)["bill"]

    assert "with receiving as in the last seven days, 240.00 EUR a day" in printed
    assert "receiving: 7.50 EUR a day for 1,000 messages of one segment" in printed
    assert ("240.00", True) == (found["received_a_day"], found["lasts_until_with_receiving"] < found["lasts_until"])


@pytest.mark.parametrize("command", [check, status])
def test_what_is_gone_cannot_be_spent_in_an_hour(file, command):
    """Of twelve two are left, and a full burst would be eight."""
    file.write_text(file.read_text().replace('kitty = "2000"', 'kitty = "12"'))
    printed = CliRunner().invoke(command, [str(file)]).output
    found = json.loads(CliRunner().invoke(command, [str(file), "--json"]).output)["bill"]

    assert re.search(r"worst hour 2\.00( EUR)?, worst day 2\.00\n", printed)
    assert ("2.00", "2.00") == (found["worst_hour"], found["worst_day"])
