"""The one fact about the gate that money and fairness rest on: its memory refuses only what the ledger would refuse.

Two workers share the books of a perfect ledger. Messages, retries and twins come to either; questions are decided and
answered late, in any order, or never; the clocks run, and step forward and back. At every refusal the books are looked
at: with what this worker has in flight taken as granted, the ledger must refuse as well. And a message that was paid is
never refused, unless the worker is just asking about others.
"""

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edge.core.answering.gate import Gate
from edge.core.answering.routes import Routes
from edge.core.charging.pace import cost_at
from edge.core.charging.question import Question, Route
from edge.core.limits.bucket import CLEAR, UNUSED, clear_at, count_limit, take
from edge.core.limits.refusal import draws, first_refusal, is_above
from edge.core.limits.rules import Pace, Rules, Sharing
from edge.core.seen.knocks import ROW_BYTES, Knocks
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.units import DAY_MS
from tests.torture import rounds

SENDERS = ["+33639980001", "+33639980002", "+33639981001", "+447700900001"]
"""Two of one block, one of another, and one with a price of their own."""
PROBE = "+33639989999"
RECEIVED_MICROS = 100


class Noted(Knocks):
    """The knocks of a machine, and whether the message that was judged last knocked."""

    knocked = False

    def note(self, sender, now_ms):
        """Note a message."""
        self.knocked = super().note(sender, now_ms)
        return self.knocked


class Pending(msgspec.Struct, eq=False):
    """What a worker waits for."""

    worker: int
    question: Question
    reason: Reason | None = None
    """What the ledger has said; the worker may not have heard yet."""
    decision: object = None

    def holds(self):
        """Return whether memory has taken what the books have not."""
        return self.question.took and self.reason is not Reason.ANSWERED


class World:
    """Two workers, one ledger, and all that is on its way between them."""

    def __init__(self, rules, own, prices, offsets_ms):
        if own is not None and own.refill_ms > rules.block.refill_ms:  # that of the rules counts the longest
            rules, own = msgspec.structs.replace(rules, block=own), rules.block
        self.rules, self.now_ms, self.offsets_ms = rules, 10_000_000, list(offsets_ms)
        self.books, self.waiting, self.received, self.sent = MemoryBooks(), [], [0, 0], 0
        self.routes = Routes({"+33": Route(0, prices[0]), "+44": Route(1, prices[1], block_limit=own)})
        table = memoryview(bytearray(16 * ROW_BYTES))
        self.knocks = [Noted(b"key", table, after_ms=500, most=3) for _ in range(2)]
        self.gates = [
            Gate(rules=rules, routes=self.routes, own=[], paused=False, block_digits=4, key=b"key", knocks=knocks)
            for knocks in self.knocks
        ]
        self.ledgers = [
            MemoryLedger(
                rules, lambda: self.now_ms, lambda ids, n=n: self.gates[n].hear(ids, self.clock(n)), self.books
            )
            for n in range(2)
        ]

    def clock(self, worker):
        """Return the time by a worker's clock."""
        return self.now_ms + self.offsets_ms[worker]

    def wait(self, ms):
        """Let time pass."""
        self.now_ms += ms

    def message(self, worker, sender, number):
        """Bring a message to a worker, which answers it, refuses it, or asks."""
        message = Message(sender, "salut", f"{sender}/{number}")
        received, self.knocks[worker].knocked = self.received[worker] + RECEIVED_MICROS, False
        judged = self.gates[worker].judge(message, received, self.clock(worker))
        if isinstance(judged, Route):
            assert message.id in self.books.ids
            return
        self.received[worker] = received
        if isinstance(judged, Question):
            self.waiting.append(Pending(worker, judged))
        else:
            self.justify(worker, message)

    def justify(self, worker, message):
        """Hold a refusal against the books."""
        taken = [pending.question for pending in self.waiting if pending.worker == worker and pending.holds()]
        gate, block, route = self.gates[worker], message.sender[:-4], self.routes.find(message.sender)
        cost, block_limit = route.cost, route.block_limit or self.rules.block
        sender_state = self.books.senders.get(gate._hash(message.sender), UNUSED)
        block_state = self.books.blocks.get(gate._hash(block), UNUSED)
        senders = [self.rules.sender for question in taken if question.sender == message.sender]
        blocks = [block_limit for question in taken if question.block == block]
        assert first_refusal(
            self.rules,
            cost,
            sender=self.after(self.rules.sender, sender_state, senders),
            block=self.after(block_limit, block_state, blocks),
            pace=self.after(cost.pace, self.books.pace, [question.route.cost.pace for question in taken]),
            spent_micros=self.books.replies_micros + self.books.received_micros,
            now_ms=self.ledger_ms,
            known=self.known(cost, taken),
            knock=self.knocks[worker].knocked,
            block_limit=route.block_limit,
        )
        assert taken or message.id not in self.books.ids

    @property
    def ledger_ms(self):
        """What the ledger's time is now."""
        return self.books.instant.at(self.now_ms).now_ms

    def after(self, limit, bucket, taken):
        """Return a state of the books after these were taken as well."""
        clear = clear_at(limit, bucket)
        for one in taken:
            clear = take(one, clear, self.ledger_ms)
        return clear

    def known(self, cost, taken):
        """Return the pace and the reserve of the books after these were taken as well."""
        pace, reserve = clear_at(cost.pace, self.books.pace), CLEAR
        if cost.reserve is not None:
            reserve = clear_at(cost.reserve.limit, self.books.reserve)
        for question in taken:
            one = question.route.cost
            if not is_above(one, (pace, reserve), self.ledger_ms) and draws(one, (pace, reserve), self.ledger_ms):
                reserve = take(one.reserve.limit, reserve, self.ledger_ms)
            pace = take(one.pace, pace, self.ledger_ms)
        return pace, reserve

    def decide(self, nth):
        """Have the ledger decide one of the questions."""
        for pending in self.waiting[nth : nth + 1]:
            if pending.decision is None:
                pending.decision = next_value(self.ledgers[pending.worker].admit(pending.question.charge))
                pending.reason = pending.decision.reason

    def answer(self, nth):
        """Let a worker hear what the ledger decided."""
        for pending in self.waiting[nth : nth + 1]:
            if pending.decision is not None:
                self.waiting.remove(pending)
                self.gates[pending.worker].settle(pending.question, pending.decision)

    def abandon(self, nth):
        """Let a worker wait no longer, whether the ledger has decided or not."""
        for pending in self.waiting[nth : nth + 1]:
            self.waiting.remove(pending)
            self.gates[pending.worker].abandon(pending.question)

    def step(self, ms):
        """Let the clock that all share step, while both workers are busy enough to notice."""
        self.probe()
        self.now_ms += ms
        self.probe()

    def step_one(self, worker, ms):
        """Let the clock of one worker step against the ledger's."""
        self.probe()
        self.offsets_ms[worker] += ms
        self.probe()

    def probe(self):
        """Have both workers judge a message now."""
        for worker in range(2):
            before, self.sent = len(self.waiting), self.sent + 1
            self.message(worker, PROBE, self.sent)
            self.abandon(before)


