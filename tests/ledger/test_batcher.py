"""Group commit: who waits shares a step; who cannot be answered in time is told so; a dead ledger is met at memory speed."""

import asyncio

import pytest

from edge.errors import LedgerDown, LedgerError
from edge.ledger import batcher
from edge.ledger.batcher import Batcher
from edge.ledger.breaker import RETRY_S, Breaker


def test_what_waits_shares_one_step():
    """A hundred questions asked at once are one or two steps, and each gets its own answer."""
    steps = []

    async def run(works):
        steps.append(len(works))
        await asyncio.sleep(0)
        return [work * 2 for work in works]

    async def scene():
        asked = Batcher(run)
        return await asyncio.gather(*(asked.ask(n) for n in range(100)))

    assert [2 * n for n in range(100)] == asyncio.run(scene())
    assert 2 >= len(steps)


def test_a_step_is_no_larger_than_the_limit():
    """More than a batch holds is done in several steps."""
    steps = []

    async def run(works):
        steps.append(len(works))
        return works

    async def scene():
        asked = Batcher(run)
        await asyncio.gather(*(asked.ask(n) for n in range(batcher.BATCH_MAX + 1)))

    asyncio.run(scene())

    assert [batcher.BATCH_MAX, 1] == steps


def test_who_waits_too_long_is_refused_and_their_work_not_done():
    """A step that hangs refuses its questions in time, and what waited behind it is dropped undone."""
    done = []

    async def scene():
        gate = asyncio.Event()

        async def run(works):
            done.extend(works)
            await gate.wait()
            return works

        asked = Batcher(run, timeout_s=0.01)
        answers = await asyncio.gather(*(asked.ask(n) for n in range(2)), return_exceptions=True)
        gate.set()
        await asked.close()
        return answers

    answers = asyncio.run(scene())

    assert ["no answer from the ledger within 0.01 s"] * 2 == [str(answer) for answer in answers]
    assert [0, 1] == done


def test_what_was_given_up_is_not_done():
    """A question whose asker has gone before its turn is left out."""
    done = []

    async def scene():
        async def run(works):
            done.extend(works)
            return works

        asked = Batcher(run)
        gone = asyncio.create_task(asked.ask("gone"))
        await asyncio.sleep(0)
        gone.cancel()
        assert "here" == await asked.ask("here")

    asyncio.run(scene())

    assert "here" in done
    assert "gone" not in done


def test_a_failure_refuses_all_that_wait_and_those_that_come_at_once():
    """After a failure, who waits and who comes gets LedgerDown with its reason, without a step."""
    steps = []

    async def scene():
        async def run(works):
            steps.append(works)
            await asyncio.sleep(0.01)
            raise LedgerError("disk on fire")

        asked = Batcher(run)
        gone = asyncio.create_task(asked.ask(0))
        waiting = asyncio.gather(asked.ask(1), asked.ask(2), return_exceptions=True)
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the step has begun
        gone.cancel()
        answers = await waiting
        with pytest.raises(LedgerDown, match="disk on fire"):
            await asked.ask(3)
        return answers

    answers = asyncio.run(scene())

    assert [LedgerDown] * 2 == [type(answer) for answer in answers]
    assert 1 == len(steps)


def test_a_defect_reaches_who_asked_and_nobody_else():
    """An unexpected exception is raised where the question was asked, and the next question is answered."""

    async def scene():
        async def run(works):
            if "bad" in works:
                raise ZeroDivisionError
            return works

        asked = Batcher(run)
        with pytest.raises(ZeroDivisionError):
            await asked.ask("bad")
        return await asked.ask("good")

    assert "good" == asyncio.run(scene())


def test_too_many_may_not_wait(monkeypatch):
    """Beyond the limit nobody joins the queue."""
    monkeypatch.setattr(batcher, "WAITING_MAX", 2)

    async def scene():
        async def run(works):
            return works

        asked = Batcher(run)
        return await asyncio.gather(*(asked.ask(n) for n in range(3)), return_exceptions=True)

    answers = asyncio.run(scene())

    assert [0, 1, "2 wait for the ledger already"] == [*answers[:2], str(answers[2])]


def test_an_idle_batcher_closes_at_once():
    """Closing waits for nothing where nothing is under way."""

    async def scene():
        async def run(works):
            return works

        await Batcher(run).close()

    assert asyncio.run(scene()) is None


def test_after_a_failure_one_may_try():
    """Nobody gets in before the retry is due; then one does, and the others wait for what becomes of it."""
    breaker = Breaker(patience_s=2.0)
    breaker.enter(0.0)
    breaker.failed(0.0, "down")

    with pytest.raises(LedgerDown, match="down"):
        breaker.enter(RETRY_S / 2)
    breaker.enter(RETRY_S)
    with pytest.raises(LedgerDown, match="down"):
        breaker.enter(RETRY_S)
    breaker.worked()
    assert breaker.enter(RETRY_S) is None
