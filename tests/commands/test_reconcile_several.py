"""`antirelou export` and `antirelou reconcile` with several numbers: to which one was written, and the bill of each against what is booked of it."""

import asyncio
import csv
import datetime as dt
import io

import pytest

from edge.core.answering.gate import key_of
from edge.core.charging.charge import Came, Charge, Tally
from edge.core.limits.rules import Cost
from edge.core.wire.reason import Reason
from edge.ledger.opening import create, look, open_ledger, prepare
from tests.api.twilioserver import standing_in
from tests.commands.books import BEGIN_MS, STEP_MS, place_in, row, write_bill
from tests.commands.test_number import API, invoke
from tests.ledger.parts import BY_OUR_CLOCK, KEY, ROOMY, Clock, rules
from tests.ledger.servers import any_server, running
from tests.web.test_numbers import OTHER, two
from tests.worker import PHONE, config, sender

ELSEWHERE = two()
"""Two numbers, the second at another provider."""
TWO = ELSEWHERE.replace('provider = "46elks"\n', 'provider = "twilio"\nsecret-env = "TWILIO_AUTH_TOKEN"\n')
"""Both at one."""
PRICES = {PHONE: (76_300, 7_500), OTHER: (50_000, 1_000)}
"""Of a reply and of a message that comes in."""
PEOPLE = {PHONE: range(6), OTHER: range(10, 13)}
"""Who was answered at which number, a quarter of an hour apart."""
AGAIN = {PHONE: 4, OTHER: 2}
"""Messages that were not."""


class Teller:
    """A worker of two numbers, or one of an earlier version, which says of nothing to which number it came."""

    def __init__(self, place, clock, server, teller, *, is_new):
        self.place, self.clock, self.server, self.is_new = place, clock, server, is_new
        self.key = look(place).hash_key
        self.ledger = open_ledger(place, rules(numbers=(PHONE, OTHER)), clock, lambda _: None, teller)
        if server is not None:
            self.ledger.script = BY_OUR_CLOCK
        self.micros, self.came = 0, {PHONE: Came(), OTHER: Came()}

    async def pay(self, number, person, id_):
        """Receive a message, and answer it."""
        reply_micros, received_micros = PRICES[number]
        self.receive(number, received_micros, messages=0)
        charge = Charge(
            id_, key_of(sender(person), self.key), bytes(16), Cost(reply_micros, ROOMY), self.micros,
            number=number if self.is_new else "",
        )  # fmt: skip
        assert Reason.ANSWERED is (await self.ledger.admit(charge)).reason
        await self.tell()

    def receive(self, number, micros, messages=1):
        """Receive a message that is not answered, or is counted elsewhere."""
        came = self.came[number]
        self.micros += micros
        self.came[number] = Came(came.messages + messages, 0, came.received_micros + micros, came.segments + 1)

    async def tell(self):
        """Tell what was seen."""
        refused = sum(came.messages for came in self.came.values())
        segments = sum(came.segments for came in self.came.values())
        await self.ledger.tell(
            Tally({Reason.SENDER_LIMIT: refused}, self.micros, segments, dict(self.came) if self.is_new else {})
        )


def keep(place, server=None, old=()):
    """Begin a ledger, and have it pay and receive at both numbers; an earlier version does it where that is said."""
    if server is not None:
        create(place)
    prepare(place)
    clock = Clock(BEGIN_MS)

    async def live():
        tellers = {is_new: Teller(place, clock, server, f"worker-{is_new}", is_new=is_new) for is_new in (True, False)}
        for number, people in PEOPLE.items():
            worker = tellers[number not in old]
            for person in people:
                at(person)
                await worker.pay(number, person, f"{number} {person}")
            for _ in range(AGAIN[number]):
                worker.receive(number, PRICES[number][1])
            await worker.tell()
        for worker in tellers.values():
            await worker.ledger.close()

    def at(person):
        clock.now_ms = BEGIN_MS + person * STEP_MS
        if server is not None:
            with server.client() as client:
                client.set(f"antirelou:{{{PHONE}}}:account:clock", clock.now_ms)

    asyncio.run(live())


