"""Facts about the desk: one message in, one answer out, and everything counted once."""

from urllib.parse import urlencode

import pytest

import edge.core.answering.desk
from edge import wiring
from edge.core.answering.gate import Gate
from edge.core.charging.charge import Decision, Tally
from edge.core.charging.question import OptOut, Question
from edge.core.limits.bucket import GRANT, UNUSED, Bucket
from edge.core.wire.answer import Answer
from edge.core.wire.reason import Reason
from edge.units import MINUTE_MS
from tests.parts import NOW_MS, setup_of
from tests.worker import SECRET, URL, config, fields, request, sign

PAUL, MARC, STRANGER = "+33639981312", "+33639989999", "+15550100000"
RECEIVED_MICROS = 7_500


@pytest.fixture
def desk():
    """Return the desk of a number at Twilio, as a worker has it."""
    return desk_of(setup_of())


def desk_of(setup):
    """Return a desk with a gate of its own."""
    return wiring.desk_of(setup, wiring.gate_of(setup))


def open_(desk, sender, message_id, text="salut", secret=None):
    """Bring a message to the desk as Twilio does."""
    headers, body = request(sender, text, message_id, *([secret] if secret else []))
    raw = {name.lower().encode(): value.encode() for name, value in headers.items()}
    return desk.handle("POST", b"", raw, body, NOW_MS)


def decision(reason, bucket=UNUSED):
    """Return what a ledger might say."""
    return Decision(reason, bucket, bucket, bucket, 0, NOW_MS)


def counts(desk):
    """Return what the desk has counted, zeros left out."""
    return {reason: count for reason, count in desk.tally().counts.items() if count}


@pytest.mark.parametrize(("method", "length"), [("POST", None), ("POST", 0), ("POST", 32_768), ("GET", None)])
def test_what_a_provider_may_send_is_read(desk, method, length):
    """Every method that the provider uses, up to the last allowed byte, whether or not the length is told."""
    assert None is desk.precheck(method, {}, length)
    assert {} == counts(desk)


@pytest.mark.parametrize(
    ("method", "length", "reason"),
    [("PUT", 32_769, Reason.WRONG_METHOD), ("HEAD", None, Reason.WRONG_METHOD), ("POST", 32_769, Reason.TOO_LARGE)],
)
def test_what_need_not_be_read_is_refused_unread(desk, method, length, reason):
    """A method that the provider does not use and a body that is told to be too large are errors at once."""
    assert reason is desk.precheck(method, {}, length).reason
    assert {reason: 1} == counts(desk)


def test_who_does_not_come_through_our_edge_learns_nothing_else():
    """The CDN's secret is asked for first, before method and length."""
    desk = desk_of(setup_of(origin_secrets=["by the CDN"]))

    assert Reason.NOT_OUR_EDGE is desk.precheck("PUT", {}, 10**9).reason
    assert None is desk.precheck("POST", {b"x-origin-secret": b"by the CDN"}, None)


def test_a_forged_message_is_an_error_and_costs_nothing(desk):
    """What the provider did not sign is counted, but neither judged nor charged for."""
    assert Reason.BAD_SIGNATURE is open_(desk, PAUL, "SM1", secret="forged").reason
    assert Tally(dict.fromkeys(Reason, 0) | {Reason.BAD_SIGNATURE: 1}, 0) == desk.tally()


def test_a_message_that_may_be_answered_is_a_question_to_the_ledger(desk):
    """It is counted when it is answered, but what receiving it has cost is told with the question."""
    question = open_(desk, PAUL, "SM1")

    assert isinstance(question, Question)
    assert (RECEIVED_MICROS, RECEIVED_MICROS) == (question.charge.received_micros, desk.tally().received_micros)
    assert {} == counts(desk)


def test_a_paid_reply_goes_out_and_is_counted(desk):
    """What the ledger has written down is answered."""
    reply = desk.finish(open_(desk, PAUL, "SM1"), decision(Reason.ANSWERED))

    assert (Reason.ANSWERED, b"<Response><Message>Bonjour. Non, c'est non.</Message></Response>") == (
        reply.reason,
        reply.body["body"],
    )
    assert {Reason.ANSWERED: 1} == counts(desk)


