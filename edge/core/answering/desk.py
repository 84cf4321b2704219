"""One message in, one answer out: precheck, verify, decode, judge, reply. Pure: whoever calls it reads, waits and sends.

`precheck` looks at what is known before the body is read, `handle` at the body; what only the ledger can say comes back as a
question, and `finish` turns what it said into the answer. Every answer is counted once, as it is given.

What an operator should be told comes out of `notices`, for whoever calls it to log: never a secret, a number or a text.
"""

import msgspec

from edge.core.answering.gate import Gate
from edge.core.answering.replies import Replies
from edge.core.charging.charge import Decision, Tally
from edge.core.charging.pace import OVER
from edge.core.charging.question import OptOut, Question, Route
from edge.core.limits.rules import Pace
from edge.core.seen.received import Received
from edge.core.seen.sums import Sums
from edge.core.wire.answer import Answer
from edge.core.wire.message import Message
from edge.core.wire.origin import Origin
from edge.core.wire.provider import Headers, Provider
from edge.core.wire.reason import Reason
from edge.units import MINUTE_MS, SECOND_MS

LOOK_AGAIN_MS = 10 * SECOND_MS
"""So long nobody looks why a request did not verify after a look that found nothing; one takes milliseconds, of a stranger's choice."""
_CALLED = b"x-original-uri"
"""The header in which a proxy says which path it was asked for, before it took it for another one."""
OPT_OUTS_MAX = 10_000
"""How many STOPs are remembered while the ledger is away: a megabyte or two."""