def bill_rows():
    """Return the rows of a bill of both numbers, which agrees."""
    rows = []
    for number, people in PEOPLE.items():
        reply, received = (f"-{micros / 1_000_000:.5f}" for micros in PRICES[number])
        for person in people:
            rows.append(row(sender(person), number, BEGIN_MS + person * STEP_MS, "inbound", received))
            rows.append(row(number, sender(person), BEGIN_MS + person * STEP_MS, "outbound-reply", reply))
        rows += [row(sender(people[0]), number, BEGIN_MS + people[-1] * STEP_MS, "inbound", received)] * AGAIN[number]
    return rows


def of(number, rows):
    """Return the rows of one number."""
    return [found for found in rows if number in {found["from"], found["to"]}]


def reconcile(file, rows, *arguments):
    """Return what comes of a bill; no sender is named."""
    code, out, complaint = invoke(
        "reconcile", str(file), str(write_bill(file.parent, rows)), *arguments, LEDGER_KEY=KEY.decode()
    )
    assert sender(1)[:8] not in out
    return code, out, complaint


@pytest.fixture(name="file", scope="module", params=["file", "server"])
def _file(request, tmp_path_factory):
    """Yield a static file with an evening behind it, on each kind of ledger."""
    folder = tmp_path_factory.mktemp(request.param)
    file = folder / "edge.toml"
    if request.param == "file":
        keep(place_in(folder))
        file.write_text(TWO)
        yield file
        return
    with running(any_server(), tmp_path_factory.mktemp("server")) as server:
        keep(place_in(folder, server), server)
        file.write_text(f'{TWO}[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n')
        yield file


@pytest.fixture(name="upgraded", scope="module", params=[[PHONE], [PHONE, OTHER]], ids=["one", "both"])
def _upgraded(request, tmp_path_factory):
    """Return a static file whose ledger an earlier version has kept, for one number or for both."""
    folder = tmp_path_factory.mktemp("upgraded")
    keep(place_in(folder), old=request.param)
    file = folder / "edge.toml"
    file.write_text(TWO)
    return file


BOTH_AGREE = """\
number[0]: 16 rows of this number, from 2026-09-21 14:00:00 UTC on
replies: 6 booked, 0.4578; 6 billed, 0.4578 EUR
received: 10 messages booked, 0.075; 10 billed, 0.075 EUR
number[1]: 8 rows of this number, from 2026-09-21 14:00:00 UTC on
replies: 3 booked, 0.15; 3 billed, 0.15 EUR
received: 5 messages booked, 0.005; 5 billed, 0.005 EUR
no difference
"""


def export(file):
    """Return the rows that are exported."""
    code, out, complaint = invoke("export", str(file), LEDGER_KEY=KEY.decode())
    assert (0, "") == (code, complaint)
    return list(csv.DictReader(io.StringIO(out)))


def test_replies_are_exported_with_the_number_that_was_written_to(file):
    """In the last column, as a bill names it; where the file has one number there is no such column, whatever the ledger has."""
    rows = export(file)
    text = file.read_text()
    file.write_text(config() + text[text.find("[ledger]") :] if "[ledger]" in text else config())
    alone = export(file)
    file.write_text(text)

    assert [*[PHONE] * 6, *[OTHER] * 3] == [found["number"] for found in rows]
    assert ["time", "sender", "segments", "price", "currency", "number"] == [*rows[0]]
    assert [{name: value for name, value in found.items() if name != "number"} for found in rows] == alone


def test_what_an_earlier_version_paid_is_exported_without_a_number(tmp_path):
    """It did not keep which; what was paid since says it."""
    keep(place_in(tmp_path), old=[PHONE])
    file = tmp_path / "edge.toml"
    file.write_text(TWO)

    assert [("0.0763", "")] * 6 + [("0.05", OTHER)] * 3 == [(found["price"], found["number"]) for found in export(file)]