def test_a_retry_gets_the_same_answer_and_is_not_received_again(desk):
    """From memory or from the ledger, a duplicate is answered, counted as one, and not charged for by the provider."""
    first, overtaken = open_(desk, PAUL, "SM1"), open_(desk, PAUL, "SM1")
    replies = [
        desk.finish(first, decision(Reason.ANSWERED)),
        desk.finish(overtaken, decision(Reason.DUPLICATE)),
        open_(desk, PAUL, "SM1"),
    ]

    assert 1 == len({reply.body["body"] for reply in replies})
    assert {Reason.ANSWERED: 1, Reason.DUPLICATE: 2} == counts(desk)
    assert RECEIVED_MICROS == desk.tally().received_micros


def test_a_retry_in_flight_is_not_told_as_received(desk):
    """While nobody knows yet what becomes of a message, its twin costs nothing: the ledger never forgets what it was told."""
    first, twin = open_(desk, PAUL, "SM1"), open_(desk, PAUL, "SM1")
    told = [desk.tally().received_micros]
    desk.finish(first, decision(Reason.ANSWERED))
    other = open_(desk, MARC, "SM2")
    told.append(other.charge.received_micros)
    desk.finish(twin, decision(Reason.DUPLICATE))

    assert [RECEIVED_MICROS, 2 * RECEIVED_MICROS, 2 * RECEIVED_MICROS] == [*told, desk.tally().received_micros]


@pytest.mark.parametrize("reason", [Reason.SENDER_LIMIT, Reason.KITTY_SPENT, None])
def test_a_retry_of_what_was_not_paid_is_not_received_again(desk, reason):
    """Whether the ledger refuses it or does not answer, while it is asked or later: it is judged again, but booked once."""
    for question in (open_(desk, PAUL, "SM1"), open_(desk, PAUL, "SM1")):
        desk.finish(question, decision(reason)) if reason else desk.abandon(question)

    later = open_(desk, PAUL, "SM1")
    desk.finish(later, decision(reason)) if reason else desk.abandon(later)

    assert {reason or Reason.LEDGER_DOWN: 3} == counts(desk)
    assert RECEIVED_MICROS == desk.tally().received_micros


def test_a_refused_message_meets_silence_and_costs_its_receipt(desk):
    """The provider charges for receiving it, whatever we do."""
    silence = open_(desk, STRANGER, "SM1")

    assert (Reason.UNSERVED, 200, b"<Response/>") == (silence.reason, silence.start["status"], silence.body["body"])
    assert RECEIVED_MICROS == desk.tally().received_micros


@pytest.mark.parametrize("reason", [Reason.OPTED_OUT, Reason.SENDER_LIMIT, Reason.BLOCK_LIMIT, Reason.KITTY_SPENT])
def test_what_the_ledger_refuses_meets_silence(desk, reason):
    """The ledger's reason is the one that is counted."""
    assert reason is desk.finish(open_(desk, PAUL, "SM1"), decision(reason)).reason
    assert {reason: 1} == counts(desk)


def test_what_the_ledger_said_is_remembered(desk):
    """The next message is refused without it."""
    desk.finish(open_(desk, PAUL, "SM1"), decision(Reason.ANSWERED, Bucket(GRANT, NOW_MS)))

    assert Reason.SENDER_LIMIT is open_(desk, PAUL, "SM2").reason


def test_who_was_paid_for_and_says_stop_is_remembered(desk):
    """The word meets silence, and so does everything after it."""
    request_ = open_(desk, PAUL, "SM1", text="STOP")

    assert isinstance(request_, OptOut)
    assert Reason.OPTED_OUT is desk.finish_opt_out(request_, known=True).reason
    assert Reason.OPTED_OUT is open_(desk, PAUL, "SM2").reason
    assert {Reason.OPTED_OUT: 2} == counts(desk)


def test_a_stranger_who_says_stop_leaves_no_trace(desk):
    """Somebody who was never answered gets silence, and a reply if they change their mind."""
    silence = desk.finish_opt_out(open_(desk, PAUL, "SM1", text="STOP"), known=False)

    assert Reason.OPTED_OUT is silence.reason
    assert isinstance(open_(desk, PAUL, "SM2"), Question)


