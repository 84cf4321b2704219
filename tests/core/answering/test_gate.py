"""Facts about the gate: what it refuses at once, what it asks the ledger, and that its memory never refuses too much."""

import pytest

from edge.core.answering.gate import Gate
from edge.core.answering.routes import Routes
from edge.core.charging.charge import Decision
from edge.core.charging.ledger import RETRY_HORIZON_MS
from edge.core.charging.pace import cost_at
from edge.core.charging.question import OptOut, Question, Route
from edge.core.limits.bucket import GRANT, UNUSED, Bucket, count_limit, money_limit
from edge.core.limits.rules import Cost, Pace, Rules, Sharing
from edge.core.seen.knocks import TABLE_BYTES, Knocks
from edge.core.text.optout import Word
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger

NOW_MS = 1_800_000_000_000
PHONE = "+33937000000"
PAUL, PAULS_NEIGHBOUR, MARC = "+33639981312", "+33639981313", "+33639989999"
BRIT, STRANGER = "+447700900001", "+15550100000"
HOUR_MS = 3_600_000


def cost(micros, burst=1_000_000_000, per_hour=1_000_000_000):
    """Return a cost that takes from a pace of so much an hour; by default one that is never in the way."""
    return Cost(micros, money_limit(price=micros, burst=burst, amount=per_hour, period_ms=HOUR_MS))


def rules(sender=(1, 1, 24 * HOUR_MS), block=(5, 5, HOUR_MS), kitty=2_000_000_000):
    """Return rules from bursts, counts and periods."""
    sender, block = (count_limit(burst=b, count=c, period_ms=p) for b, c, p in (sender, block))
    return Rules(sender, block, kitty)


FRENCH, BRITISH = Route(0, cost(76_300)), Route(1, cost(40_000))


def gate_of(limits=None, *, paused=False, routes=None):
    """Return a gate that serves France and Britain."""
    return Gate(
        rules=limits or rules(),
        routes=Routes(routes or {"+33": FRENCH, "+44": BRITISH}),
        own=[PHONE],
        paused=paused,
        block_digits=4,
        key=b"a key of the tests",
    )


def run(coroutine):
    """Return what a coroutine that never waits comes to."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


class Desk:
    """A gate and a perfect ledger, with nothing in between; several may share the books."""

    def __init__(self, limits=None, books=None, gate=None):
        self.now_ms = NOW_MS
        self.gate = gate or gate_of(limits)
        self.ledger = MemoryLedger(
            limits or rules(), lambda: self.now_ms, lambda ids: self.gate.hear(ids, self.now_ms), books
        )

    def judge(self, sender, message_id, text="salut"):
        """Return the gate's verdict on a message."""
        return self.gate.judge(Message(sender, text, message_id), 7_500, self.now_ms)

    def admit(self, question):
        """Return what the ledger says to a question."""
        return run(self.ledger.admit(question.charge))

    def say(self, sender, message_id):
        """Return what becomes of a message, the ledger's word included."""
        judged = self.judge(sender, message_id)
        if not isinstance(judged, Question):
            return judged
        decision = self.admit(judged)
        self.gate.settle(judged, decision)
        return decision.reason


def test_the_longest_prefix_decides_the_route():
    """A prefix within a prefix has its own text and price; what no prefix matches has none."""
    corsica = Route(2, cost(90_000))
    routes = Routes({"+33": FRENCH, "+334": corsica, "+447": BRITISH})

    assert [FRENCH, corsica, BRITISH] == [routes.find(s) for s in (PAUL, "+33495000000", BRIT)]
    assert [None, None] == [routes.find(s) for s in ("+441632960001", STRANGER)]


def test_the_checks_come_in_the_order_of_the_reasons():
    """Of several reasons the one that stands first in the enum is given, each in its turn."""
    gate = Desk()
    gate.gate.opted_out(OptOut(Message(MARC, "STOP", "SM0"), b"", NOW_MS))
    gate.say(PAUL, "SM1")

    assert Reason.PAUSED is gate_of(paused=True).judge(Message("36184", "STOP", "SM2"), 0, NOW_MS)
    assert Reason.NOT_A_PERSON is gate.judge("36184", "SM2", text="STOP")
    assert Reason.NOT_A_PERSON is gate.judge(PHONE, "SM2")
    assert Reason.OPTED_OUT is gate.judge(MARC, "SM2")
    assert isinstance(gate.judge(STRANGER, "SM2", text="Stop!"), OptOut)
    assert Reason.UNSERVED is gate.judge(STRANGER, "SM2")
    assert FRENCH is gate.judge(PAUL, "SM1")
    assert Reason.SENDER_LIMIT is gate.judge(PAUL, "SM2")


