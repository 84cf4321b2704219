"""What a worker does beside the messages goes on, whatever goes wrong in it."""

import asyncio

from edge.errors import LedgerDown
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.meaning.terms import rules_of
from tests.parts import Clock, app_of, deliver, play_in_leaps, running, setup_of
from tests.worker import message_id, sender


def test_looking_around_goes_on_after_a_fault(caplog):
    """Whoever stopped looking would outlive its server: each second it looks again, and the first fault is logged."""

    async def scene(loop):
        seen = []

        def watch():
            seen.append(loop.time())
            raise OSError("odd")

        async with running(app_of(setup_of(), Clock(), watch=watch)):
            await asyncio.sleep(3.5)
        return seen

    assert [1, 2, 3] == play_in_leaps(scene)
    assert 1 == caplog.text.count("fault: OSError")


def test_telling_goes_on_after_a_fault(caplog):
    """What a ledger raises that is not LedgerDown ends no chore: the next second it is told all the same."""
    books = MemoryBooks()

    class Odd(MemoryLedger):
        """A ledger that fails at first, in its own way."""

        tells = 0

        async def tell(self, tally):
            """Fail twice, then listen."""
            Odd.tells += 1
            if Odd.tells < 3:
                raise KeyError("slots")
            return await super().tell(tally)

    async def scene(_):
        setup, clock = setup_of(), Clock()
        app = app_of(setup, clock, open_ledger=lambda: Odd(rules_of(setup.config), clock, lambda _: None, books))
        async with running(app):
            await deliver(app, "12345", "a short code", message_id(1))
            await deliver(app, sender(1), "salut", message_id(2))
            await asyncio.sleep(3.5)
            return dict(books.counts)

    assert 1 == play_in_leaps(scene)["not_a_person"]
    assert 1 == caplog.text.count("fault: KeyError")


def test_a_ledger_that_does_not_even_close_stops_no_end():
    """The worker ends; that is what it was asked for."""

    class Stuck(MemoryLedger):
        """A ledger that cannot be told or closed."""

        async def tell(self, tally):
            """Fail."""
            raise RuntimeError

        async def close(self):
            """Fail."""
            raise RuntimeError

    async def scene(_):
        setup, clock = setup_of(), Clock()
        app = app_of(setup, clock, open_ledger=lambda: Stuck(rules_of(setup.config), clock, lambda _: None))
        async with running(app) as sent:
            pass
        return sent

    assert {"type": "lifespan.shutdown.complete"} == play_in_leaps(scene)[-1]


def test_what_is_done_beside_goes_on_after_a_fault_and_is_ended_before_the_ledger(caplog):
    """It hears what the operator is told, looks every so often, and ends while the ledger is open, even if it fails in that."""

    class Beside:
        """What a worker does beside the messages, badly."""

        pause_s = 2.0

        def __init__(self):
            self.looks, self.ends = [], []

        async def look(self):
            """Look, and fail."""
            self.looks.append(asyncio.get_running_loop().time())
            raise OSError("odd")

        async def close(self):
            """End, and fail."""
            self.ends.append(bool(app.ledger))
            raise OSError("odd")

    beside = Beside()
    app = app_of(setup_of(), Clock(), beside=beside)

    async def scene(_):
        async with running(app) as sent:
            await asyncio.sleep(4.5)
        return sent

    assert {"type": "lifespan.shutdown.complete"} == play_in_leaps(scene)[-1]
    assert ([0, 2, 4], [True]) == (beside.looks, beside.ends)
    assert 1 == caplog.text.count("fault: OSError")


def test_that_the_log_says_why_nothing_verifies_is_noted_in_the_ledger():
    """Whether or not anybody is alerted: for the page. Once for all that is said in a second, as soon as the ledger is there, and of nothing else."""
    books = MemoryBooks()
    answers = [LedgerDown("away"), None]

    class Away(MemoryLedger):
        """A ledger that is away at first."""

        async def note(self, what):
            """Note it, the second time."""
            if answers.pop(0) is not None:
                raise LedgerDown("away")
            await super().note(what)

    app = app_of(
        setup_of(), Clock(), open_ledger=lambda: Away(rules_of(setup_of().config), Clock(), lambda _: None, books)
    )

    async def scene(_loop):
        async with running(app):
            app._desk._notices += ["bad_signature: the secret", "not_found: a slash"]
            await asyncio.sleep(3.5)
            app._desk._notices.append("number.phone: odd")
            await asyncio.sleep(2)

    play_in_leaps(scene)

    assert ([], 1) == (answers, len(books.noted["signature"]))


def test_each_start_is_noted_in_the_ledger_once(caplog):
    """At once, or when the ledger is there and in its senses; with whatever it was a start of."""
    books = MemoryBooks()
    answers = [LedgerDown("away"), OSError("odd"), None]

    class Odd(MemoryLedger):
        """A ledger that is away at first, and then odd."""

        async def note(self, what):
            """Note it, in the end."""
            error = answers.pop(0)
            if error is not None:
                raise error
            await super().note(what)

    async def scene(_loop):
        def ledger():
            return Odd(rules_of(setup_of().config), Clock(), lambda _: None, books)

        async with running(app_of(setup_of(), Clock(), open_ledger=ledger, started="restart")):
            await asyncio.sleep(5)

    play_in_leaps(scene)

    assert ([1, 0], []) == ([len(books.noted[what]) for what in ("restart", "start")], answers)
    assert ["ledger_down: away; silent until it is back", True] == [caplog.messages[0], "fault: OSError" in caplog.text]
