"""Two machines that receive what is billed by the segment, against a naive model that keeps a list of all deliveries.

Desks, sums in files that outlive their workers, and ledgers are real. The model knows no sum and no mark: a message that one machine
has seen is on the bill once, however often it was delivered there, whoever was killed, and however late it was told.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
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

from edge import wiring
from edge.core.charging.question import Question
from edge.core.seen.sightings import ROW_BYTES
from edge.core.seen.sums import Sums, names_of
from edge.core.wire.answer import Answer
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.meaning import terms
from edge.state.folder import State
from edge.units import DAY_MS, HOUR_MS, MINUTE_MS
from tests.ledger import parts
from tests.ledger.machines import run_machine
from tests.ledger.parts import NOW_MS
from tests.parts import setup_of
from tests.torture import examples
from tests.web.test_numbers import OTHER, two
from tests.worker import PHONE, config, sender

IN_MEMORY = Path("/dev/shm")
KITTY_MICROS = 20_000_000
SETUPS = [
    setup_of(
        text(kitty="20", per_day="4", burst="0.9", block=2).replace(
            "received = ", 'received-media = "0.02"\nreceived = '
        )
    )
    for text in (config, two)
]
"""Of one number, and of two."""
PRICES = {PHONE: 7_500, OTHER: 1_000}
MEDIA_MICROS = 20_000
LENGTHS = [(1, 0), (1, 0), (2, 0), (10, 0), (100, 0), (1, 1), (3, 2)]
"""Segments and pictures."""
OWNER = "0123456789abcdef"
ROWS = 1024
"""Of a table of sightings: more than enough that nothing falls out of a row of eight."""
STEPS_MS = [1, 999, MINUTE_MS, HOUR_MS - 1, HOUR_MS, DAY_MS, 3 * DAY_MS]


@dataclass
class Worker:
    """A desk for each number, its sums in a file that it holds, and its ledger."""

    desks: dict
    file: object
    ledger: object
    asks: list = field(default_factory=list)
    """Questions under way."""


@dataclass
class Machine:
    """A folder of sums, a table of what was seen, and the workers that run, of whichever generation."""

    state: State
    folder: Path
    table: memoryview
    workers: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)
    """By message id what it costs, and which number it was for: all that was ever delivered here."""
    copies: dict = field(default_factory=dict)
    """By the teller of sums an older copy of their file."""


class Receiving(RuleBasedStateMachine):
    """Two machines on the same books."""

    messages = Bundle("messages")
    done: ClassVar[Counter[str]] = Counter()

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        self.books = self.make_books()
        self.now_ms = NOW_MS
        self.count = self.count_of_workers = 0
        self.answered = {}
        """The ids, each with its number."""
        self.received_micros = 0
        self.machines = []
        self.setup = self.phones = None

    def make_books(self):
        """Return empty books."""
        raise NotImplementedError

    # What happens ------------------------------------------------------------------------------------------------

    @initialize(workers=st.integers(1, 2), setup=st.sampled_from(SETUPS))
    def begin(self, workers, setup):
        """Start both machines."""
        self.setup, self.phones = setup, [number.phone for number in setup.config.numbers]
        for name in ("one", "two"):
            folder = self.folder / name
            folder.mkdir()
            table = memoryview(bytearray(ROWS * ROW_BYTES))
            self.machines.append(Machine(State(folder, OWNER), folder, table))
        for machine in self.machines:
            for _ in range(workers):
                self.start(machine)

    @rule(
        target=messages, m=st.integers(0, 1), n=st.integers(0, 3), who=st.integers(0, 5), what=st.sampled_from(LENGTHS),
        count=st.sampled_from([1, 2, 5]),
    )  # fmt: skip
    def write(self, m, n, who, what, count):
        """Somebody writes, briefly or at length, with pictures or without, perhaps again and again."""
        sent = [self.message(who, *what) for _ in range(count)]
        for message in sent:
            self.deliver(m, n, message)
        return multiple(*sent)

    @rule(target=messages, m=st.integers(0, 1), segments=st.sampled_from([1, 7]))
    def flood(self, m, segments):
        """All of them write, to all workers of a machine in turn, and everything is delivered twice."""
        sent = [self.message(who, segments) for who in range(6)]
        for n, message in enumerate(sent + sent):
            self.deliver(m, n, message)
        return multiple(*sent)

    @rule(message=messages, m=st.integers(0, 1), n=st.integers(0, 3), times=st.sampled_from([1, 2, 30]))
    def deliver_again(self, message, m, n, times):
        """The provider delivers a message again, answered or refused, to whichever worker of whichever machine."""
        for turn in range(times):
            self.deliver(m, n + turn, message)

    @rule(message=messages, m=st.integers(0, 1), n=st.integers(0, 3))
    def ask(self, message, m, n):
        """It is delivered, and the ledger takes its time."""
        worker = self.worker(m, n)
        judged = self.judge(self.machines[m], worker, message)
        if isinstance(judged, Question):
            worker.asks.append(judged)

    @rule(m=st.integers(0, 1), n=st.integers(0, 3), is_heard=st.booleans())
    def answer(self, m, n, is_heard):
        """The ledger answers a question under way, or its answer is lost."""
        worker = self.worker(m, n)
        if worker.asks:
            question = worker.asks.pop(0)
            decision = self.admit(worker, question)
            if is_heard:
                worker.desks[question.message.to].finish(question, decision)
            else:
                self.done["faults"] += 1
                worker.desks[question.message.to].abandon(question)

    @rule(m=st.integers(0, 1), n=st.integers(0, 3))
    def tell(self, m, n):
        """A worker tells what it has seen."""
        self.tell_all(self.worker(m, n))

    @rule(m=st.integers(0, 1), n=st.integers(0, 3), comes_back=st.booleans())
    def kill(self, m, n, comes_back):
        """`kill -9`: what it was asking and has not told is told by whoever finds its sums."""
        machine = self.machines[m]
        self.end(machine, self.worker(m, n))
        if comes_back or not machine.workers:
            self.start(machine)

    @rule(m=st.integers(0, 1))
    def reload(self, m):
        """New workers stand beside the old ones, of whom the first goes."""
        machine = self.machines[m]
        if len(machine.workers) < 4:
            self.start(machine)
        else:
            worker = machine.workers[0]
            self.tell_all(worker)
            self.end(machine, worker)

    @rule(m=st.integers(0, 1))
    def settle(self, m):
        """Somebody looks for sums that no worker holds any more, and tells them."""
        self.settle_all(self.machines[m])

    @rule(m=st.integers(0, 1))
    def copy(self, m):
        """The disk has the files as they are now."""
        machine = self.machines[m]
        machine.copies |= {worker.file.head.teller: worker.file.path.read_bytes() for worker in machine.workers}

    @rule(m=st.integers(0, 1), is_told=st.booleans(), is_older=st.booleans())
    def lose_power(self, m, is_told, is_older):
        """All workers of a machine end; after three days it comes back, with its files as they were, or, if all was told, with older ones."""
        machine = self.machines[m]
        while machine.workers:
            worker = machine.workers[0]
            if is_older:
                self.tell_all(worker)
            self.end(machine, worker)
            if is_older and worker.file.head.teller in machine.copies:
                worker.file.path.write_bytes(machine.copies[worker.file.head.teller])
        self.wait(3 * DAY_MS)
        if is_told:
            self.settle_all(machine)
        self.start(machine)

    @rule(ms=st.sampled_from(STEPS_MS))
    def wait(self, ms):
        """Time passes."""
        self.now_ms += ms
        self.books.step(ms)

    # How it is done ----------------------------------------------------------------------------------------------

    def message(self, who, segments, pictures=0):
        """Return a message that nobody has sent yet, to each number in turn."""
        self.count += 1
        return Message(
            sender(who * 7_000),
            "Salut",
            f"m{self.count}",
            self.phones[self.count % len(self.phones)],
            None,
            segments,
            bool(pictures),
        )

    def start(self, machine):
        """Start a worker, which begins sums of its own."""
        numbers = terms.phones_of(self.setup.config)
        self.count_of_workers += 1
        file = machine.state._begin(machine.folder, names_of(numbers), f"teller {self.count_of_workers}")
        gates = wiring.gates_of(self.setup)
        desks = wiring.desks_of(self.setup, gates, Sums(file.body.cast("q"), numbers), machine.table)
        hear = partial(lambda gate, ids: gate.hear(ids, self.now_ms), gates[0])
        ledger = self.runner.run(self.books.make(terms.rules_of(self.setup.config), hear, file.head.teller))
        machine.workers.append(Worker(dict(zip(self.phones, desks, strict=True)), file, ledger))

    def end(self, machine, worker):
        """End a worker as it is."""
        self.done["faults"] += 1
        machine.workers.remove(worker)
        worker.file.close()
        self.runner.run(worker.ledger.close())

    def worker(self, m, n):
        """Return one of those that run."""
        workers = self.machines[m].workers
        return workers[n % len(workers)]

    def judge(self, machine, worker, message):
        """Have a desk judge a delivery, and note it."""
        self.done["requests"] += 1
        micros = MEDIA_MICROS if message.has_media else message.segments * PRICES[message.to]
        machine.seen[message.id] = message.to, micros
        return worker.desks[message.to].judge(message, self.now_ms)

    def deliver(self, m, n, message):
        """Have a message answered."""
        worker = self.worker(m, n)
        judged = self.judge(self.machines[m], worker, message)
        if isinstance(judged, Question):
            judged = worker.desks[message.to].finish(judged, self.admit(worker, judged))
        assert isinstance(judged, Answer)
        assert (judged.reason in {Reason.ANSWERED, Reason.DUPLICATE}) <= (message.id in self.answered)

    def admit(self, worker, question):
        """Have a charge decided: P1, and P4."""
        decision = self.runner.run(worker.ledger.admit(question.charge))
        if decision.reason is Reason.ANSWERED:
            assert question.message.id not in self.answered, "charged twice"
            assert decision.spent_micros <= KITTY_MICROS, "the kitty is overspent"
            self.answered[question.message.id] = question.message.to
        return decision

    def tell_all(self, worker):
        """Tell the ledger; what receiving has cost never goes down."""
        self.runner.run(worker.ledger.tell(worker.desks[PHONE].tally()))
        received_micros = self.runner.run(worker.ledger.totals()).received_micros
        assert self.received_micros <= received_micros
        self.received_micros = received_micros

    def settle_all(self, machine):
        """Do as edge/wiring.py does."""
        for left in machine.state.left():
            ledger = self.runner.run(self.books.make(terms.rules_of(self.setup.config), lambda _: None, left.teller))
            self.runner.run(ledger.tell(left.tally))
            left.path.unlink()
            self.runner.run(ledger.forget())
            self.runner.run(ledger.close())

    def teardown(self):
        """When all is told, the bill is what the list of deliveries says, and the hours are the bill."""
        self.done["rounds"] += 1
        try:
            if self.machines:
                self._check()
        finally:
            for machine in self.machines:
                while machine.workers:
                    self.end(machine, machine.workers[0])
            self.books.close()
            self.runner.close()
            shutil.rmtree(self.folder)

    def _check(self):
        for machine in self.machines:
            for worker in machine.workers:
                self.tell_all(worker)
            self.settle_all(machine)
        one, two = (machine.seen for machine in self.machines)
        ledger = self.machines[0].workers[0].ledger
        totals, hours, minutes = (self.runner.run(ask) for ask in (ledger.totals(), ledger.hours(0), ledger.minutes(0)))
        once, each = spent(one | two), spent(one) + spent(two)

        assert once <= totals.received_micros <= each, "a message that a machine has seen is on the bill, and once"
        assert len(self.answered) == totals.replies
        assert totals.received_micros == sum(hour.received_micros for hour in hours)
        assert (totals.replies, totals.replies_micros) == (
            sum(hour.replies for hour in hours),
            sum(hour.replies_micros for hour in hours),
        )
        for name in ("messages", "received_micros", "replies", "replies_micros"):
            assert total(name, hours) == total(name, minutes), name
        if len(self.phones) > 1:
            self._check_each(ledger, hours)

    def _check_each(self, ledger, hours):
        """Of each number the same holds, and together they are what is kept of all."""
        hours_of_each, minutes_of_each = (
            self.runner.run(ask) for ask in (ledger.hours_of_each(0), ledger.minutes_of_each(0))
        )
        one, two = (machine.seen for machine in self.machines)
        for phone in self.phones:
            kept, minutes = hours_of_each[phone], minutes_of_each.get(phone, [])
            own = (
                spent({id_: seen for id_, seen in side.items() if seen[0] == phone}) for side in (one | two, one, two)
            )
            once, here, there = own
            assert once <= total("received_micros", kept) <= here + there, "it is on the bill of its number, and once"
            assert [*self.answered.values()].count(phone) == total("replies", kept)
            for name in ("messages", "received_micros", "replies", "replies_micros"):
                assert total(name, kept) == total(name, minutes), name
        together = [hour for kept in hours_of_each.values() for hour in kept]
        for name in ("messages", "replies", "replies_micros"):
            assert total(name, hours) == total(name, together), name


def spent(seen):
    """Return what messages cost that were seen."""
    return sum(micros for _, micros in seen.values())


def total(name, kept):
    """Return the sum of a field."""
    return sum(getattr(one, name) for one in kept)


class InMemory(Receiving):
    """Books in memory."""

    def make_books(self):
        """Return empty books."""
        return parts.InMemory(self.runner)


class InFile(Receiving):
    """Books in a real file."""

    def make_books(self):
        """Return empty books."""
        return parts.InFile(self.runner, self.folder)


class OnServer(Receiving):
    """Books on a real server."""

    def __init__(self, server):
        self.server = server
        super().__init__()

    def make_books(self):
        """Return empty books."""
        return parts.OnServer(self.runner, self.server)

    def teardown(self):
        """Leave nothing on the server."""
        super().teardown()
        self.books.clear()


@pytest.mark.parametrize(
    ("machine", "count"),
    [(InMemory, examples(8)), (InFile, examples(8))],
    ids=["memory", "sqlite"],
)
def test_the_bill_is_what_was_received(machine, count, shows):
    """P1 and P4 hold, and each message that a machine has seen is on the bill once, whatever happens in whatever order."""
    Receiving.done.clear()
    run_machine(machine, count)
    shows("P1", "P4", **Receiving.done)


def test_the_bill_is_what_was_received_on_a_server(quick_server, shows):
    """The same, where a script decides."""
    Receiving.done.clear()
    run_machine(partial(OnServer, quick_server), examples(6))
    shows("P1", "P4", **Receiving.done)
