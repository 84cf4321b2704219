"""Gates and ledgers against a naive model that keeps a list of all events and adds up from the beginning, every time.

The model knows no bucket. A limit is broken if in any interval more was taken than the burst of the file by which the last reply
was paid, and what the fastest rate of all files in force in it has added; time is the ledger's clock, of which only what lies
beyond all that it has said before counts, and what it goes on by behind that.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
)

from edge.core.answering.gate import Gate
from edge.core.answering.memory import Memory
from edge.core.answering.routes import Routes
from edge.core.charging.charge import Tally
from edge.core.charging.ledger import RETRY_HORIZON_MS
from edge.core.charging.pace import cost_at
from edge.core.charging.question import OptOut, Question, Route
from edge.core.kept.hours import hour_of
from edge.core.kept.instant import PATIENCE_MS
from edge.core.limits.bucket import GRANT, UNUSED, count_limit
from edge.core.limits.rules import Pace, Rules, Sharing
from edge.core.seen.knocks import ROW_BYTES, Knocks
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.ledger.opening import Place, prepare
from edge.ledger.sqlite import SqliteLedger
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger import parts
from tests.ledger.machines import run_machine
from tests.ledger.parts import NOW_MS
from tests.torture import examples

DEAREST_MICROS, RECEIVED_MICROS = 90_000, 7_500
PRICES = [(40_000, DEAREST_MICROS), (DEAREST_MICROS, 40_000), (1, DEAREST_MICROS), (DEAREST_MICROS, 89_999)]
"""Of a reply to the two prefixes."""
KNOCK_AFTER_MS, KNOCKS_MOST = 20 * MINUTE_MS, 3
KITTIES_MICROS = [300_000, 30_000_000]
"""Of a few replies, and of more than anybody gets."""


@dataclass(frozen=True)
class Room:
    """A limit as the static file has it: so much at once, and so much each period; grants, or micros."""

    burst: int
    amount: int
    period_ms: int

    @property
    def per_ms(self):
        """The rate."""
        return Fraction(self.amount, self.period_ms)


@dataclass(frozen=True)
class File:
    """The limits of one static file."""

    sender: Room
    block: Room
    pace: Room
    share_thousandths: int = 0
    """The part of the pace, or of each number's share, that is kept for second knocks; it holds the dearest reply."""
    numbers: int = 1
    own_blocks: bool = False
    """Whether the limit of a block is that of the sender's numbering plan, and the rules' one is another's."""

    @property
    def share(self):
        """Return the part of the pace that each number has."""
        return self._part(self.pace, Fraction(1, self.numbers))

    @property
    def kept(self):
        """Return the part of that which is kept."""
        return self._part(self.share, Fraction(self.share_thousandths, 1000))

    @property
    def reserve(self):
        """Return what all of them keep."""
        return self._part(self.kept, self.numbers)

    @staticmethod
    def _part(room, part):
        return Room(int(room.burst * part), int(room.amount * part), room.period_ms)


BURSTS = [(1, 2, 100_000), (4, 9, 270_000)]
RATES = [((1, DAY_MS), (1, 7 * HOUR_MS + 1), (200_001, DAY_MS)), ((2, 8 * HOUR_MS), (3, HOUR_MS), (600_000, DAY_MS))]
FILES = [
    File(*starmap(Room, ((b, *r) for b, r in zip(bursts, rates, strict=True)))) for bursts in BURSTS for rates in RATES
]
"""Small and large bursts, slow and fast rates; some rates are fractions that nothing divides."""
FILES += [
    replace(file, share_thousandths=share, own_blocks=True) for file, share in zip(FILES[2:], (400, 617), strict=True)
]
SEVERAL = [
    replace(FILES[2], numbers=2),
    replace(FILES[5], pace=Room(540_001, 600_001, DAY_MS), share_thousandths=400, numbers=2),
]
"""Two numbers, with and without a part that each keeps: of these files two may be in force together, and with those above."""
PHONES = ("+33937000000", "+33937000001")
ELSEWHERE = count_limit(burst=1, count=1, period_ms=400 * DAY_MS)
"""The limit of a block in a plan from which nobody writes."""
SENDERS = ["+33600000000", "+33600000001", "+33600010000", "+447700900001"]
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
NUMBERS = st.sampled_from(PHONES)
"""To which is written; where there is one, whichever is meant."""
IN_MEMORY = Path("/dev/shm")
LIMITS = {"sender": Reason.SENDER_LIMIT, "block": Reason.BLOCK_LIMIT, "pace": Reason.PACE_LIMIT}


