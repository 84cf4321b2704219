"""One message in, one answer out: precheck, verify, decode, judge, reply. Pure: whoever calls it reads, waits and sends.

`precheck` looks at what is known before the body is read, `handle` at the body; what only the ledger can say comes back as a
question, and `finish` turns what it said into the answer. Every answer is counted once, as it is given.
"""

from edge.core.answer import Answer
from edge.core.charge import Decision, Tally
from edge.core.gate import Gate
from edge.core.message import Message
from edge.core.origin import Origin
from edge.core.provider import Headers, Provider
from edge.core.question import OptOut, Question, Route
from edge.core.reason import Reason
from edge.core.replies import Replies


class Desk:
    """One worker's answers for one number, and their count."""

    def __init__(
        self,
        *,
        provider: Provider,
        gate: Gate,
        replies: Replies,
        origin: Origin,
        body_bytes_max: int,
        received_price_micros: int,
    ) -> None:
        self.body_bytes_max = body_bytes_max
        self._provider = provider
        self._gate = gate
        self._replies = replies
        self._origin = origin
        self._received_price_micros = received_price_micros
        self._received_micros = 0
        self._counts = dict.fromkeys(Reason, 0)

    def precheck(self, method: str, headers: Headers, length: int | None) -> Answer | None:
        """Return an answer to what need not be read, or None; `length` is that of the body in bytes, where it is told."""
        if not self._origin.admits(headers):
            return self.refuse(Reason.NOT_OUR_EDGE)
        if method not in self._provider.methods:
            return self.refuse(Reason.WRONG_METHOD)
        if length is not None and length > self.body_bytes_max:
            return self.refuse(Reason.TOO_LARGE)
        return None

    def handle(
        self, method: str, query: bytes, headers: Headers, body: bytes, now_ms: int
    ) -> Answer | Question | OptOut:
        """Return the answer to a request, or what the ledger has to be asked first."""
        message = self.read(method, query, headers, body)
        return message if isinstance(message, Answer) else self.judge(message, now_ms)

    def read(self, method: str, query: bytes, headers: Headers, body: bytes) -> Message | Answer:
        """Return the message that the provider vouches for, or the answer to what is none."""
        message = self._provider.read(method, query, headers, body)
        return self.refuse(message) if isinstance(message, Reason) else message

    def judge(self, message: Message, now_ms: int) -> Answer | Question | OptOut:
        """Return the answer to a message that the provider vouches for, or what the ledger has to be asked first."""
        received_micros = self._received_micros + self._received_price_micros
        judged = self._gate.judge(message, received_micros, now_ms)
        if isinstance(judged, Route):
            return self._again(message.sender, judged)
        if isinstance(judged, Question) and not judged.took:
            return judged  # most likely a retry that was received before: counted when that is known, and never told meanwhile
        self._received_micros = received_micros
        return self.refuse(judged) if isinstance(judged, Reason) else judged

    def finish(self, question: Question, decision: Decision) -> Answer:
        """Return the answer that follows from what the ledger said."""
        self._gate.settle(question, decision)
        if decision.reason is Reason.DUPLICATE:
            if question.took:
                self._received_micros -= self._received_price_micros
            return self._again(question.sender, question.route)
        self._receive_twin(question)
        if decision.reason is Reason.ANSWERED:
            self._counts[Reason.ANSWERED] += 1
            return self._replies.reply(Reason.ANSWERED, question.route.reply, question.sender)
        return self.refuse(decision.reason)

    def finish_opt_out(self, request: OptOut, *, known: bool) -> Answer:
        """Return the silence for somebody who wants no answer; remember it if they ever had one."""
        if known:
            self._gate.opted_out(request)
        return self.refuse(Reason.OPTED_OUT)

    def abandon(self, question: Question | OptOut) -> Answer:
        """Return the silence for a question that the ledger did not answer."""
        if isinstance(question, Question):
            self._gate.abandon(question)
            self._receive_twin(question)
        return self.refuse(Reason.LEDGER_DOWN)

    def refuse(self, reason: Reason) -> Answer:
        """Return the answer without a reply for a reason."""
        self._counts[reason] += 1
        return self._replies.without(reason)

    def tally(self) -> Tally:
        """Return what this desk has seen since it was set up."""
        return Tally(dict(self._counts), self._received_micros)

    def _receive_twin(self, question: Question) -> None:
        if not question.took:
            self._received_micros += self._received_price_micros

    def _again(self, sender: str, route: Route) -> Answer:
        """Answer a retry as its first delivery was: the reply follows from the sender's prefix alone."""
        self._counts[Reason.DUPLICATE] += 1
        return self._replies.reply(Reason.DUPLICATE, route.reply, sender)
