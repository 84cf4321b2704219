"""Gates and ledgers against a naive model that keeps a list of all events and adds up from the beginning, every time.

The model knows no bucket. A limit is broken if in any stretch of its events more was taken than what fits in at once and
what time has added since; time is the ledger's clock, of which only the steps forward count.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from edge.core.bucket import count_limit, money_limit
from edge.core.charge import Tally
from edge.core.gate import Gate
from edge.core.ledger import RETRY_HORIZON_MS
from edge.core.message import Message
from edge.core.question import OptOut, Question, Route
from edge.core.reason import Reason
from edge.core.routes import Routes
from edge.core.rules import Cost, Rules
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.ledger.sqlite import SqliteLedger
from edge.ledger.sqlite_file import prepare
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger.parts import NOW_MS
from tests.torture import rounds

BURST_MICROS, PER_DAY_MICROS = 200_000, 600_000
CHEAP_MICROS, DEAR_MICROS, RECEIVED_MICROS = 40_000, 90_000, 7_500
KITTY_MICROS = 300_000
SENDER = (2, 2, 8 * HOUR_MS)
BLOCK = (3, 3, HOUR_MS)

SENDERS = ["+33600000000", "+33600000001", "+33600010000", "+44600010000"]
STEPS_MS = [
    1,
    20 * MINUTE_MS - 1,
    20 * MINUTE_MS,
    96 * MINUTE_MS,
    4 * HOUR_MS - 1,
    4 * HOUR_MS,
    25 * HOUR_MS,
    70 * HOUR_MS,
]
"""Of any clock, forward and back: to the millisecond before a grant is due, and to it."""
WORKERS = st.integers(0, 1)
LIMITS = (
    ("sender", Reason.SENDER_LIMIT, SENDER[0] * SENDER[2] // SENDER[1], lambda _: SENDER[2] // SENDER[1]),
    ("block", Reason.BLOCK_LIMIT, BLOCK[0] * BLOCK[2] // BLOCK[1], lambda _: BLOCK[2] // BLOCK[1]),
    (
        "pace",
        Reason.PACE_LIMIT,
        BURST_MICROS * DAY_MS // PER_DAY_MICROS,
        lambda micros: -(-micros * DAY_MS // PER_DAY_MICROS),
    ),
)
"""What a limit is about, the reason, what fits in, and what a reply of a price takes out, both as milliseconds."""


@dataclass
class Event:
    """One question that the ledger decided; or, without a sender, a look at every block: full ones are forgotten then."""

    message_id: str | None
    sender: str | None
    at_ms: int
    """By the ledger's clock."""
    paid: bool
    micros: int

    def bears_on(self, what, other):
        """Return whether it bears on the same sender, block or pace as another one."""
        if self.sender is None:
            return what == "block"
        length = {"sender": None, "block": -4, "pace": 0}[what]
        return self.sender[:length] == other.sender[:length]


@dataclass
class Worker:
    """A gate and a ledger, and the clock of the machine that they are on."""

    gate: Gate
    ledger: object
    received_micros: int = 0
    told_micros: int = 0
    """What the ledger must know that it has received."""
    asks: list[Question] = field(default_factory=list)
    """Questions under way."""
    latest_ms: int = 0
    misled: bool = False
    """Whether its clock stepped back by less than the time that had passed: it cannot notice, and may be too strict."""