@dataclass
class Event:
    """One reply that the ledger paid."""

    message_id: str
    sender: str
    at_ms: int
    """By the ledger's time."""
    micros: int
    files: frozenset[File]
    """Those that were in force since the event before it."""
    number: str = ""
    """The one whose share it was paid from; blank where there was one."""
    drew: bool = False
    """Whether it was paid out of the reserve."""

    def takes(self, what):
        """Return how much of a limit it takes."""
        drawn = self.micros * self.drew
        return {"pace": self.micros, "share": self.micros, "reserve": drawn, "kept": drawn}.get(what, 1)

    def bears_on(self, what, other):
        """Return whether it bears on the same sender, block or pace as another one."""
        if what in ("share", "kept"):
            return self.number == other.number
        length = {"sender": None, "block": -4, "pace": 0, "reserve": 0}[what]
        return self.sender[:length] == other.sender[:length]


class Noted(Knocks):
    """The knocks of a machine, and whether the message that was judged last knocked."""

    knocked = False

    def note(self, sender, now_ms):
        """Note a message."""
        self.knocked = super().note(sender, now_ms)
        return self.knocked


@dataclass
class Worker:
    """The gates of its numbers and a ledger, and the clock of the machine that they are on."""

    gates: list[Gate]
    knocks: Noted
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
        """What the ledger's clock says."""
        self.time_ms = self.clock_ms = 0
        """Its time as it was last written, and what the clock said then."""
        self.files: list[File] = []
        self.in_force: set[File] = set()
        """Since the last event."""
        self.skews_ms = [0, 0]
        self.kitties: list[int] = []
        self.prices: tuple[int, int]
        self.tables = [memoryview(bytearray(16 * ROW_BYTES)) for _ in range(2)]
        self.reserve = UNUSED
        """As the ledger last said it."""
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

    @initialize(
        skew=st.sampled_from([0, 5, -MINUTE_MS, 3 * HOUR_MS]),
        file=st.sampled_from(FILES) | st.sampled_from(SEVERAL),
        kitty=st.sampled_from(KITTIES_MICROS),
        prices=st.sampled_from(PRICES),
    )
    def begin(self, skew, file, kitty, prices):
        """Start two workers, the second perhaps on a machine whose clock is wrong."""
        self.skews_ms[1], self.prices = skew, prices
        self.kitties = [kitty, kitty]
        self.files, self.in_force = [file, file], {file}
        self.workers = [self._worker(n) for n in range(2)]

    @rule(target=messages, n=WORKERS, sender=st.sampled_from(SENDERS), count=st.sampled_from([1, 1, 2, 9]), to=NUMBERS)
    def deliver(self, n, sender, count, to):
        """Somebody writes, perhaps again and again."""
        sent = [self._message(sender, to) for _ in range(count)]
        for message in sent:
            self._deliver(n, message)
        return multiple(*sent)

    @rule(n=WORKERS, times=st.sampled_from([1, 5]), to=NUMBERS)
    def flood(self, n, times, to):
        """All of them write."""
        for sender in SENDERS * times:
            self._deliver(n, self._message(sender, to))

    @rule(n=WORKERS, message=messages)
    def retry(self, n, message):
        """The provider delivers a message again."""
        self._deliver(n, message)

    @rule(target=messages, n=WORKERS, sender=st.sampled_from(SENDERS), to=NUMBERS)
    def ask(self, n, sender, to):
        """Somebody writes, and the ledger takes its time."""
        message = self._message(sender, to)
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
                self._gate(n, ask.message).settle(ask, decision)
            else:
                self._gate(n, ask.message).abandon(ask)

    @rule(n=WORKERS, sender=st.sampled_from(SENDERS), to=NUMBERS)
    def stop(self, n, sender, to):
        """Somebody opts out."""
        stop = Message(sender, "STOP", "stop", to)
        judged = self._gate(n, stop).judge(stop, 0, 0)
        if isinstance(judged, OptOut):
            known = self._run(self.workers[n].ledger.opt_out(judged.key))
            assert any(event.sender == sender for event in self.events) == known
            if known:
                self._gate(n, stop).opted_out(judged)
                self.opted_out.add(sender)
        else:
            assert Reason.OPTED_OUT is judged

    @rule(n=WORKERS)
    def tell(self, n):
        """A worker tells what it has seen."""
        worker = self.workers[n]
        self._run(worker.ledger.tell(Tally({}, worker.received_micros)))
        if self.ledger_ms < self._time() - PATIENCE_MS:
            self._keep_time()
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
        for worker in self.workers:
            worker.misled = True

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

    @rule(n=WORKERS, micros=st.sampled_from([1, 40_000, *KITTIES_MICROS]))
    def raise_kitty(self, n, micros):
        """One worker is started anew with a larger kitty; the other one goes on with its own."""
        self.kitties[n] += micros
        self.restart(n)

    @rule(workers=st.sampled_from([[0], [1], [0, 1]]), file=st.sampled_from(FILES) | st.sampled_from(SEVERAL))
    def reload(self, workers, file):
        """One worker is started anew with other limits, and the other one goes on with its own; or both are."""
        self.in_force.add(file)
        for n in workers:
            self.files[n] = file
            self.restart(n)

    @rule(times=st.integers(1, 12))
    def live(self, times):
        """Time passes as it does in life: a worker is there, and tells the ledger what it has seen."""
        for _ in range(times):
            self.ledger_ms += 5_000
            self.elapsed_ms += 5_000
            self.tell(0)

    # How it is done ----------------------------------------------------------------------------------------------

    def _worker(self, n):
        file = self.files[n]
        block = count_limit(burst=file.block.burst, count=file.block.amount, period_ms=file.block.period_ms)
        rules = Rules(
            sender=count_limit(burst=file.sender.burst, count=file.sender.amount, period_ms=file.sender.period_ms),
            block=ELSEWHERE if file.own_blocks else block,
            kitty_micros=self.kitties[n],
            sharing=Sharing(DEAREST_MICROS, file.share_thousandths, file.numbers),
            numbers=PHONES if file.numbers > 1 else (),
        )
        pace = Pace(file.pace.burst, file.pace.amount)
        routes = Routes(
            {
                prefix: Route(
                    reply, cost_at(micros, pace, rules.sharing), block_limit=block if file.own_blocks else None
                )
                for reply, (prefix, micros) in enumerate(zip(("+33", "+44"), self.prices, strict=True))
            }
        )
        knocks = Noted(b"k", self.tables[n], after_ms=KNOCK_AFTER_MS, most=KNOCKS_MOST)
        memory = Memory(rules)
        gates = [
            Gate(
                rules=rules, routes=routes, own=[], paused=False, block_digits=4, key=b"k", knocks=knocks, number=number,
                memory=memory,
            )
            for number in rules.numbers or [""]
        ]  # fmt: skip
        return Worker(gates, knocks, self.open(rules, lambda ids: gates[0].hear(ids, self._now_ms(n))))

    def _gate(self, n, message):
        gates = self.workers[n].gates
        return gates[PHONES.index(message.to) % len(gates)]

    def _number(self, file, message):
        return message.to if file.numbers > 1 else ""

    def _message(self, sender, to):
        self.count += 1
        return Message(sender, "salut", f"m{self.count}", to)

    def _deliver(self, n, message):
        worker = self.workers[n]
        judged = self._judge(n, message)
        expected = self._expected(n, message, worker.received_micros, knocked=worker.knocks.knocked)
        certain = not worker.asks and not worker.misled
        if isinstance(judged, Question):
            decision = self._admit(n, judged)
            self._gate(n, message).settle(judged, decision)
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
        received, worker.knocks.knocked = worker.received_micros + RECEIVED_MICROS, False
        judged = self._gate(n, message).judge(message, received, self._now_ms(n))
        if isinstance(judged, Route):
            assert message.id in self.paid_at, "answered again, but never paid"
        else:
            worker.received_micros = received
        return judged

    def _admit(self, n, ask):
        worker = self.workers[n]
        decision = self._run(worker.ledger.admit(ask.charge))
        assert self._time() == decision.now_ms
        message_id, paid = ask.charge.message_id, decision.reason is Reason.ANSWERED
        assert (decision.reason is Reason.DUPLICATE) <= (message_id in self.paid_at)
        if message_id not in self.paid_at:
            self._told(worker, ask.charge.received_micros)
        if paid:
            drew, number = self._drew(worker, ask.charge.cost, decision), ask.charge.number
            assert drew <= ask.charge.knock, "a stranger was paid out of the reserve"
            files = frozenset(self.in_force)
            event = Event(message_id, ask.sender, self._time(), ask.charge.cost.micros, files, number, drew)
            self.events.append(event)
            self.in_force = set(self.files)
            self._keep_time()
            self._check_paid(event, n)
        return decision

    def _drew(self, worker, cost, decision):
        """Return whether a reply was paid out of what is kept; a decision says only what one of several numbers keeps."""
        if cost.reserve is None:
            return False
        before = self.reserve
        self.reserve = decision.reserve if cost.whole is None else self._run(worker.ledger.totals()).reserve
        return before != self.reserve

    def _check_paid(self, last, n):
        """P1, P2 and P4, at the moment when a reply is paid."""
        assert last.message_id not in self.paid_at, "charged twice"
        assert last.sender not in self.opted_out, "answered after STOP"
        self.paid_at[last.message_id] = self.elapsed_ms
        spent = sum(event.micros for event in self.events)
        assert spent + self.received_micros <= self.kitties[n], "the kitty is overspent"
        for what in LIMITS:
            self._check_intervals(what, last, getattr(self.files[n], what).burst)
        if self._as_many_numbers(self.files[n]):
            self._check_intervals("share", last, self.files[n].share.burst)
            for what in ("kept", "reserve") if last.drew else ():
                self._check_intervals(what, last, getattr(self.files[n], what).burst)

    def _as_many_numbers(self, file):
        """Return whether there were always as many numbers: else the shares have been others."""
        files = {*self.files, *(other for event in self.events for other in event.files)}
        return {file.numbers} == {other.numbers for other in files}

    def _check_intervals(self, what, last, burst):
        """Look at every interval that ends now: what was taken in it, and the files that were in force in it."""
        taken, files = 0, set(self.files)
        for event in reversed(self.events):
            if event.bears_on(what, last):
                taken += event.takes(what)
                fastest = max(getattr(file, what).per_ms for file in files)
                assert taken <= burst + fastest * (last.at_ms - event.at_ms), f"the limit of the {what} is broken"
            files |= event.files

    def _expected(self, n, message, received_micros, *, knocked):
        """Return the reasons that hold by the list of events, or None where it cannot tell.

        A worker refuses from memory for whichever it knows of; the order is the ledger's.
        """
        micros = self.prices[message.sender.startswith("+44")]
        opted_out, paid_at = message.sender in self.opted_out, self.paid_at.get(message.id)
        if paid_at is not None and not opted_out:
            if self.elapsed_ms - paid_at >= RETRY_HORIZON_MS:
                return None
            # Whoever has the smaller kitty, or another file, may not have heard yet what the other one paid by theirs.
            poorer = self.kitties[n] < max(self.kitties)
            limits = LIMITS.values() if len(set(self.files)) > 1 else ()
            return {Reason.DUPLICATE, *limits} | ({Reason.KITTY_SPENT} if poorer else set())
        if self.went_back:
            return None
        number = self._number(self.files[n], message)
        now = Event(message.id, message.sender, self.ledger_ms, micros, frozenset(), number)
        refusals = {
            reason: self._refuses(what, now, self.files[n]) for what, reason in LIMITS.items() if what != "pace"
        }
        refusals[Reason.PACE_LIMIT] = self._is_out_of_pace(now, self.files[n], knocked=knocked)
        if None in refusals.values():
            return None
        holds = {reason for reason, refuses in refusals.items() if refuses}
        worker = self.workers[n]
        spent = sum(event.micros for event in self.events)
        received = self.received_micros + max(0, received_micros - worker.told_micros)
        if spent + micros + received > self.kitties[n]:
            holds.add(Reason.KITTY_SPENT)
        if opted_out:  # only the ledger knows that for every worker; each knows by itself whom it has answered
            return holds | {Reason.OPTED_OUT} | ({Reason.DUPLICATE} if paid_at is not None else set())
        return holds or {Reason.ANSWERED}

    def _refuses(self, what, now, file):
        """Return whether a limit refuses one more, or None where that hangs on other files or on the last unit of rounding."""
        left = self._left(what, now, file)
        return None if left is None else _is_short(left[0] - 1, (0, left[1]))

    def _is_out_of_pace(self, now, file, *, knocked):
        """Return whether the pace refuses a reply at any price: there has to be room for the dearest."""
        if not self._as_many_numbers(file):
            return None
        pace, reserve = self._left("share", now, file), self._left("kept", now, file)
        whole = self._left("pace", now, file)
        if None in (pace, reserve, whole):
            return None
        assert whole[0] >= pace[0] or file.numbers == 1, "what the others have used is in the way"
        if file.numbers > 1 and _is_short(whole[0] - DEAREST_MICROS, (0, whole[1])) is None:
            return None  # what is rounded of the whole may be in the way
        kept, (left, rounded) = max(0, reserve[0]), pace
        if not file.share_thousandths:
            return _is_short(left - DEAREST_MICROS, (0, rounded))
        from_above = _is_short(left - DEAREST_MICROS - kept, (reserve[1], rounded))
        whole, drawn = (
            _is_short(left - DEAREST_MICROS, (0, rounded)),
            _is_short(reserve[0] - DEAREST_MICROS, (0, reserve[1])),
        )
        from_both = None if None in (whole, drawn) else whole or drawn
        if not knocked or from_above == from_both:
            return from_above
        return None if None in (from_above, from_both) else from_above and from_both

    def _left(self, what, now, file):
        """Return what a limit has left, and by how much less that may be for rounding; None where it hangs on other files."""
        bearing = [event for event in self.events if event.bears_on(what, now)]
        room = getattr(file, what)
        taken, least = 0, room.burst
        for event in reversed(bearing):
            taken += event.takes(what)
            least = min(least, room.burst + room.per_ms * (now.at_ms - event.at_ms) - taken)
        others = {other for event in self.events for other in event.files} | {file}
        if any(getattr(other, what) != room for other in others):
            return None
        rounded = len(bearing) if what in ("pace", "share", "kept") else Fraction(len(bearing), GRANT)
        return least, rounded if room.per_ms.denominator != 1 else 0

    def _time(self):
        """Return the ledger's time."""
        if self.ledger_ms >= self.time_ms - PATIENCE_MS:
            return max(self.time_ms, self.ledger_ms)
        return self.time_ms + min(max(0, self.ledger_ms - self.clock_ms), PATIENCE_MS)

    def _keep_time(self):
        self.time_ms, self.clock_ms = self._time(), self.ledger_ms

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
            assert sum(event.micros for event in self.events) == totals.replies_micros
            assert self.received_micros == totals.received_micros
            counts = Counter(event.number for event in self.events if event.number)
            assert counts == Counter(
                {number: share.replies for number, share in totals.shares.items() if share.replies}
            )
            self._check_hours()
        for worker in self.workers:
            self._run(worker.ledger.close())
        self.runner.close()

    def _check_hours(self):
        """What each number has paid stands in its hours."""
        hours_of_each = self._run(self.workers[0].ledger.hours_of_each(0))
        paid = Counter((event.number, hour_of(event.at_ms)) for event in self.events if event.number)
        kept = {(number, hour.at_ms): hour for number, hours in hours_of_each.items() for hour in hours}
        assert paid == Counter({place: hour.replies for place, hour in kept.items() if hour.replies})
        assert sum(event.micros for event in self.events if event.number) == sum(
            hour.replies_micros for hour in kept.values()
        )


