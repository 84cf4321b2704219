"""Group commit: who shares a step, who gets what when it fails or hangs, and how it ends."""

import asyncio

import pytest

from edge.errors import LedgerDown, LedgerError
from edge.ledger import batcher as module
from edge.ledger import breaker
from edge.ledger.batcher import Batcher

SOON_S = 0.05


class Steps:
    """What does the work: it waits until it is let go, keeps what it was given, and doubles it."""

    def __init__(self):
        self.batches = []
        self.go = asyncio.Event()
        self.go.set()
        self.error = None

    async def run(self, works):
        """Do one batch."""
        self.batches.append(list(works))
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return [2 * work for work in works]


async def settle(*asks):
    """Return what became of questions: answers and errors."""
    return await asyncio.gather(*asks, return_exceptions=True)


def test_what_is_asked_at_once_is_one_step(runner):
    """A hundred questions in one turn of the loop are done together, and each gets its own answer."""

    async def scene():
        steps = Steps()
        batcher = Batcher(steps.run)
        answers = await asyncio.gather(*(batcher.ask(n) for n in range(100)))
        return answers, steps.batches

    answers, batches = runner.run(scene())

    assert [2 * n for n in range(100)] == answers
    assert [list(range(100))] == batches


def test_what_waits_while_one_step_is_done_shares_the_next(runner):
    """Whoever comes during a step waits for the next one, all of them together."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        batcher = Batcher(steps.run)
        first = asyncio.create_task(batcher.ask(1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        others = [asyncio.create_task(batcher.ask(n)) for n in (2, 3, 4)]
        await asyncio.sleep(0)
        steps.go.set()
        return await asyncio.gather(first, *others), steps.batches

    assert ([2, 4, 6, 8], [[1], [2, 3, 4]]) == runner.run(scene())


def test_a_step_is_bounded(runner, monkeypatch):
    """More than fits in one step is done in several."""
    monkeypatch.setattr(module, "BATCH_MAX", 2)

    async def scene():
        steps = Steps()
        batcher = Batcher(steps.run)
        await asyncio.gather(*(batcher.ask(n) for n in range(5)))
        return steps.batches

    assert [[0, 1], [2, 3], [4]] == runner.run(scene())


def test_what_was_given_up_before_its_turn_is_not_done(runner):
    """A question whose asker has gone is left out of the next step."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        batcher = Batcher(steps.run)
        tasks = [asyncio.create_task(batcher.ask(n)) for n in (1, 2, 3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.sleep(0)
        steps.go.set()
        return await settle(*tasks), steps.batches

    (one, two, three), batches = runner.run(scene())

    assert (2, 6) == (one, three)
    assert isinstance(two, asyncio.CancelledError)
    assert [[1, 3]] == batches


def test_what_is_given_up_during_its_step_is_done_unheard(runner):
    """An answer for somebody who has gone is dropped; the others of the step get theirs."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        batcher = Batcher(steps.run)
        tasks = [asyncio.create_task(batcher.ask(n)) for n in (1, 2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks[0].cancel()
        steps.go.set()
        return await settle(*tasks), steps.batches

    (one, two), batches = runner.run(scene())

    assert isinstance(one, asyncio.CancelledError)
    assert 4 == two
    assert [[1, 2]] == batches


def test_nobody_waits_longer_than_the_time_limit(runner):
    """A step that hangs is LedgerDown for who waits, and at once for who comes after."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        batcher = Batcher(steps.run, timeout_s=SOON_S)
        waited = await settle(batcher.ask(1))
        at_once = await settle(*(batcher.ask(n) for n in range(1000)))
        steps.go.set()
        await batcher.close()
        return waited + at_once, steps.batches

    errors, batches = runner.run(scene())

    assert {(LedgerDown, "no answer from the ledger within 0.05 s")} == {(type(e), str(e)) for e in errors}
    assert [[1]] == batches


def test_a_step_that_comes_back_lets_everybody_in(runner):
    """When the step that hung is done at last, the next question is asked again."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        batcher = Batcher(steps.run, timeout_s=SOON_S)
        await settle(batcher.ask(1))
        steps.go.set()
        await batcher.close()
        return await batcher.ask(2)

    assert 4 == runner.run(scene())


def test_a_failed_step_fails_all_who_wait(runner):
    """After a failure nobody waits: not those of the step, not those of the next, not those who come."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        steps.error = LedgerError("the disk is full")
        batcher = Batcher(steps.run)
        tasks = [asyncio.create_task(batcher.ask(1))]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks += [asyncio.create_task(batcher.ask(n)) for n in (2, 3)]
        await asyncio.sleep(0)
        steps.go.set()
        return await settle(*tasks) + await settle(batcher.ask(4)), steps.batches

    errors, batches = runner.run(scene())

    assert [(LedgerDown, "the disk is full")] * 4 == [(type(error), str(error)) for error in errors]
    assert [[1]] == batches


def test_a_failure_is_no_news_for_who_has_gone(runner):
    """An error for somebody who has given up is dropped; the others of the step hear of it."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        steps.error = LedgerError("locked")
        batcher = Batcher(steps.run)
        tasks = [asyncio.create_task(batcher.ask(n)) for n in (1, 2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        tasks[0].cancel()
        steps.go.set()
        return await settle(*tasks)

    one, two = runner.run(scene())

    assert isinstance(one, asyncio.CancelledError)
    assert isinstance(two, LedgerDown)


def test_it_is_back_by_itself(runner, monkeypatch):
    """The first question after the wait is tried, and its answer lets the others in."""
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)

    async def scene():
        steps = Steps()
        steps.error = LedgerError("locked")
        batcher = Batcher(steps.run)
        failed = await settle(batcher.ask(1))
        steps.error = None
        one_tries = await settle(batcher.ask(2), batcher.ask(3))
        return failed + one_tries + await settle(batcher.ask(4), batcher.ask(5))

    down, tried, meanwhile, *after = runner.run(scene())

    assert isinstance(down, LedgerDown)
    assert isinstance(meanwhile, LedgerDown)
    assert [4, 8, 10] == [tried, *after]


def test_a_defect_reaches_who_asked_and_nobody_else(runner):
    """An error that is not the ledger's is raised where it was asked for, and the next step is done as ever."""

    async def scene():
        steps = Steps()
        steps.error = ValueError("a defect")
        batcher = Batcher(steps.run)
        failed = await settle(batcher.ask(1))
        steps.error = None
        return failed + await settle(batcher.ask(2))

    error, answer = runner.run(scene())

    assert isinstance(error, ValueError)
    assert 4 == answer


def test_the_queue_is_bounded(runner, monkeypatch):
    """Whoever finds too many waiting is refused at once; nobody else is."""
    monkeypatch.setattr(module, "WAITING_MAX", 3)

    async def scene():
        batcher = Batcher(Steps().run)
        return await settle(*(batcher.ask(n) for n in range(5)))

    *answers, fourth, fifth = runner.run(scene())

    assert [0, 2, 4] == answers
    assert ["3 wait for the ledger already"] * 2 == [str(fourth), str(fifth)]


def test_the_end_lets_everything_be_done(runner):
    """Whoever waits at the end gets an answer; one who was never asked ends at once."""

    async def scene():
        steps = Steps()
        idle = Batcher(steps.run)
        await idle.close()
        batcher = Batcher(steps.run)
        tasks = [asyncio.create_task(batcher.ask(n)) for n in range(3)]
        await asyncio.sleep(0)
        await batcher.close()
        return [task.result() for task in tasks if task.done()]

    assert [0, 2, 4] == runner.run(scene())


def test_the_end_does_not_wait_for_ever(runner):
    """A step that never comes back is left behind."""

    async def scene():
        steps = Steps()
        steps.go.clear()
        batcher = Batcher(steps.run, timeout_s=SOON_S)
        failed = await settle(batcher.ask(1))
        await batcher.close()
        return failed

    [error] = runner.run(scene())

    assert isinstance(error, LedgerDown)


@pytest.fixture(autouse=True)
def no_leftovers(runner):
    """Cancel what a test left hanging in its loop."""
    yield
    for task in asyncio.all_tasks(runner.get_loop()):
        task.cancel()
