"""How far a ledger has come, said at the start: only a person can tell that a restored one has come less far than it should."""

import pytest

import edge.setup
from edge.core.charging.charge import Tally
from edge.setup import read_setup
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import NOW_MS, InFile, charge
from tests.worker import SECRET, config


@pytest.fixture(name="in_file")
def _in_file(runner, tmp_path):
    return InFile(runner, tmp_path)


def test_a_ledger_knows_when_it_paid_last(books):
    """0 before the first reply; refusals and what is told since do not count."""
    ledger = books.ledger()
    instants = [ledger.totals().last_ms]
    ledger.admit(charge(1))
    books.step(MINUTE_MS)
    ledger.admit(charge(2))
    books.step(HOUR_MS)
    ledger.admit(charge(3, sender=2))
    ledger.tell(Tally({}, 300))
    instants.append(ledger.totals().last_ms)

    assert [0, NOW_MS + MINUTE_MS] == instants


@pytest.mark.parametrize(
    ("replies", "ago_ms", "expected"),
    [
        (0, 0, "it holds no reply, and 0.00 of 2000.00 EUR are spent"),
        (1, 3 * MINUTE_MS, "it holds 1 reply, the last one 3 minutes ago, and 0.0763 of 2000.00 EUR are spent"),
        (2, 5 * HOUR_MS, "it holds 2 replies, the last one 5 hours ago, and 0.1526 of 2000.00 EUR are spent"),
        (3, 9 * DAY_MS, "it holds 3 replies, the last one 9 days ago, and 0.2289 of 2000.00 EUR are spent"),
    ],
)
def test_the_start_says_how_far_the_ledger_has_come(in_file, replies, ago_ms, expected):
    """For the banner and for the log at a reload: how many replies, how long ago the last one, and what is spent."""
    ledger = in_file.ledger()
    for number in range(replies):
        ledger.admit(charge(number))
    in_file.close()
    file = in_file.path.with_name("edge.toml")
    file.write_text(config() + '[ledger]\nurl = "sqlite:ledger.db"\n')
    with pytest.MonkeyPatch.context() as later:
        later.setattr(edge.setup, "clock", lambda: NOW_MS + ago_ms)
        setup = read_setup(file, {"TWILIO_AUTH_TOKEN": SECRET})

    assert expected == setup.ledger_holds