def test_a_question_that_the_ledger_did_not_answer_meets_silence(desk):
    """The sender is not used up by it: the retry asks again."""
    silence = desk.abandon(open_(desk, PAUL, "SM1"))

    assert (Reason.LEDGER_DOWN, 200) == (silence.reason, silence.start["status"])
    assert isinstance(open_(desk, PAUL, "SM2"), Question)


def test_a_tally_is_of_its_instant(desk):
    """What was told does not change under whoever tells it."""
    before = desk.tally()
    desk.refuse(Reason.NOT_FOUND)

    assert [0, 1] == [tally.counts[Reason.NOT_FOUND] for tally in (before, desk.tally())]


def test_every_message_is_counted_once(desk):
    """The counts add up to the requests, and what receiving cost to the messages, each of which came twice."""
    for number in range(30):
        opened = open_(desk, [PAUL, MARC, STRANGER][number % 3], f"SM{number // 2}")
        if isinstance(opened, Question):
            opened = desk.finish(opened, decision(Reason.ANSWERED, Bucket(GRANT, NOW_MS)))
        assert isinstance(opened, Answer)
    tally = desk.tally()

    assert 30 == sum(tally.counts.values())
    assert RECEIVED_MICROS * 15 == tally.received_micros


def test_the_limit_of_a_body_is_that_of_the_file():
    """Whoever reads the body needs it too."""
    text = config().replace("[server]", "[server]\nbody-bytes-max = 2000")

    assert 2000 == desk_of(setup_of(text)).body_bytes_max


def test_the_methods_are_those_of_the_provider():
    """46elks posts and nothing else, so a GET there is a wrong method."""
    text = config().replace('provider = "twilio"', 'provider = "46elks"')
    desks = [desk_of(setup_of(text)), desk_of(setup_of())]

    assert [Reason.WRONG_METHOD, None] == [
        greeted and greeted.reason for greeted in (d.precheck("GET", {}, None) for d in desks)
    ]


def write(desk, message_id="SM1", now_ms=NOW_MS, url=URL, secret=SECRET, **changes):
    """Bring a form to the desk that differs in some fields; signed for that address, with that secret."""
    form = {**fields(PAUL, "salut", message_id), **changes}
    headers = {
        b"content-type": b"application/x-www-form-urlencoded",
        b"x-twilio-signature": sign(form, secret, url).encode(),
    }
    return desk.handle("POST", b"", headers, urlencode(form).encode(), now_ms)


def test_what_is_no_message_meets_silence_and_costs_nothing(desk):
    """A report of what became of a reply is counted under its own reason, and is neither a message nor received."""
    silence = write(desk, SmsStatus="delivered", MessageStatus="delivered")

    assert (Reason.NOT_A_MESSAGE, 200, b"<Response/>") == (
        silence.reason,
        silence.start["status"],
        silence.body["body"],
    )
    assert Tally(dict.fromkeys(Reason, 0) | {Reason.NOT_A_MESSAGE: 1}, 0) == desk.tally()


def test_who_withholds_a_number_is_received(desk):
    """A blank sender is no person; the message was delivered, and is paid for."""
    assert Reason.NOT_A_PERSON is write(desk, From="").reason
    assert RECEIVED_MICROS == desk.tally().received_micros


@pytest.mark.parametrize("word", ["START", "HELP"])
def test_what_the_provider_answers_itself_is_never_answered(desk, word):
    """Its own word counts, whatever the text; nobody is silenced by it."""
    assert Reason.OPTED_OUT is write(desk, Body="OUI", OptOutType=word).reason
    assert isinstance(write(desk, "SM2"), Question)


def test_the_provider_s_stop_is_one_in_any_language(desk):
    """Twilio's Advanced Opt-Out knows the words of the operator's own list."""
    assert isinstance(write(desk, Body="Arrêtez tout", OptOutType="STOP"), OptOut)


def test_a_stop_that_the_ledger_did_not_hear_is_remembered_until_it_does(desk):
    """Until then its sender gets nothing from this worker; then the ledger says for how long."""
    desk.abandon(open_(desk, PAUL, "SM1", text="STOP"))
    desk.abandon(open_(desk, MARC, "SM2", text="STOP"))
    meanwhile = [open_(desk, sender, "SM3").reason for sender in (PAUL, MARC)]
    paul, marc = desk.untold()
    desk.told(paul, known=True)
    desk.told(marc, known=False)

    assert [Reason.OPTED_OUT] * 2 == meanwhile
    assert [] == desk.untold()
    assert Reason.OPTED_OUT is open_(desk, PAUL, "SM4").reason
    assert isinstance(open_(desk, MARC, "SM5"), Question)


