"""`antirelou reconcile --api`: our books against what the provider's API says, at a stand-in for Twilio that fails in every way."""

import datetime as dt

import pytest

from edge.commands import accountbill
from edge.commands.accountbill import Days, days_of
from edge.units import DAY_MS
from tests.api.twilioserver import FAULTS, KEY, SECRET, standing_in
from tests.commands.books import AGAIN, BEGIN_MS, REPLIES, STEP_MS, bill_rows, keep_books, place_in
from tests.commands.test_looking import snapshot
from tests.commands.test_number import invoke, with_api
from tests.worker import PHONE, config, sender

DAY = ("--since", "2026-09-21", "--until", "2026-09-21")
REPLY = "outbound-reply"


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    keep_books(place_in(folder))
    return folder


@pytest.fixture(name="twilio")
def _twilio():
    """A stand-in whose bill agrees with the books."""
    with standing_in() as twilio:
        for row in bill_rows():
            at_ms = int(dt.datetime.fromisoformat(row["date_sent"]).timestamp() * 1000)
            twilio.bill(row["from"], row["to"], at_ms, row["direction"], row["price"])
        yield twilio


@pytest.fixture(name="file")
def _file(folder, twilio):
    file = folder / "edge.toml"
    file.write_text(with_api(config(), twilio.url))
    return file


def reconcile(file, *arguments):
    """Return exit code, what is said and what is complained of; no number and no secret is in any of it."""
    code, out, complaint = invoke("reconcile", str(file), "--api", *arguments)

    assert not [word for word in (SECRET, KEY, sender(1)[:8], "salut") if word in out + complaint]
    assert "\n" not in complaint
    return code, out, complaint


def test_a_bill_that_agrees_is_no_difference(file, twilio):
    """Replies one by one, receiving by the hour; pages however short; only read, and nothing is written."""
    twilio.page_most = 7
    before = snapshot(file.parent)
    code, out, _ = reconcile(file, *DAY)

    assert (0, f"{2 * REPLIES + AGAIN} messages of this number at twilio, 2026-09-21 to 2026-09-21 (UTC)") == (
        code,
        out.partition("\n")[0],
    )
    assert f"replies: {REPLIES} booked, 1.8312; {REPLIES} billed, 1.8312 EUR\n" in out
    assert "received: 60 messages booked, 0.45; 60 billed, 0.45 EUR\n" in out
    assert out.endswith("\nno difference\n")
    assert {"GET"} == {request.method for request in twilio.requests}
    assert before == snapshot(file.parent)


def test_planted_differences_are_found_and_named_by_their_ids(file, twilio):
    """A reply that is not billed, one that we did not pay, one that is dearer, one that failed; a message that we did not book."""
    replies = [message for message in twilio.messages if message["direction"] == REPLY]
    twilio.messages.remove(replies[0])
    twilio.bill(PHONE, sender(77), BEGIN_MS + 3 * STEP_MS, "outbound-api", "-0.07630")
    extra = twilio.messages[-1]["sid"]
    twilio.bill(sender(78), PHONE, BEGIN_MS, "inbound", "-0.00750")
    replies[1]["price"] = "-0.08000"
    replies[2] |= {"price": None, "status": "failed"}
    code, out, _ = reconcile(file, *DAY)

    assert 1 == code
    assert "  missing on the bill: 2026-09-21 14:00:00 UTC, 0.0763\n" in out
    assert f"  extra on the bill: {extra}, 2026-09-21 14:45:00 UTC, 0.0763\n" in out
    assert f"  differently priced: {replies[1]['sid']}, booked 0.0763, billed 0.08\n" in out
    assert f"  differently priced: {replies[2]['sid']}, booked 0.0763, billed 0.00\n" in out
    assert "  extra on the bill: 1 message; hours are compared as a whole, so give whole days\n" in out
    assert out.endswith("there is a difference\n")


def test_a_price_that_is_not_there_yet_is_no_difference(file, twilio):
    """Twilio fills it in later; how many there are is said."""
    for message in twilio.messages[:2]:
        message["price"] = message["price_unit"] = None
    code, out, _ = reconcile(file, *DAY)

    assert (0, 2) == (code, out.count("without a price yet: look again later"))


def test_a_day_on_which_nothing_is_billed_lacks_all_that_was_booked(file, twilio):
    """An empty list is a bill as well; and a day on which nothing was booked agrees with it."""
    twilio.messages = []
    code, out, _ = reconcile(file, *DAY)
    other = reconcile(file, "--since", "2026-09-01", "--until", "2026-09-20")

    assert (1, True) == (code, f"  missing on the bill: {REPLIES - 10} more\n" in out)
    assert "  missing on the bill: 60 messages;" in out
    assert (0, "0 messages of this number at twilio, 2026-09-01 to 2026-09-20 (UTC)\n") == (
        other[0],
        f"{other[1].partition(chr(10))[0]}\n",
    )


def test_another_currency_than_the_files_is_refused(file, twilio):
    """Its prices are another kind of money."""
    for message in twilio.messages:
        message["price_unit"] = "USD"

    assert (2, "", "price.currency: EUR, and the account is billed in USD; write that") == reconcile(file, *DAY)


