"""A worker that records what it meets: a desk as without a trace, and the recording around it.

1. Without a trace it is not there, so recording costs those nothing who do not record.
2. Each answer to a message is recorded once, when it is given. What is no message is not: a stranger's requests must not fill
   a trace, which is bounded.
"""

from edge.core.answering.desk import Desk
from edge.core.charging.charge import Decision, Tally
from edge.core.charging.question import OptOut, Question
from edge.core.limits.rules import Pace
from edge.core.wire.answer import Answer
from edge.core.wire.message import Message
from edge.core.wire.provider import Headers
from edge.core.wire.reason import Reason
from edge.tracing.trace import Trace


class TracedDesk:
    """A desk, and a trace that is told of each answer to a message."""

    def __init__(self, desk: Desk, trace: Trace, number: int = 0) -> None:
        """Take the parts, and the place of the desk's number in the static file."""
        self.body_bytes_max = desk.body_bytes_max
        self._desk = desk
        self._trace = trace
        self._number = number

    def precheck(self, method: str, headers: Headers, length: int | None) -> Answer | None:
        """Return an answer to what need not be read, or None."""
        return self._desk.precheck(method, headers, length)

    def handle(
        self, method: str, query: bytes, headers: Headers, body: bytes, now_ms: int
    ) -> Answer | Question | OptOut:
        """Return the answer to a request, or what the ledger has to be asked first."""
        message = self._desk.read(method, query, headers, body, now_ms)
        if isinstance(message, Answer):
            return message
        judged = self._desk.judge(message, now_ms)
        return self._record(judged, message, now_ms) if isinstance(judged, Answer) else judged

    def wonders(self, method: str, headers: Headers, now_ms: int) -> bool:
        """Return whether to look at a request that came to no path of ours."""
        return self._desk.wonders(method, headers, now_ms)

    def explain(self, method: str, query: bytes, headers: Headers, body: bytes, now_ms: int, *, path: str) -> None:
        """Say of a request that came to another path whether it would verify if that were number.url's."""
        self._desk.explain(method, query, headers, body, now_ms, path=path)

    def finish(self, question: Question, decision: Decision) -> Answer:
        """Return the answer that follows from what the ledger said."""
        return self._record(self._desk.finish(question, decision), question.message, question.asked_ms)

    def finish_opt_out(self, request: OptOut, *, known: bool) -> Answer:
        """Return the silence for somebody who wants no answer."""
        return self._record(self._desk.finish_opt_out(request, known=known), request.message, request.asked_ms)

    def abandon(self, question: Question | OptOut, reason: Reason = Reason.LEDGER_DOWN) -> Answer:
        """Return the silence for a question that the ledger did not answer."""
        return self._record(self._desk.abandon(question, reason), question.message, question.asked_ms)

    def refuse(self, reason: Reason) -> Answer:
        """Return the answer without a reply for a reason."""
        return self._desk.refuse(reason)

    def tally(self) -> Tally:
        """Return what the desk has seen since it was set up."""
        return self._desk.tally()

    def untold(self) -> list[OptOut]:
        """Return the opt-outs that the ledger has to be told of yet."""
        return self._desk.untold()

    def told(self, request: OptOut, *, known: bool) -> None:
        """Remember an opt-out that the ledger knows of."""
        self._desk.told(request, known=known)

    def pause(self, *, paused: bool) -> None:
        """Hear whether it is paused by hand."""
        self._desk.pause(paused=paused)

    def paced(self, pace: Pace | None) -> None:
        """Go by the pace that the ledger has for this hour."""
        self._desk.paced(pace)

    def notices(self) -> list[str]:
        """Return what the operator should be told since this was last asked."""
        return self._desk.notices()

    def _record(self, answer: Answer, message: Message, came_ms: int) -> Answer:
        self._trace.add(answer.reason, message, came_ms, self._number)
        return answer