def test_stops_that_the_ledger_did_not_hear_are_bounded(desk, monkeypatch):
    """What no longer fits is as if it had not been said; the same sender takes one place."""
    monkeypatch.setattr(edge.core.answering.desk, "OPT_OUTS_MAX", 2)
    stops = [open_(desk, sender, sender, text="STOP") for sender in (PAUL, PAUL, MARC, "+33639987777")]
    for stop in stops:
        desk.abandon(stop)

    assert [PAUL, MARC] == [request.message.sender for request in desk.untold()]
    assert isinstance(open_(desk, "+33639987777", "SM9"), Question)


def test_whatever_is_raised_the_message_was_received(desk, monkeypatch):
    """A fault within the gate, or what the ledger raised: the provider charges for it all the same."""
    monkeypatch.setattr(Gate, "judge", _fail)
    with pytest.raises(OverflowError):
        open_(desk, PAUL, "SM1")
    monkeypatch.undo()
    question = open_(desk, PAUL, "SM2")

    assert 2 * RECEIVED_MICROS == question.charge.received_micros
    assert Reason.FAULT is desk.abandon(question, Reason.FAULT).reason
    assert 2 * RECEIVED_MICROS == desk.tally().received_micros
    assert isinstance(open_(desk, PAUL, "SM3"), Question)


def test_a_number_that_is_not_ours_is_named_once(desk):
    """Without it: a log holds no numbers. The message is answered as any other."""
    assert all(
        isinstance(write(desk, sid, To="+33937000001", From=sender), Question)
        for sid, sender in (("SM1", PAUL), ("SM2", MARC))
    )

    [notice] = desk.notices()
    assert notice.startswith("number.phone: the provider sends messages here that were written to another number")
    assert "937000001" not in notice
    assert [] == desk.notices()


def test_where_the_provider_does_not_say_to_whom_it_is_to_us(desk):
    """A blank number is no other number."""
    write(desk, To="")

    assert [] == desk.notices()


def test_why_nothing_verifies_is_said_once_a_minute(desk):
    """What would have verified, as soon as that is known; a clock that stepped back does not silence it."""
    http = URL.replace("https", "http")
    said = []
    for second in (0, 1, 59, 60, 61, 30):
        write(desk, "SM1", NOW_MS + 1_000 * second, http)
        said.append(desk.notices())

    line = ["bad_signature: it would verify if number.url had http instead of https"]
    assert [line, [], [], line, [], line] == said


def test_a_stranger_takes_no_minute_from_the_provider(desk):
    """Of a forged request there is nothing to say: ten seconds later the next one is looked at, and not before: a look takes long."""
    open_(desk, PAUL, "SM1")
    http = URL.replace("https", "http")
    said = []
    for ms, url, secret in ((0, URL, "forged"), (9_999, http, SECRET), (10_000, http, SECRET), (30_000, http, SECRET)):
        write(desk, "SM2", NOW_MS + ms, url, secret=secret)
        said.append(desk.notices())

    assert [[], [], ["bad_signature: it would verify if number.url had http instead of https"], []] == said


def test_a_stranger_is_talked_of_until_a_message_has_come(desk):
    """Before, it may be the provider under another secret; afterwards forgeries say nothing."""
    open_(desk, PAUL, "SM1", secret="forged")
    before = desk.notices()
    open_(desk, STRANGER, "SM2")
    write(desk, "SM3", NOW_MS + MINUTE_MS, secret="forged")

    assert ["bad_signature: no other spelling of number.url"] == [line[:46] for line in before]
    assert [] == desk.notices()


def _fail(*_):
    raise OverflowError


def test_a_query_that_is_too_large_is_refused_unread(desk):
    """With GET the message stands in it, and the body's limit holds for it as well."""
    answers = [desk.handle("GET", b"x" * length, {}, b"", NOW_MS) for length in (32_768, 32_769)]

    assert [Reason.BAD_SIGNATURE, Reason.TOO_LARGE] == [answer.reason for answer in answers]