@pytest.mark.parametrize(
    "change",
    [{"date_sent": "soon"}, {"num_segments": "many"}, {"price": "dear"}, {"date_sent": None, "date_created": None}],
)
def test_a_message_that_cannot_be_read_is_one_line_and_no_bill(file, twilio, change, monkeypatch):
    """Half of a bill would show differences that are none."""
    [told] = [message for message in twilio.messages if message["direction"] == REPLY][:1]
    monkeypatch.setattr(twilio, "_messages", lambda _: {"messages": [told | change]})
    code, out, complaint = reconcile(file, *DAY)

    assert (2, "") == (code, out)
    assert "twilio's API: a message without a time, a number of segments or a price that can be read" == complaint


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "429" and "hang" not in fault])
def test_whatever_goes_wrong_is_one_line(file, twilio, fault):
    """Refused, broken, cut off or nonsense, at the first page or at a later one: exit 2, and it is not asked again."""
    twilio.page_most = 30
    complaints = []
    for before in (0, 2):
        twilio.requests, twilio.faults = [], [""] * before + [fault]
        code, out, complaint = reconcile(file, *DAY)
        complaints.append(complaint)
        assert (2, "", before + 1) == (code, out, len(twilio.requests))

    assert complaints[0].startswith("twilio's API: ")
    assert complaints[0] == complaints[1]


def test_too_many_requests_are_asked_for_again_a_little_later(file, twilio, monkeypatch):
    """That page and no other, a few times; then it is said."""
    monkeypatch.setattr(accountbill, "PAUSES_S", (0.0, 0.01))
    twilio.faults = ["429", "429"]
    code, _, _ = reconcile(file, *DAY)
    asked, twilio.faults = len(twilio.requests), ["429"] * 3

    assert (0, 4) == (code, asked)
    assert (2, "", "twilio's API: answered 429 (error 20500)") == reconcile(file, *DAY)


def test_a_provider_that_dawdles_is_left(file, twilio, monkeypatch):
    """A call has its time, and all of them together have theirs."""
    monkeypatch.setattr(accountbill, "CALL_S", 0.2)
    twilio.faults = ["hang before"]
    call = reconcile(file, *DAY)
    monkeypatch.setattr(accountbill, "WHOLE_S", 0.1)
    twilio.faults = ["hang before"]
    whole = reconcile(file, *DAY)

    assert (2, "", "twilio's API: no whole answer within 0.2 s") == call
    assert (2, "", "twilio's API: has not told all of it within 0.1 s; give fewer days") == whole


def test_a_next_page_elsewhere_is_not_gone_to(file, twilio):
    """The secret goes where the file says, or nowhere."""
    twilio.page_most, twilio.elsewhere = 30, "http://evil.example.org"

    assert 0 == reconcile(file, *DAY)[0]


@pytest.mark.parametrize(
    ("since", "until", "began", "expected"),
    [
        (None, None, "2020-01-01", ("2026-10-30", "2026-11-28")),
        (None, None, "2026-11-20", ("2026-11-20", "2026-11-28")),
        (None, None, "2026-11-29", ("2026-11-28", "2026-11-28")),
        (None, "2026-10-31", "2020-01-01", ("2026-10-02", "2026-10-31")),
        ("2026-11-27", None, "2026-11-28", ("2026-11-27", "2026-11-28")),
        ("2026-01-01", "2026-11-29", "2026-11-28", ("2026-01-01", "2026-11-29")),
    ],
)
def test_the_days_are_those_of_the_call_or_the_last_thirty(since, until, began, expected):
    """Up to yesterday, since today's prices are not there yet; none before the ledger was begun, unless they are named."""
    now_ms, began_ms = (
        int(dt.datetime.fromisoformat(f"{day}T12:00:00Z").timestamp() * 1000) for day in ("2026-11-29", began)
    )
    found = days_of(since, until, began_ms=began_ms, now_ms=now_ms)

    assert Days(*map(dt.date.fromisoformat, expected)) == found
    assert DAY_MS * ((found.last - found.first).days + 1) == found.span.until_ms - found.span.from_ms + 1


def test_without_days_it_is_the_last_ones(file, monkeypatch):
    """A day after the books end they are all in it."""
    monkeypatch.setattr("edge.commands.reconcile.clock", lambda: BEGIN_MS + DAY_MS)
    code, out, _ = reconcile(file)

    assert (0, True) == (code, "2026-09-21 to 2026-09-21" in out)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--since", "soon"], "--since: found 'soon'; write a day such as 2026-11-28"),
        (["--until", "2026-13-01"], "--until: found '2026-13-01'; write a day such as 2026-11-28"),
        (
            ["--since", "2026-11-02", "--until", "2026-11-01"],
            "--since: 2026-11-02 is after 2026-11-01, the last day; write an earlier one, or a later --until",
        ),
        (["bill.csv"], "a bill comes as a file or from the API: name BILL, or write --api"),
        (["--columns", "from=a"], "--columns: of a file; leave it out with --api"),
    ],
)
def test_what_is_asked_for_wrongly_is_said(file, twilio, arguments, complaint):
    """One line, exit 2, and nobody is asked."""
    assert (2, "", complaint) == reconcile(file, *arguments)
    assert [] == twilio.requests


@pytest.mark.parametrize(
    "arguments", [[], ["bill.csv", "--since", "2026-11-01"], ["bill.csv", "--until", "2026-11-01"]]
)
def test_a_file_is_named_or_the_api_is_asked(file, arguments):
    """One of both; days are the API's."""
    code, _, complaint = invoke("reconcile", str(file), *arguments)

    assert (2, True) == (code, "BILL" in complaint or "--api" in complaint)


def test_without_a_key_or_an_api_that_is_known_it_says_so(file):
    """What to write, or to export."""
    file.write_text(config())
    without_key = reconcile(file, *DAY)
    file.write_text(with_api(config(), "http://127.0.0.1:1").replace('"twilio"', '"plivo"'))
    plivo = reconcile(file, *DAY)

    assert (
        "--api: nothing is told without a key; write number.api-account-env, api-key-env and api-secret-env"
        == without_key[2]
    )
    assert "--api: plivo's bill cannot be read from here, only that of twilio; export it, and name the file" == plivo[2]
