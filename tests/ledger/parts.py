"""The parts that tests of ledgers are made of: charges, rules, and books of every kind that can be looked into and whose clock steps."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apsw

from edge.core.charging.charge import Charge
from edge.core.charging.ledger import Ledger
from edge.core.kept.paid import Paid
from edge.core.limits.bucket import count_limit, money_limit
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Cost, Rules
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.ledger.opening import Place, create, open_ledger, paid, prepare
from edge.ledger.valkey import Script, ValkeyLedger, key
from edge.units import DAY_MS
from tests.ledger.servers import RunningServer

NOW_MS = 1_800_000_000_000
KEY = b"k" * 32
PHONE = "+33937000000"

MICROS = 76_300
ROOMY = Limit(1, 1_000_000_000, 1, 1)
"""A limit that is in nobody's way."""
SENDER = count_limit(burst=1, count=1, period_ms=DAY_MS)
COST = Cost(MICROS, ROOMY)
RULES = Rules(sender=SENDER, block=ROOMY, kitty_micros=2_000_000_000)


def rules(**changes: Any) -> Rules:
    """Return rules in which only a sender's limit is narrow, but for the changes."""
    return Rules(**{"sender": SENDER, "block": ROOMY, "kitty_micros": RULES.kitty_micros} | changes)


def cost(micros: int = MICROS, *, burst: int, per_day: int) -> Cost:
    """Return a cost under a pace."""
    return Cost(micros, money_limit(price=micros, burst=burst, amount=per_day, period_ms=DAY_MS))


def key16(number: int) -> bytes:
    """Return a keyed hash, as good as any."""
    return number.to_bytes(16, "big")


def charge(
    message: int = 1,
    sender: int | None = None,
    block: int = 0,
    cost: Cost = COST,
    received: int = 0,
    *,
    knock: bool = False,
    number: str = "",
    block_limit: Limit | None = None,
) -> Charge:
    """Return a charge; each message has a sender of its own unless told otherwise."""
    key = key16(message if sender is None else sender)
    return Charge(
        f"SM{message:032x}", key, key16(block), cost, received, knock=knock, number=number, block_limit=block_limit
    )


def ids(*messages: int) -> list[str]:
    """Return the message ids of such charges."""
    return [f"SM{message:032x}" for message in messages]


class Clock:
    """A clock that only moves when told to."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        """Return the instant."""
        return self.now_ms


class Books:
    """Books of one kind, and as many ledgers on them as a test asks for; all in the event loop of the test."""

    place: Place

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self._open: list[Ledger] = []

    def ledger(
        self, rules: Rules = RULES, hear: Callable[[Sequence[str]], None] = lambda _: None, teller: str = ""
    ) -> Any:
        """Return the ledger of one more worker, whose methods return what came of them."""
        ledger = self.runner.run(self.make(rules, hear, teller))
        self._open.append(ledger)
        return Awaited(ledger, self.runner)

    async def make(self, rules: Rules, hear: Callable[[Sequence[str]], None], teller: str = "") -> Ledger:
        """Open a ledger."""
        raise NotImplementedError

    def step(self, ms: int) -> None:
        """Make the ledger's clock step."""
        raise NotImplementedError

    def rows(self) -> int:
        """Return how many things are kept of senders, blocks and charges."""
        raise NotImplementedError

    def paid(self) -> list[Paid]:
        """Return the replies that are kept, as whoever only looks reads them."""
        return paid(self.place)

    def close(self) -> None:
        """Close every ledger."""
        while self._open:
            self.runner.run(self._open.pop().close())


