"""A worker that records what it meets: a desk and an application as without a trace, and the recording around them.

1. Without a trace neither of them is there, so recording costs those nothing who do not record.
2. Each answer is recorded once, as it is counted: with its sender if the provider vouches for a message, without otherwise.
3. The trace is written where the ledger is told: once a second and at the end, in a thread, so that no request waits for it.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from edge.core import segments
from edge.core.answer import Answer
from edge.core.charge import Decision
from edge.core.desk import Desk
from edge.core.message import Message
from edge.core.question import OptOut, Question, Route
from edge.core.reason import Reason
from edge.trace import Trace
from edge.web.app import App


def kinds(trace: Trace | None) -> tuple[Callable[..., Desk], Callable[..., App]]:
    """Return what makes a desk and an application: the plain ones where nothing is recorded."""
    return (Desk, App) if trace is None else (partial(TracedDesk, trace), partial(TracedApp, trace))


class TracedDesk(Desk):
    """A desk that tells a trace of every answer."""

    def __init__(self, trace: Trace, **parts: Any) -> None:
        super().__init__(**parts)
        self._trace = trace
        self._facing: tuple[Message, int] | None = None
        """The message that is being answered, and when it came."""

    def judge(self, message: Message, now_ms: int) -> Answer | Question | OptOut:
        """Judge, and record what needs no ledger."""
        with self._answering(message, now_ms):
            return super().judge(message, now_ms)

    def finish(self, question: Question, decision: Decision) -> Answer:
        """Finish, and record what the ledger said."""
        with self._answering(question.message, question.asked_ms):
            if decision.reason is Reason.ANSWERED:
                self._record(Reason.ANSWERED)
            return super().finish(question, decision)

    def finish_opt_out(self, request: OptOut, *, known: bool) -> Answer:
        """Finish, and record it."""
        with self._answering(request.message, request.asked_ms):
            return super().finish_opt_out(request, known=known)

    def abandon(self, question: Question | OptOut) -> Answer:
        """Abandon, and record it."""
        with self._answering(question.message, question.asked_ms):
            return super().abandon(question)

    def refuse(self, reason: Reason) -> Answer:
        """Refuse, and record it."""
        self._record(reason)
        return super().refuse(reason)

    def _again(self, sender: str, route: Route) -> Answer:
        self._record(Reason.DUPLICATE)
        return super()._again(sender, route)

    @contextmanager
    def _answering(self, message: Message, came_ms: int) -> Iterator[None]:
        self._facing = message, came_ms
        try:
            yield
        finally:
            self._facing = None

    def _record(self, reason: Reason) -> None:
        if self._facing is None:
            self._trace.add(reason)
        else:
            message, came_ms = self._facing
            self._trace.add(reason, message.sender, segments.count(message.text).segments, came_ms)


class TracedApp(App):
    """An application that writes its trace."""

    def __init__(self, trace: Trace, **parts: Any) -> None:
        super().__init__(**parts)
        self._trace = trace

    async def tell(self) -> None:
        """Write the trace, and tell the ledger."""
        await asyncio.to_thread(self._trace.write)
        await super().tell()