def test_a_question_names_nobody_in_the_clear():
    """What goes to the ledger are keyed hashes of 16 bytes: other keys, other hashes, and no digits of the number."""
    question = Desk().judge(PAUL, "SM1")
    neighbour = Desk().judge(PAULS_NEIGHBOUR, "SM2")

    assert [16, 16] == [len(question.charge.sender), len(question.charge.block)]
    assert (question.charge.block, 7_500) == (neighbour.charge.block, question.charge.received_micros)
    assert 3 == len({question.charge.sender, neighbour.charge.sender, question.charge.block})


def test_the_word_stop_is_put_to_the_ledger_under_the_senders_hash():
    """The ledger knows an opted-out sender by the same hash as a paid one."""
    desk = Desk()
    key = desk.judge(PAUL, "SM1").charge.sender

    assert OptOut(Message(PAUL, "STOP", "SM2"), key, NOW_MS) == desk.judge(PAUL, "SM2", text="STOP")


def test_a_thousand_messages_at_once_ask_the_ledger_once():
    """What the first question would take is taken before it is asked, so that the others are refused from memory."""
    desk = Desk()
    judged = [desk.judge(PAUL, f"SM{n}") for n in range(1000)]

    assert [Reason.SENDER_LIMIT] * 999 == judged[1:]
    assert judged[0].took


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (rules(sender=(2, 1, HOUR_MS)), [Reason.ANSWERED, Reason.ANSWERED, Reason.SENDER_LIMIT]),
        (
            rules(sender=(9, 9, HOUR_MS), block=(1, 1, HOUR_MS)),
            [Reason.ANSWERED, Reason.BLOCK_LIMIT, Reason.BLOCK_LIMIT],
        ),
        (rules(sender=(9, 9, HOUR_MS), kitty=90_000), [Reason.ANSWERED, Reason.KITTY_SPENT, Reason.KITTY_SPENT]),
    ],
)
def test_a_known_limit_refuses_without_the_ledger(limits, expected):
    """Once the ledger's word is known, memory says the same."""
    desk = Desk(limits)

    assert expected == [desk.say(PAUL, f"SM{n}") for n in range(3)]
    assert expected[-1] is desk.judge(PAUL, "SM4")


def test_the_pace_is_one_for_all_senders():
    """A spent pace refuses people who have nothing to do with each other, and money flows back with time."""
    slow = Route(0, cost(76_300, burst=100_000, per_hour=76_300))
    desk = Desk(gate=gate_of(routes={"+": slow}))

    assert [Reason.ANSWERED, Reason.PACE_LIMIT] == [desk.say(sender, sender) for sender in (PAUL, BRIT)]
    desk.now_ms += HOUR_MS
    assert Reason.ANSWERED is desk.say(BRIT, "SM3")


def test_what_the_ledger_refuses_is_given_back():
    """A refused question leaves nothing in memory but what the ledger knows: here, that the sender is at their limit."""
    books = MemoryBooks()
    here, there = Desk(books=books), Desk(books=books)
    there.say(PAUL, "SM1")

    assert Reason.SENDER_LIMIT is here.say(PAUL, "SM2")
    assert {"senders": 1, "blocks": 1, "ids": 1, "opted_out": 0} == here.gate.sizes()
    assert Reason.SENDER_LIMIT is here.judge(PAUL, "SM3")


def test_what_went_unanswered_is_given_back_to_all_that_it_was_taken_from():
    """Neither the sender nor their block nor the pace is used up by it, and nothing of it stays in memory."""
    slow = Route(0, cost(76_300, burst=100_000, per_hour=76_300))
    desk = Desk(gate=gate_of(rules(block=(1, 1, HOUR_MS)), routes={"+": slow}))
    for n in range(3):
        desk.gate.abandon(desk.judge(PAUL, f"SM{n}"))

    assert {"senders": 0, "blocks": 0, "ids": 0, "opted_out": 0} == desk.gate.sizes()
    assert [Question, Reason] == [type(desk.judge(sender, sender)) for sender in (PAULS_NEIGHBOUR, PAUL)]