class Awaited:
    """A ledger whose coroutines are run at once."""

    def __init__(self, ledger: Ledger, runner: asyncio.Runner) -> None:
        self.ledger = ledger
        self._runner = runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method that runs the coroutine of the same name."""
        method = getattr(self.ledger, name)
        return lambda *arguments: self._runner.run(method(*arguments))


class InMemory(Books):
    """Books in memory."""

    def __init__(self, runner: asyncio.Runner) -> None:
        super().__init__(runner)
        self.books = MemoryBooks()
        self.clock = Clock()

    def paid(self) -> list[Paid]:
        """Return the replies that are kept."""
        return self.books.paid

    async def make(self, rules: Rules, hear: Callable[[Sequence[str]], None], teller: str = "") -> Ledger:
        """Open a ledger."""
        return MemoryLedger(rules, self.clock, hear, self.books, teller)

    def step(self, ms: int) -> None:
        """Make the ledger's clock step."""
        self.clock.now_ms += ms

    def rows(self) -> int:
        """Return how many things are kept."""
        books = self.books
        return len(books.ids) + len(books.senders) + len(books.blocks) + len(books.opted_out)


class InFile(Books):
    """Books in an SQLite file."""

    def __init__(self, runner: asyncio.Runner, folder: Path, currency: str = "") -> None:
        super().__init__(runner)
        self.place = Place("sqlite:ledger.db", folder, PHONE, currency=currency)
        self.path = folder / "ledger.db"
        self.clock = Clock()
        prepare(self.place)

    async def make(self, rules: Rules, hear: Callable[[Sequence[str]], None], teller: str = "") -> Ledger:
        """Open a ledger."""
        return open_ledger(self.place, rules, self.clock, hear, teller)

    def step(self, ms: int) -> None:
        """Make the ledger's clock step."""
        self.clock.now_ms += ms

    def rows(self) -> int:
        """Return how many things are kept."""
        counts = "SELECT (SELECT count(*) FROM charge) + (SELECT count(*) FROM sender) + (SELECT count(*) FROM block)"
        return int(self.value(f"{counts} + (SELECT count(*) FROM sender WHERE opted_out)"))

    def value(self, sql: str) -> Any:
        """Return the one value that a statement returns."""
        connection = apsw.Connection(str(self.path))
        try:
            [(value,)] = connection.execute(sql)
        finally:
            connection.close()
        return value

    def run(self, sql: str) -> None:
        """Run a statement."""
        connection = apsw.Connection(str(self.path))
        try:
            connection.execute(sql)
        finally:
            connection.close()


CLOCK = b"local clock_ms = "
BY_OUR_CLOCK = Script(
    ValkeyLedger.script.text.replace(
        CLOCK, CLOCK + b"tonumber(redis.call('GET', KEYS[1] .. ':clock')) local real_ms = "
    )
)
"""The script of a server whose clock is a key: that of a real one cannot be moved."""


class OnServer(Books):
    """Books on a server, under a number of their own."""

    _number = 937_000_000

    def __init__(self, runner: asyncio.Runner, server: RunningServer) -> None:
        super().__init__(runner)
        OnServer._number += 1
        self.phone = f"+33{OnServer._number}"
        self.server = server
        self.place = Place(server.url, Path(), self.phone, KEY)
        create(self.place)
        prepare(self.place)
        self.set_clock(NOW_MS)

    async def make(self, rules: Rules, hear: Callable[[Sequence[str]], None], teller: str = "") -> Ledger:
        """Open a ledger."""
        ledger = open_ledger(self.place, rules, Clock(), hear, teller)
        ledger.script = BY_OUR_CLOCK
        return ledger

    def step(self, ms: int) -> None:
        """Make the ledger's clock step."""
        with self.server.client() as client:
            client.incrby(self.key("account:clock"), ms)

    def set_clock(self, now_ms: int) -> None:
        """Set the ledger's clock."""
        with self.server.client() as client:
            client.set(self.key("account:clock"), now_ms)

    def rows(self) -> int:
        """Return how many things are kept."""
        with self.server.client() as client:
            kept = sum(client.zcard(self.key(name)) for name in ("senders", "blocks", "charges"))
            return int(kept + client.scard(self.key("opted_out")))

    def key(self, name: str) -> str:
        """Return the name of one of its keys."""
        return key(self.phone, name)

    def clear(self) -> None:
        """Leave nothing on the server."""
        with self.server.client() as client:
            client.delete(*client.keys(self.key("*")))