def _is_short(left, rounded):
    """Return whether less than nothing is left, or None where that hangs on what may be more of it, or less, for rounding."""
    more, less = rounded
    return None if -more <= left < less else left < 0


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
        self.folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        self.path = self.folder / "ledger.db"
        prepare(Place(f"sqlite:{self.path}", self.path.parent, "+33937000000"))

    def open(self, rules, hear):
        """Return a ledger."""

        async def open_():
            return SqliteLedger(self.path, rules, lambda: self.ledger_ms, hear)

        return self._run(open_())

    def teardown(self):
        """Leave no file."""
        super().teardown()
        shutil.rmtree(self.folder)


class OnServer(Number):
    """Books on a real server, whose clock is a key."""

    def __init__(self, server):
        self.client = None
        super().__init__()
        self.client = server.client()
        self.books = parts.OnServer(self.runner, server)
        self.ledger_ms = NOW_MS

    @property
    def ledger_ms(self):
        """What the ledger's clock says."""
        return self._ledger_ms

    @ledger_ms.setter
    def ledger_ms(self, now_ms):
        self._ledger_ms = now_ms
        if self.client:
            self.client.set(self.books.key("account:clock"), now_ms)

    def open(self, rules, hear):
        """Return a ledger."""
        return self._run(self.books.make(rules, hear))

    def teardown(self):
        """Leave nothing on the server."""
        super().teardown()
        self.books.clear()
        self.client.close()


@pytest.mark.parametrize(
    ("machine", "count"),
    [(InMemory, examples(60)), (InFile, examples(15))],
    ids=["memory", "sqlite"],
)
def test_no_order_of_events_breaks_a_promise(machine, count, shows):
    """P1, P2 and P4 hold, and nobody is refused who should not be, whatever happens in whatever order."""
    Number.done.clear()
    run_machine(machine, count)
    shows("P1", "P2", "P4", **Number.done)


def test_no_order_of_events_breaks_a_promise_on_a_server(quick_server, shows):
    """The same, where a script decides."""
    Number.done.clear()
    run_machine(partial(OnServer, quick_server), examples(15))
    shows("P1", "P2", "P4", **Number.done)