def test_no_more_of_the_pace_is_given_back_than_was_taken():
    """Of two questions in flight one goes unanswered: the other one still holds its part."""
    desk = Desk(gate=gate_of(routes={"+": Route(0, cost(76_300, burst=152_600, per_hour=76_300))}))
    asks = [desk.judge(sender, sender) for sender in (PAUL, MARC)]
    desk.gate.abandon(asks[0])

    assert [Question, Reason] == [type(desk.judge(sender, f"to {sender}")) for sender in (BRIT, STRANGER)]


def test_what_others_have_spent_of_the_pace_is_learned():
    """A question that the ledger refuses for the pace spares it the next ones, whoever asks."""
    slow, books = Route(0, cost(76_300, burst=100_000, per_hour=76_300)), MemoryBooks()
    here, there = (Desk(books=books, gate=gate_of(routes={"+": slow})) for _ in range(2))
    there.say(PAUL, "SM1")

    assert [Reason.PACE_LIMIT, Reason.PACE_LIMIT] == [here.say(MARC, "SM2"), here.judge(BRIT, "SM3")]


@pytest.mark.parametrize("bucket", [UNUSED, Bucket(GRANT, NOW_MS - 24 * HOUR_MS), Bucket(0, NOW_MS)])
def test_a_full_bucket_is_not_kept(bucket):
    """What the ledger tells of senders and blocks that are at no limit takes no room."""
    gate = gate_of()
    question = gate.judge(Message(PAUL, "", "SM1"), 0, NOW_MS)
    gate.settle(question, Decision(Reason.KITTY_SPENT, bucket, bucket, bucket, 0, NOW_MS))

    assert {"senders": 0, "blocks": 0, "ids": 0, "opted_out": 0} == gate.sizes()


def test_an_answered_message_is_known_without_hearing_of_it():
    """The answer itself says so."""
    gate = gate_of()
    message = Message(PAUL, "", "SM1")
    gate.settle(gate.judge(message, 0, NOW_MS), Decision(Reason.ANSWERED, UNUSED, UNUSED, UNUSED, 0, NOW_MS))

    assert FRENCH is gate.judge(message, 0, NOW_MS)


def test_a_refused_twin_gives_back_nothing():
    """It took nothing: the first one is still being asked about, and the sender has no other reply meanwhile."""
    desk = Desk()
    _, twin = desk.judge(PAUL, "SM1"), desk.judge(PAUL, "SM1")
    desk.gate.settle(twin, Decision(Reason.KITTY_SPENT, UNUSED, UNUSED, UNUSED, 0, NOW_MS))

    assert Reason.SENDER_LIMIT is desk.judge(PAUL, "SM2")


def test_part_of_a_burst_is_given_back_where_part_is_spent():
    """One of two questions goes unanswered: the sender still has one reply, not two and not none."""
    desk = Desk(rules(sender=(2, 1, HOUR_MS)))
    desk.say(PAUL, "SM1")
    desk.gate.abandon(desk.judge(PAUL, "SM2"))

    assert [Reason.ANSWERED, Reason.SENDER_LIMIT] == [desk.say(PAUL, f"SM{n}") for n in (3, 4)]


def test_a_refusal_leaves_no_trace():
    """However many are refused, the memory holds as much as before."""
    books = MemoryBooks()
    here, there = (Desk(rules(kitty=100_000), books=books) for _ in range(2))
    there.say(PAUL, "SM")
    said = [here.say(f"+3363971{n:04}", f"SM{n}") for n in range(100)]

    assert [Reason.KITTY_SPENT] * 100 == said
    assert {"senders": 0, "blocks": 0, "ids": 1, "opted_out": 0} == here.gate.sizes()


def test_a_retry_of_a_paid_message_is_answered_from_memory():
    """Whoever charged it, once a worker has heard of it the ledger is not asked again."""
    books = MemoryBooks()
    here, there = Desk(books=books), Desk(books=books)
    there.say(PAUL, "SM1")
    here.say(MARC, "SM2")

    assert [FRENCH, FRENCH] == [here.judge(PAUL, "SM1"), here.judge(MARC, "SM2")]


def test_a_retry_is_known_for_as_long_as_providers_retry():
    """A day later, with others written to meanwhile, the retry still leads to the same reply."""
    desk = Desk(rules(sender=(1, 1, HOUR_MS)))
    desk.say(PAUL, "SM1")
    desk.now_ms += RETRY_HORIZON_MS - 1
    desk.say(MARC, "SM2")

    assert FRENCH is desk.judge(PAUL, "SM1")


