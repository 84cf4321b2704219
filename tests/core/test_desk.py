"""Facts about the desk: one message in, one answer out, and everything counted once."""

import pytest

from edge import wiring
from edge.core.answer import Answer
from edge.core.bucket import GRANT, UNUSED, Bucket
from edge.core.charge import Decision, Tally
from edge.core.question import OptOut, Question
from edge.core.reason import Reason
from tests.parts import NOW_MS, setup_of
from tests.worker import config, request

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


@pytest.mark.parametrize(("method", "length"), [("POST", None), ("POST", 0), ("POST", 16_384), ("GET", None)])
def test_what_a_provider_may_send_is_read(desk, method, length):
    """Every method that the provider uses, up to the last allowed byte, whether or not the length is told."""
    assert None is desk.precheck(method, {}, length)
    assert {} == counts(desk)


@pytest.mark.parametrize(
    ("method", "length", "reason"),
    [("PUT", 16_385, Reason.WRONG_METHOD), ("HEAD", None, Reason.WRONG_METHOD), ("POST", 16_385, Reason.TOO_LARGE)],
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
def test_a_twin_of_what_was_not_paid_is_received_like_any_message(desk, reason):
    """Whether the ledger refuses it or does not answer: it leaves nothing by which it could be told from a new one."""
    for question in (open_(desk, PAUL, "SM1"), open_(desk, PAUL, "SM1")):
        desk.finish(question, decision(reason)) if reason else desk.abandon(question)

    assert {reason or Reason.LEDGER_DOWN: 2} == counts(desk)
    assert 2 * RECEIVED_MICROS == desk.tally().received_micros


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


@pytest.mark.parametrize("text", ["salut", "STOP"])
def test_a_question_that_the_ledger_did_not_answer_meets_silence(desk, text):
    """The sender is not used up by it: the retry asks again."""
    silence = desk.abandon(open_(desk, PAUL, "SM1", text=text))

    assert (Reason.LEDGER_DOWN, 200) == (silence.reason, silence.start["status"])
    assert isinstance(open_(desk, PAUL, "SM2"), Question)


def test_a_tally_is_of_its_instant(desk):
    """What was told does not change under whoever tells it."""
    before = desk.tally()
    desk.refuse(Reason.NOT_FOUND)

    assert [0, 1] == [tally.counts[Reason.NOT_FOUND] for tally in (before, desk.tally())]


def test_every_message_is_counted_once(desk):
    """The counts add up to the requests, and what receiving cost to the messages, retries aside."""
    for number in range(30):
        opened = open_(desk, [PAUL, MARC, STRANGER][number % 3], f"SM{number // 2}")
        if isinstance(opened, Question):
            opened = desk.finish(opened, decision(Reason.ANSWERED, Bucket(GRANT, NOW_MS)))
        assert isinstance(opened, Answer)
    tally = desk.tally()

    assert 30 == sum(tally.counts.values())
    assert RECEIVED_MICROS * (30 - tally.counts[Reason.DUPLICATE]) == tally.received_micros


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