def test_a_ledger_in_memory_has_nothing_to_export(tmp_path):
    """The columns are there all the same."""
    file = tmp_path / "edge.toml"
    file.write_text(f'{TWO}[ledger]\nurl = "memory:"\n')

    assert (0, "time,sender,segments,price,currency,number\n", "") == invoke("export", str(file))


def test_a_bill_of_all_numbers_is_compared_for_each(file):
    """Each of its rows says from or to which of our numbers it is."""
    assert (0, BOTH_AGREE, "") == reconcile(file, bill_rows())


def test_to_names_the_number_whose_bill_it_is(file):
    """What the others have booked is not missing on it; rows of theirs are passed over, and the time is that of its own."""
    expected = [
        "number[1]: 8 rows of this number, from 2026-09-21 16:30:00 UTC on",
        *BOTH_AGREE.splitlines()[4:],
    ]
    for rows in (of(OTHER, bill_rows()), bill_rows()):
        code, out, _ = reconcile(file, rows, "--to", "+33 9 37 00 00 01")
        assert (0, expected) == (code, out.splitlines())


def test_a_number_without_rows_is_not_compared(file):
    """Its bill is another file; that is said."""
    code, out, _ = reconcile(file, of(PHONE, bill_rows()))

    assert 0 == code
    assert "\nnumber[1]: no row is of this number, so it is not compared\nno difference\n" in out
    assert (2, f"no row is of {PHONE} or {OTHER}; is it the bill") == (
        (found := reconcile(file, []))[0], found[2].partition(": ")[2][:57],
    )  # fmt: skip


@pytest.mark.parametrize("numbers", ["[number]", "[[number]]"])
def test_what_a_number_has_booked_that_went_from_the_file_is_on_no_others_bill(tmp_path, monkeypatch, numbers):
    """The last one's bill agrees as it did when there were two, though it is about the same time."""
    monkeypatch.setitem(PEOPLE, PHONE, [*range(5), 30])
    keep(place_in(tmp_path))
    file = tmp_path / "edge.toml"
    file.write_text(config().replace("[number]", numbers))
    expected = [line.removeprefix("number[0]: ") for line in BOTH_AGREE.splitlines()[:3]]

    assert (0, [*expected, "no difference"]) == ((found := reconcile(file, bill_rows()))[0], found[1].splitlines())


def test_planted_differences_are_those_of_their_number(file):
    """A reply and a message that the second bill has and the first one's books could not hide; the price that it has."""
    rows = bill_rows()
    for found in of(OTHER, rows):
        found["price"] = "-0.06000" if found["from"] == OTHER else "-0.00200"
    rows += [
        row(OTHER, sender(3), BEGIN_MS + 9 * STEP_MS, "outbound-api", "-0.06000"),
        row(sender(3), OTHER, BEGIN_MS + 9 * STEP_MS, "inbound", "-0.00200"),
    ]
    code, out, _ = reconcile(file, rows)
    first, second = out.split("number[1]: ")

    assert 1 == code
    assert BOTH_AGREE.startswith(first)
    assert "  extra on the bill: line 26, 2026-09-21 16:15:00 UTC, 0.06\n" in second
    assert "  extra on the bill: 1 message; hours are compared as a whole" in second
    assert 'proposed: number[1].price.reply "+33" = "0.06" (the file has 0.05)\n' in second
    assert 'proposed: number[1].price.received = "0.002" (the file has 0.001)\nthere is a difference\n' in second


def test_what_an_earlier_version_paid_may_be_any_numbers(upgraded):
    """It agrees with the bill that has it, it is not missing on that of another number, and lines say so."""
    code, out, _ = reconcile(upgraded, bill_rows())
    alone = reconcile(upgraded, of(OTHER, bill_rows()), "--to", OTHER)

    assert (0, 0) == (code, alone[0]), out + alone[1]
    assert (
        "  10 messages more may be what an earlier version has told, or came while the file had one number: it was not kept to "
        "which\n" in out
    )
    assert "replies: 6 booked, 0.4578; 6 billed, 0.4578 EUR\n" in out
    assert "replies: 3 booked, 0.15; 3 billed, 0.15 EUR\n" in out