def test_the_twin_of_a_question_takes_nothing_and_is_paid_once():
    """A retry that overtakes the ledger's answer is asked about as well, without a second charge."""
    desk = Desk()
    first, twin = desk.judge(PAUL, "SM1"), desk.judge(PAUL, "SM1")
    decisions = [desk.admit(twin), desk.admit(first)]
    desk.gate.settle(twin, decisions[0])
    desk.gate.settle(first, decisions[1])

    assert [True, False] == [first.took, twin.took]
    assert [Reason.ANSWERED, Reason.DUPLICATE] == [decision.reason for decision in decisions]
    assert FRENCH is desk.judge(PAUL, "SM1")


@pytest.mark.parametrize("abandoned", [0, 1])
def test_an_abandoned_twin_does_not_make_a_paid_message_unknown(abandoned):
    """If one of two questions about a message is answered, its retry is a retry, whatever became of the other."""
    desk = Desk(rules(sender=(2, 1, HOUR_MS)))
    asks = [desk.judge(PAUL, "SM1"), desk.judge(PAUL, "SM1")]
    answered = asks[1 - abandoned]
    desk.gate.settle(answered, desk.admit(answered))
    desk.gate.abandon(asks[abandoned])

    assert FRENCH is desk.judge(PAUL, "SM1")


def test_a_sender_whom_the_ledger_knows_to_be_silent_is_silent_here():
    """One question is enough to learn that somebody opted out elsewhere."""
    books = MemoryBooks()
    here, there = Desk(books=books), Desk(rules(sender=(2, 1, HOUR_MS)), books=books)
    there.say(PAUL, "SM1")
    run(there.ledger.opt_out(there.judge(PAUL, "SM2").charge.sender))

    assert Reason.OPTED_OUT is here.say(PAUL, "SM3")
    assert Reason.OPTED_OUT is here.judge(PAUL, "SM4")


def test_a_clock_that_stepped_back_empties_the_buckets():
    """The ledger is asked again, and still says no."""
    desk = Desk()
    desk.say(PAUL, "SM1")
    desk.now_ms -= HOUR_MS

    assert isinstance(desk.judge(PAUL, "SM2"), Question)
    assert FRENCH is desk.judge(PAUL, "SM1")


def test_an_answer_from_before_the_clock_stepped_back_teaches_nothing_about_buckets():
    """It would shut them for as long as the step, which may be a year; that the message was paid is kept."""
    desk = Desk()
    before = desk.judge(PAUL, "SM1")
    refused = desk.judge(MARC, "SM2")
    desk.now_ms -= 365 * 24 * HOUR_MS
    now = desk.judge(BRIT, "SM3")
    desk.gate.settle(before, desk.admit(before))
    desk.gate.abandon(refused)

    assert {"senders": 1, "blocks": 1, "ids": 2, "opted_out": 0} == desk.gate.sizes()
    assert FRENCH is desk.judge(PAUL, "SM1")
    assert now.era > before.era


def test_states_are_kept_by_the_workers_own_clock():
    """A server's clock that is an hour ahead, or behind, makes nobody wait an hour longer."""
    limit = count_limit(burst=1, count=1, period_ms=HOUR_MS)
    for ahead_ms in (-HOUR_MS, HOUR_MS):
        gate = gate_of(Rules(limit, limit, 10**9))
        question = gate.judge(Message(PAUL, "", "SM1"), 0, NOW_MS)
        used = Bucket(GRANT, NOW_MS + ahead_ms)
        gate.settle(question, Decision(Reason.ANSWERED, used, used, UNUSED, 0, NOW_MS + ahead_ms))

        assert Reason.SENDER_LIMIT is gate.judge(Message(PAUL, "", "SM2"), 0, NOW_MS + HOUR_MS - 1)
        assert isinstance(gate.judge(Message(PAUL, "", "SM2"), 0, NOW_MS + HOUR_MS), Question)


def test_a_pause_by_hand_is_heard_and_learned():
    """Told, or refused by the ledger for it, a gate is silent from memory until it hears the end; what the file says stays."""
    books = MemoryBooks()
    gate, other = Desk(books=books), Desk(books=books)
    run(other.ledger.pause(None))
    first, second = gate.say(PAUL, "SM1"), gate.judge(PAUL, "SM1")
    gate.gate.pause(paused=False)
    by_file = gate_of(paused=True)
    by_file.pause(paused=False)

    assert (Reason.PAUSED, Reason.PAUSED) == (first, second)
    assert isinstance(gate.judge(PAUL, "SM1"), Question)
    assert Reason.PAUSED is by_file.judge(Message(PAUL, "salut", "SM1"), 0, NOW_MS)