class Number(RuleBasedStateMachine):
    """Two workers on the same books."""

    messages = Bundle("messages")
    done: ClassVar[Counter[str]] = Counter()
    """What all runs together have come to."""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.ledger_ms = NOW_MS
        self.skews_ms = [0, 0]
        self.kitties = [KITTY_MICROS, KITTY_MICROS]
        self.workers: list[Worker] = []
        self.events: list[Event] = []
        self.received_micros = 0
        self.opted_out: set[str] = set()
        self.paid_at: dict[str, int] = {}
        """How far all clocks had come, steps back not counted, when a message was paid."""
        self.elapsed_ms = 0
        self.went_back = False
        self.count = 0

    # What a kind of ledger is ------------------------------------------------------------------------------------

    def open(self, rules, hear):
        """Return a ledger."""
        raise NotImplementedError

    # What happens ------------------------------------------------------------------------------------------------

    @initialize(skew=st.sampled_from([0, 5, -MINUTE_MS, 3 * HOUR_MS]))
    def begin(self, skew):
        """Start two workers, the second perhaps on a machine whose clock is wrong."""
        self.skews_ms[1] = skew
        self.workers = [self._worker(n) for n in range(2)]

    @rule(target=messages, n=WORKERS, sender=st.sampled_from(SENDERS), count=st.sampled_from([1, 1, 2, 9]))
    def deliver(self, n, sender, count):
        """Somebody writes, perhaps again and again."""
        sent = [self._message(sender) for _ in range(count)]
        for message in sent:
            self._deliver(n, message)
        return multiple(*sent)

    @rule(n=WORKERS, message=messages)
    def retry(self, n, message):
        """The provider delivers a message again."""
        self._deliver(n, message)

    @rule(target=messages, n=WORKERS, sender=st.sampled_from(SENDERS))
    def ask(self, n, sender):
        """Somebody writes, and the ledger takes its time."""
        message = self._message(sender)
        judged = self._judge(n, message)
        if isinstance(judged, Question):
            self.workers[n].asks.append(judged)
        return message

    @rule(n=WORKERS, what=st.sampled_from(["answers", "is not heard", "is not asked"]))
    def answer(self, n, what):
        """The ledger answers the first question under way, or its answer is lost, or the question was."""
        worker = self.workers[n]
        self.done["faults"] += what != "answers"
        if worker.asks:
            ask = worker.asks.pop(0)
            decision = None if what == "is not asked" else self._admit(n, ask)
            if decision and what == "answers":
                worker.gate.settle(ask, decision)
            else:
                worker.gate.abandon(ask)

    @rule(n=WORKERS, sender=st.sampled_from(SENDERS))
    def stop(self, n, sender):
        """Somebody opts out."""
        judged = self.workers[n].gate.judge(Message(sender, "STOP", "stop"), 0, 0)
        if isinstance(judged, OptOut):
            known = self._run(self.workers[n].ledger.opt_out(judged.key))
            assert any(event.paid and event.sender == sender for event in self.events) == known
            if known:
                self.workers[n].gate.opted_out(judged)
                self.opted_out.add(sender)
        else:
            assert Reason.OPTED_OUT is judged

    @rule(n=WORKERS)
    def tell(self, n):
        """A worker tells what it has seen."""
        worker = self.workers[n]
        self._run(worker.ledger.tell(Tally({}, worker.received_micros)))
        self.events.append(Event(None, None, self.ledger_ms, paid=False, micros=0))
        self._told(worker, worker.received_micros)

    @rule(ms=st.sampled_from(STEPS_MS))
    def wait(self, ms):
        """Time passes."""
        self.ledger_ms += ms
        self.elapsed_ms += ms

    @rule(ms=st.sampled_from(STEPS_MS))
    def step_back(self, ms):
        """The ledger's clock steps back, and so do those of its machine."""
        self.ledger_ms -= ms
        self.went_back = True
        self.done["faults"] += 1

    @rule(n=WORKERS, ms=st.sampled_from([sign * ms for ms in STEPS_MS for sign in (1, -1)]))
    def skew(self, n, ms):
        """The clock of one worker steps; the ledger's does not."""
        self.skews_ms[n] += ms
        self.done["faults"] += 1
        self.elapsed_ms += max(0, ms)
        self.workers[n].misled |= ms < 0

    @rule(n=WORKERS)
    def restart(self, n):
        """A worker is killed and started again; it forgets, and what it has not told is lost."""
        self.done["faults"] += 1
        self._run(self.workers[n].ledger.close())
        self.workers[n] = self._worker(n)

    @rule(n=WORKERS, micros=st.sampled_from([1, CHEAP_MICROS, KITTY_MICROS]))
    def raise_kitty(self, n, micros):
        """One worker is started anew with a larger kitty; the other one goes on with its own."""
        self.kitties[n] += micros
        self.restart(n)

    # How it is done ----------------------------------------------------------------------------------------------

    def _worker(self, n):
        rules = Rules(
            sender=count_limit(burst=SENDER[0], count=SENDER[1], period_ms=SENDER[2]),
            block=count_limit(burst=BLOCK[0], count=BLOCK[1], period_ms=BLOCK[2]),
            kitty_micros=self.kitties[n],
        )

        def route(reply, micros):
            pace = money_limit(price=micros, burst=BURST_MICROS, amount=PER_DAY_MICROS, period_ms=DAY_MS)
            return Route(reply, Cost(micros, pace))

        routes = Routes({"+33": route(0, CHEAP_MICROS), "+44": route(1, DEAR_MICROS)})
        gate = Gate(rules=rules, routes=routes, own=[], paused=False, block_digits=4, key=b"k")
        return Worker(gate, self.open(rules, lambda ids: gate.hear(ids, self._now_ms(n))))

    def _message(self, sender):
        self.count += 1
        return Message(sender, "salut", f"m{self.count}")

    def _deliver(self, n, message):
        worker = self.workers[n]
        expected = self._expected(n, message)
        judged = self._judge(n, message)
        certain = not worker.asks and not worker.misled
        if isinstance(judged, Question):
            decision = self._admit(n, judged)
            worker.gate.settle(judged, decision)
            if decision.reason is Reason.DUPLICATE:
                worker.received_micros -= RECEIVED_MICROS
            reason = decision.reason
        else:
            reason = Reason.DUPLICATE if isinstance(judged, Route) else judged
        if certain and expected is not None:
            assert reason in expected

    def _judge(self, n, message):
        self.done["requests"] += 1
        worker = self.workers[n]
        worker.misled &= self._now_ms(n) >= worker.latest_ms
        worker.latest_ms = self._now_ms(n)
        received = worker.received_micros + RECEIVED_MICROS
        judged = worker.gate.judge(message, received, self._now_ms(n))
        if isinstance(judged, Route):
            assert message.id in self.paid_at, "answered again, but never paid"
        else:
            worker.received_micros = received
        return judged

    def _admit(self, n, ask):
        worker = self.workers[n]
        decision = self._run(worker.ledger.admit(ask.charge))
        assert self.ledger_ms == decision.now_ms
        message_id, paid = ask.charge.message_id, decision.reason is Reason.ANSWERED
        assert (decision.reason is Reason.DUPLICATE) <= (message_id in self.paid_at)
        if message_id not in self.paid_at:
            self._told(worker, ask.charge.received_micros)
        self.events.append(Event(message_id, ask.sender, self.ledger_ms, paid, ask.charge.cost.micros))
        if paid:
            self._check_paid(message_id, ask.sender, self.kitties[n])
        return decision

    def _check_paid(self, message_id, sender, kitty_micros):
        """P1, P2 and P4, at the moment when a reply is paid."""
        assert message_id not in self.paid_at, "charged twice"
        assert sender not in self.opted_out, "answered after STOP"
        self.paid_at[message_id] = self.elapsed_ms
        spent = sum(event.micros for event in self.events if event.paid)
        assert spent + self.received_micros <= kitty_micros, "the kitty is overspent"
        for what, _, room_ms, cost_ms in LIMITS:
            assert self._fits(what, self.events[-1], 0, room_ms, cost_ms), f"the limit of the {what} is broken"

    def _expected(self, n, message):
        """Return the reasons that hold by the list of events, or None where it cannot tell.

        A worker refuses from memory for whichever it knows of; the order is the ledger's.
        """
        micros = DEAR_MICROS if message.sender.startswith("+44") else CHEAP_MICROS
        opted_out, paid_at = message.sender in self.opted_out, self.paid_at.get(message.id)
        if paid_at is not None and not opted_out:
            if self.elapsed_ms - paid_at >= RETRY_HORIZON_MS:
                return None
            # Whoever has the smaller kitty may not have heard yet what the other one paid out of the larger.
            poorer = self.kitties[n] < max(self.kitties)
            return {Reason.DUPLICATE} | ({Reason.KITTY_SPENT} if poorer else set())
        if self.went_back:
            return None
        now = Event(message.id, message.sender, self.ledger_ms, paid=False, micros=micros)
        holds = {
            reason
            for what, reason, room_ms, cost_ms in LIMITS
            if not self._fits(what, now, cost_ms(micros), room_ms, cost_ms)
        }
        worker = self.workers[n]
        spent = sum(event.micros for event in self.events if event.paid)
        received = self.received_micros + max(0, worker.received_micros + RECEIVED_MICROS - worker.told_micros)
        if spent + micros + received > self.kitties[n]:
            holds.add(Reason.KITTY_SPENT)
        if opted_out:  # only the ledger knows that for every worker; each knows by itself whom it has answered
            return holds | {Reason.OPTED_OUT} | ({Reason.DUPLICATE} if paid_at is not None else set())
        return holds or {Reason.ANSWERED}

    def _fits(self, what, last, more_ms, room_ms, cost_ms):
        """Return whether what was taken in every stretch of events that ends now, and more, was there to be taken."""
        taken_ms, elapsed_ms, later_ms = more_ms, 0, last.at_ms
        for event in reversed([event for event in self.events if event.bears_on(what, last)]):
            elapsed_ms += max(0, later_ms - event.at_ms)
            later_ms = event.at_ms
            taken_ms += cost_ms(event.micros) if event.paid else 0
            if taken_ms > room_ms + elapsed_ms:
                return False
        return True

    def _told(self, worker, received_micros):
        self.received_micros += max(0, received_micros - worker.told_micros)
        worker.told_micros = max(worker.told_micros, received_micros)

    def _now_ms(self, n):
        return self.ledger_ms + self.skews_ms[n]

    def _run(self, coroutine):
        return self.runner.run(coroutine)

    def teardown(self):
        """The books hold what the list of events holds."""
        self.done["rounds"] += 1
        if self.workers:
            totals = self._run(self.workers[0].ledger.totals())
            assert len(self.paid_at) == totals.replies
            assert sum(event.micros for event in self.events if event.paid) == totals.replies_micros
            assert self.received_micros == totals.received_micros
        for worker in self.workers:
            self._run(worker.ledger.close())
        self.runner.close()


class InMemory(Number):
    """Books in memory."""

    def __init__(self):
        super().__init__()
        self.books = MemoryBooks()

    def open(self, rules, hear):
        """Return a ledger."""
        return MemoryLedger(rules, lambda: self.ledger_ms, hear, self.books)


class InFile(Number):
    """Books in a real file."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "ledger.db"
        prepare(self.path)

    def open(self, rules, hear):
        """Return a ledger."""

        async def open_():
            return SqliteLedger(self.path, rules, lambda: self.ledger_ms, hear)

        return self._run(open_())

    def teardown(self):
        """Leave no file."""
        super().teardown()
        shutil.rmtree(self.folder)


@pytest.mark.parametrize(
    ("machine", "examples"),
    [(InMemory, rounds(250, many=1_000)), (InFile, rounds(25, many=150))],
    ids=["memory", "sqlite"],
)
def test_no_order_of_events_breaks_a_promise(machine, examples, shows):
    """P1, P2 and P4 hold, and nobody is refused who should not be, whatever happens in whatever order."""
    Number.done.clear()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    shows("P1", "P2", "P4", **Number.done)
