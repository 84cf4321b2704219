"""A number whose kitty is to last until a day, served by a real worker, at every provider and on both ledgers."""

import datetime as dt
from contextlib import ExitStack

import pytest

from edge.providers import PROVIDERS
from tests.commands.test_cli import run
from tests.process.number import LEDGERS, Number
from tests.worker import await_, sender


@pytest.fixture(
    name="number", params=[(provider, ledger) for provider in PROVIDERS for ledger in LEDGERS], ids="-".join
)
def _number(request, tmp_path):
    provider, ledger = request.param
    with ExitStack() as stack:
        yield Number(tmp_path, ledger, stack, provider)


def text(number, until):
    """Return a number's static file with a last day."""
    return number.text.replace('per-day = "100000"\nburst = "100000"', f"lasts-until = {until}")


def are_answered(number, worker, *numbers):
    """Return whether each of these people gets a reply; they write from blocks of their own."""
    answers = number.deliver(worker, [(sender(one * 7), "Salut", one) for one in numbers])
    assert {200} == {status for status, _ in answers}
    return [b"Bonjour" in body for _, body in answers]


def test_after_its_day_a_number_is_silent_and_says_why(number):
    """It starts; whoever writes meets a 200 that sends nothing; the log and the status name the day."""
    number.text = text(number, "2020-01-01")
    worker = number.serve()
    await_(lambda: "budget.lasts-until: the day is over, so nobody is answered" in worker.log.read_text())
    answered, shown = are_answered(number, worker, 1), worker.status()
    code, said, _ = run("status", number.file, **number.secrets)

    assert ([False], 0) == (answered, shown["replies"])
    assert shown["silent"].startswith("budget.lasts-until: 2020-01-01 is over")
    assert (0, True) == (code, "budget.lasts-until: 2020-01-01 is over" in said)


def test_until_then_it_answers(number):
    """However far the day is: what goes at once pays the dearest reply, though a quarter of a day's would not."""
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=3650)
    number.text = text(number, until).replace('kitty = "2000"', 'kitty = "100"')
    worker = number.serve()
    answered, shown = are_answered(number, worker, 1, 2, 3, 4), worker.status()

    assert [True, False, False, False] == answered
    assert {"pace_limit": 3, "answered": 1} == shown["by_reason"]
    assert None is shown["silent"]