@pytest.mark.parametrize("by_file", [True, False])
def test_a_stop_counts_while_it_is_paused(by_file):
    """Who was answered before and says it then is never answered again; whatever else is written is silence, and nothing is asked for it."""
    desk, gate = Desk(), gate_of(paused=by_file)
    desk.say(PAUL, "SM1")
    gate.pause(paused=True)
    stop = gate.judge(Message(PAUL, "Stop!", "SM2"), 0, NOW_MS)
    by_provider = gate.judge(Message(MARC, "Basta", "SM3", word=Word.STOP), 0, NOW_MS)
    known = run(desk.ledger.opt_out(stop.key))
    gate.opted_out(stop)
    desk.now_ms += 30 * 24 * HOUR_MS

    assert (True, True) == (known, isinstance(by_provider, OptOut))
    assert Reason.OPTED_OUT is desk.say(PAUL, "SM4")
    assert [Reason.PAUSED] * 4 == [
        gate.judge(Message(sender, text, "SM5"), 0, NOW_MS)
        for sender, text in ((PAUL, "STOP"), ("36184", "STOP"), (MARC, "START"), (MARC, "stop it"))
    ]


def sharing_desk():
    """Return a desk whose pace holds eight replies, two of which are kept for who knocks."""
    sharing, pace = Sharing(76_300, 250), Pace(8 * 76_300, 24 * 76_300)
    gate = Gate(
        rules=rules(block=(1000, 1000, HOUR_MS)),
        routes=Routes({"+33": Route(0, cost_at(76_300, pace, sharing))}),
        own=[PHONE],
        paused=False,
        block_digits=4,
        key=b"a key of the tests",
        knocks=Knocks(b"k", memoryview(bytearray(TABLE_BYTES)), after_ms=300_000, most=3),
    )
    return Desk(rules(block=(1000, 1000, HOUR_MS)), gate=gate)


def flood(desk, count=6):
    """Have strangers use up what is theirs of the pace."""
    for number in range(count):
        desk.say(f"+3363998{number:04}", f"F{number}")


def test_who_writes_again_is_answered_out_of_what_is_kept():
    """The first message is refused from memory, the second is put to the ledger, and paid."""
    desk = sharing_desk()
    flood(desk, count=7)
    first = desk.judge(MARC, "SM1")
    desk.now_ms += 300_000

    assert Reason.PACE_LIMIT is first
    assert Reason.ANSWERED is desk.say(MARC, "SM2")


def test_a_retry_of_the_provider_is_no_second_knock():
    """However late it comes; a message after it is."""
    desk = sharing_desk()
    flood(desk, count=7)
    desk.judge(MARC, "SM1")
    desk.now_ms += 300_000
    retried = desk.gate.judge(Message(MARC, "salut", "SM1"), 7_500, desk.now_ms, None)

    assert Reason.PACE_LIMIT is retried
    assert isinstance(desk.judge(MARC, "SM2"), Question)


def test_memory_knows_that_what_is_kept_is_used_up():
    """The third who knocks is not asked about."""
    desk, people = sharing_desk(), [f"+3363997{number:04}" for number in range(3)]
    flood(desk, count=7)
    for number, sender in enumerate(people):
        desk.judge(sender, f"A{number}")
    desk.now_ms += 300_000
    said = [desk.say(sender, f"B{number}") for number, sender in enumerate(people)]

    desk.now_ms += 300_000

    assert [Reason.ANSWERED, Reason.ANSWERED, Reason.PACE_LIMIT] == said
    assert Reason.PACE_LIMIT is desk.judge(people[2], "C2")


def test_memory_keeps_no_more_for_knocks_than_the_ledger():
    """Where knocks have drawn on what is kept, a first message has the room that they left."""
    desk = sharing_desk()
    flood(desk)
    for number in range(2):
        desk.gate.judge(Message(f"+3363997{number:04}", "salut", f"A{number}"), 0, desk.now_ms)
    desk.now_ms += 300_000
    for number in range(2):
        desk.say(f"+3363997{number:04}", f"B{number}")
    desk.now_ms += 2 * HOUR_MS

    assert isinstance(desk.judge(MARC, "SM1"), Question)


def test_who_was_answered_is_not_noted():
    """A refusal for another reason than the pace is no knock, and takes no place in the table."""
    desk = sharing_desk()
    desk.say(MARC, "SM1")
    table = bytes(desk.gate._knocks._table)
    desk.now_ms += 300_000

    assert Reason.SENDER_LIMIT is desk.judge(MARC, "SM2")
    assert table == bytes(desk.gate._knocks._table)