def next_value(coroutine):
    """Return what a coroutine that never waits comes to."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


def _limit(burst, count, period_ms):
    return count_limit(burst=burst, count=count, period_ms=period_ms)


def _prices(burst, amount, share=0):
    """Return the costs of a dear and a cheap reply, out of a pace that so much flows into each second."""
    pace = Pace(burst, amount * (DAY_MS // 1_000))
    return [cost_at(micros, pace, Sharing(400, share)) for micros in (400, 300)]


_limits = st.builds(_limit, st.integers(1, 3), st.integers(1, 3), st.integers(100, 3_000))
_nth, _worker, _steps_ms = st.integers(0, 4), st.integers(0, 1), st.integers(-5_000, 5_000)
_events = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 3_000)),
    *[st.tuples(st.just("message"), _worker, st.sampled_from(SENDERS), st.integers(0, 2))] * 3,
    *[st.tuples(st.just("decide"), _nth), st.tuples(st.just("answer"), _nth)] * 2,
    st.tuples(st.just("abandon"), _nth),
    st.tuples(st.just("step"), _steps_ms),
    st.tuples(st.just("step_one"), _worker, _steps_ms),
)
_ASK = ("message", 0, SENDERS[0], 0)


@given(
    rules=st.tuples(st.builds(Rules, _limits, _limits, st.integers(500, 20_000)), st.none() | _limits),
    prices=st.builds(_prices, st.integers(500, 3_000), st.integers(100, 3_000), st.sampled_from([0, 250, 400, 600])),
    offsets_ms=st.sampled_from([(0, 0), (700, -5_000)]),
    events=st.lists(_events, max_size=60),
)
@example(
    # In flight while the clock steps back: its states are those of another time.
    rules=(Rules(_limit(1, 1, 100), _limit(3, 3, 100), 20_000), None),
    prices=_prices(500, 1_000),
    offsets_ms=(0, 0),
    events=[_ASK, ("step", -1), ("decide", 0), ("answer", 0), ("wait", 300), ("step", -1)],
)
@example(
    # Paid, heard of, and then abandoned: still known to be paid when the sender is at the limit.
    rules=(Rules(_limit(2, 1, 900), _limit(3, 3, 100), 20_000), None),
    prices=_prices(3_000, 3_000),
    offsets_ms=(0, 0),
    events=[
        *(_ASK, ("decide", 0), ("abandon", 0)),
        *(("message", 0, SENDERS[0], 1), ("decide", 0), ("answer", 0)),
        *(("message", 0, SENDERS[0], 2), ("decide", 0), ("answer", 0), _ASK),
    ],
)
@settings(max_examples=rounds(50, many=3_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_memory_refuses_only_what_a_perfect_ledger_would(shows, rules, prices, offsets_ms, events):
    """Whatever is in flight, abandoned or retried, and however clocks step, no refusal costs anybody a reply."""
    world = World(*rules, prices, offsets_ms)
    for name, *arguments in events:
        getattr(world, name)(*arguments)
    kinds = [name for name, *_ in events]
    shows(
        "P6", rounds=1, requests=kinds.count("message"), faults=sum(map(kinds.count, ("abandon", "step", "step_one")))
    )