def test_a_reply_of_an_earlier_version_that_no_bill_has_is_said_and_no_difference(upgraded):
    """It may be another number's."""
    rows = [found for found in bill_rows() if found["to"] != sender(3)]
    code, out, _ = reconcile(upgraded, rows, "--to", PHONE)

    assert 0 == code, out
    assert (
        "  1 reply paid by an earlier version, or while the file had one number, may be missing here, or be another number's: it "
        "was not kept which\n" in out
    )


def test_more_messages_than_an_earlier_version_told_are_a_difference(upgraded):
    """Each of those is on one bill."""
    rows = bill_rows() + [row(sender(77), PHONE, BEGIN_MS + STEP_MS, "inbound", "-0.00750")] * 9
    code, out, _ = reconcile(upgraded, rows)
    more = sum(int(line.split()[4]) for line in out.splitlines() if line.startswith("  extra on the bill: "))

    assert (1, 9) == (code, more), out


def with_keys(text, url):
    """Return a file in which each number at Twilio has a key."""
    return text.replace('provider = "twilio"\n', f'provider = "twilio"\n{API}api-url = "{url}"\n')


@pytest.fixture(name="twilio")
def _twilio():
    """A stand-in whose bill agrees with the books."""
    with standing_in() as twilio:
        for found in bill_rows():
            at_ms = int(dt.datetime.fromisoformat(found["date_sent"]).timestamp() * 1000)
            twilio.bill(found["from"], found["to"], at_ms, found["direction"], found["price"])
        yield twilio


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    keep(place_in(folder))
    return folder


def ask(folder, text, *arguments):
    """Return what comes of the bills at the provider."""
    file = folder / "edge.toml"
    file.write_text(text)
    return invoke("reconcile", str(file), "--api", "--since", "2026-09-21", "--until", "2026-09-21", *arguments)


def test_each_number_with_a_key_is_asked_for(folder, twilio):
    """Its own bill with its own key; or the one that `--to` names."""
    days = "of this number at twilio, 2026-09-21 to 2026-09-21 (UTC)"
    expected = BOTH_AGREE.replace("rows of this number, from 2026-09-21 14:00:00 UTC on", f"messages {days}")
    second = expected[expected.index("number[1]") :]

    assert (0, expected, "") == ask(folder, with_keys(TWO, twilio.url))
    assert (0, second, "") == ask(folder, with_keys(TWO, twilio.url), "--to", OTHER)


def test_a_number_without_a_key_is_not_asked_for(folder, twilio):
    """That is said; where none has one, or it is the one that is meant, the line says what to write."""
    one = ask(folder, with_keys(ELSEWHERE, twilio.url))
    none = ask(folder, TWO)
    named = ask(folder, with_keys(ELSEWHERE, twilio.url), "--to", OTHER)

    assert (0, True) == (one[0], "number[1]: not asked: nothing is told without a key\n" in one[1])
    assert (2, "", "--api: nothing is told without a key; write number[0].api-account-env") == (
        *none[:2],
        none[2][:69],
    )
    assert (2, "", "--api: 46elks's bill cannot be read from here") == (*named[:2], named[2][:45])


def test_the_bill_of_numbers_at_several_providers_is_one_of_them(folder):
    """Which one has to be named, and its provider's columns are expected; a number that is none of ours is refused."""
    file = folder / "edge.toml"
    file.write_text(ELSEWHERE)
    nobody = reconcile(file, bill_rows())
    unknown = reconcile(file, bill_rows(), "--to", "+33937000009")
    elks = reconcile(file, bill_rows(), "--to", OTHER)
    twilio = reconcile(file, bill_rows(), "--to", PHONE)

    several = (
        "--to: the numbers of the file are at several providers, and a bill is of one; name the number whose bill it is"
    )
    assert (2, "", several) == nobody
    assert (2, "", f"--to: the file has no such number; it has {PHONE}, {OTHER}") == unknown
    assert "no column 'created' for time" in elks[2]
    assert 0 == twilio[0]