class Desk:
    """One worker's answers for one number, and their count."""

    def __init__(
        self,
        *,
        phone: str,
        provider: Provider,
        gate: Gate,
        replies: Replies,
        origin: Origin,
        body_bytes_max: int,
        received: Received,
        sums: Sums,
        marks_ids: bool = False,
        where: str = "number",
    ) -> None:
        """Take the parts, and the key under which the number stands in the file.

        `marks_ids` tells the message ids of this number from those of another one, which may be the same. It is the ledger's to say
        for which: by the order of a file, which may change, a retry would be another message.
        """
        self.body_bytes_max = body_bytes_max
        self._phone = phone
        self._provider = provider
        self._gate = gate
        self._replies = replies
        self._origin = origin
        self._received = received
        self._sums = sums
        self._marks_ids = marks_ids
        self._where = where
        self._met_somebody = False
        self._untold: dict[str, OptOut] = {}
        self._notices: list[str] = []
        self._doubted_ms: int | None = None
        self._doubt_again_ms = 0
        self._stray_said = False

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
        message = self.read(method, query, headers, body, now_ms)
        return message if isinstance(message, Answer) else self.judge(message, now_ms)

    def read(self, method: str, query: bytes, headers: Headers, body: bytes, now_ms: int) -> Message | Answer:
        """Return the message that the provider vouches for, or the answer to what is none."""
        if len(query) > self.body_bytes_max:
            return self.refuse(Reason.TOO_LARGE)
        message = self._provider.read(method, query, headers, body)
        if isinstance(message, Message):
            return self._marked(message) if self._marks_ids else message
        if message is Reason.BAD_SIGNATURE:
            self._explain(method, query, headers, body, now_ms)
        return self.refuse(message)

    def _marked(self, message: Message) -> Message:
        return msgspec.structs.replace(message, id=f"{self._phone} {message.id}")

    def wonders(self, method: str, headers: Headers, now_ms: int) -> bool:
        """Return whether to look at a request that came to no path of ours: the provider may have signed it, and nobody has looked just now."""
        return (
            any(name in headers for name in self._provider.signatures)
            and self._may_look(now_ms)
            and method in self._provider.methods
            and self._origin.admits(headers)
        )

    def explain(self, method: str, query: bytes, headers: Headers, body: bytes, now_ms: int, *, path: str) -> None:
        """Say of a request that came to another path whether it would verify if that were number.url's; of a stranger's nothing."""
        called = {_CALLED: path.encode(), **headers}
        why = self._provider.explain(method, query, called, body, guess=False)
        self._notice_doubt(Reason.NOT_FOUND, why, now_ms)

    def judge(self, message: Message, now_ms: int) -> Answer | Question | OptOut:
        """Return the answer to a message that the provider vouches for, or what the ledger has to be asked first.

        Whatever is raised on the way, the message was received.
        """
        self._met_somebody = True
        booked_micros = self._received.book(message)
        if message.to != self._phone:
            self._notice_stray(message)
        judged = self._gate.judge(message, self._received.micros, now_ms, booked_micros)
        if isinstance(judged, Route):
            self._received.was_paid_elsewhere(message, booked_micros)
            return self._again(message.sender, judged)
        return self.refuse(judged) if isinstance(judged, Reason) else judged

    def finish(self, question: Question, decision: Decision) -> Answer:
        """Return the answer that follows from what the ledger said."""
        if self._gate.settle(question, decision):
            self._notice_pace(decision.paced)
        if decision.reason is Reason.DUPLICATE:
            self._received.was_paid_elsewhere(question.message, question.booked_micros)
            return self._again(question.sender, question.route)
        if decision.reason is Reason.ANSWERED:
            self._sums.count(Reason.ANSWERED)
            return self._replies.reply(Reason.ANSWERED, question.route.reply, question.sender)
        return self.refuse(decision.reason)

    def finish_opt_out(self, request: OptOut, *, known: bool) -> Answer:
        """Return the silence for somebody who wants no answer; remember it if they ever had one."""
        self.told(request, known=known)
        return self.refuse(Reason.OPTED_OUT)

    def abandon(self, question: Question | OptOut, reason: Reason = Reason.LEDGER_DOWN) -> Answer:
        """Return the silence for a question that the ledger did not answer; an opt-out is remembered until it can be told."""
        if isinstance(question, Question):
            self._gate.abandon(question)
        elif len(self._untold) < OPT_OUTS_MAX:
            self._untold[question.message.sender] = question
            self._gate.opted_out(question)
        return self.refuse(reason)

    def refuse(self, reason: Reason) -> Answer:
        """Return the answer without a reply for a reason."""
        self._sums.count(reason)
        return self._replies.without(reason)

    def tally(self) -> Tally:
        """Return what this worker has seen, and whoever had its sums before."""
        return self._sums.tally()

    def untold(self) -> list[OptOut]:
        """Return the opt-outs that the ledger has to be told of yet; each goes to `told` then."""
        return list(self._untold.values())

    def told(self, request: OptOut, *, known: bool) -> None:
        """Remember an opt-out that the ledger knows of, for ever if that sender was ever paid for."""
        self._untold.pop(request.message.sender, None)
        if known:
            self._gate.opted_out(request)
        else:
            self._gate.opted_in(request)

    def pause(self, *, paused: bool) -> None:
        """Hear whether it is paused by hand."""
        self._gate.pause(paused=paused)

    def paced(self, pace: Pace | None) -> None:
        """Go by the pace that the ledger has for this hour; say when there is none any more."""
        if self._gate.paced(pace):
            self._notice_pace(pace)

    def notices(self) -> list[str]:
        """Return what the operator should be told since this was last asked."""
        notices, self._notices = self._notices, []
        return notices

    def _explain(self, method: str, query: bytes, headers: Headers, body: bytes, now_ms: int) -> None:
        """Say once a minute why a request did not verify; what is merely likely is said until a message has come.

        A stranger's, of which there is nothing to say, keeps the next one from being looked at for `LOOK_AGAIN_MS` only.
        """
        if self._may_look(now_ms):
            why = self._provider.explain(method, query, headers, body, guess=not self._met_somebody)
            self._notice_doubt(Reason.BAD_SIGNATURE, why, now_ms)

    def _may_look(self, now_ms: int) -> bool:
        return self._doubted_ms is None or not 0 <= now_ms - self._doubted_ms < self._doubt_again_ms

    def _notice_doubt(self, reason: Reason, why: str, now_ms: int) -> None:
        self._doubted_ms, self._doubt_again_ms = now_ms, MINUTE_MS if why else LOOK_AGAIN_MS
        if why:
            # Of one number nobody asks which, and whose another path is nobody can say.
            is_named = self._where != "number" and reason is Reason.BAD_SIGNATURE
            self._notices.append(f"{reason}: {self._where}: {why}" if is_named else f"{reason}: {why}")

    def _notice_pace(self, pace: Pace | None) -> None:
        if pace == OVER:
            self._notices.append(
                "budget.lasts-until: the day is over, so nobody is answered; write a day to come, or per-day, and reload"
            )

    def _notice_stray(self, message: Message) -> None:
        """Say once that messages to another number come here: answers to them leave from that number."""
        if message.to and not self._stray_said:
            self._stray_said = True
            self._notices.append(
                f"{self._where}.phone: the provider sends messages here that were written to another number; they are answered all "
                "the same, as if they had been written to the one whose address this is"
            )

    def _again(self, sender: str, route: Route) -> Answer:
        """Answer a retry as its first delivery was: the reply follows from the sender's prefix alone."""
        self._sums.count(Reason.DUPLICATE)
        return self._replies.reply(Reason.DUPLICATE, route.reply, sender)
