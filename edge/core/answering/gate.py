"""The ordered checks, on what this worker knows: a message becomes a reason to stay silent, or a question to the ledger.

1. Memory can only refuse early what the ledger would refuse anyway; only the ledger can say yes.
2. What a question would take is taken from memory before it is asked, and given back if the ledger refuses: a thousand
   messages at once from one sender ask the ledger once.
3. A refusal writes nothing, but that somebody whom the pace refused has written (:mod:`edge.core.seen.knocks`).
4. A clock that stepped back begins a new era: what buckets were known is forgotten, and what was asked before teaches
   nothing about them. They are a cache, and forgetting never costs money.
"""

import hashlib
from collections.abc import Collection, Sequence

from edge.core.answering.memory import Memory
from edge.core.answering.routes import Routes
from edge.core.charging.charge import Charge, Decision
from edge.core.charging.question import OptOut, Question, Route
from edge.core.limits.bucket import CLEAR, Bucket, clear_at, give_back, is_clear, take
from edge.core.limits.generations import Generations
from edge.core.limits.limit import Limit
from edge.core.limits.refusal import first_refusal
from edge.core.limits.rules import Pace, Rules
from edge.core.people.person import persons
from edge.core.seen.knocks import Knocks
from edge.core.text.optout import Word, word_of
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason

_PENDING, _CHARGED = 1, 2
_PAID = frozenset({Reason.ANSWERED, Reason.DUPLICATE})


class Gate:
    """One worker's checks for one number, on what it remembers of all."""

    def __init__(
        self,
        *,
        rules: Rules,
        routes: Routes,
        own: Collection[str],
        paused: bool,
        block_digits: int,
        key: bytes,
        knocks: Knocks | None = None,
        number: str = "",
        memory: Memory | None = None,
    ) -> None:
        """Take what every reply must keep to, and where it is noted who knocks; nobody does where it is not.

        Where there are several numbers, `number` is the one whose share pays, and `memory` and `knocks` are those of all.
        """
        self._rules = rules
        self._routes = routes
        self._is_person = persons(routes.prefixes)
        self._own = frozenset(own)
        self._paused_by_file = paused
        self._paused = paused
        self._block_digits = block_digits
        self._key = key
        self._knocks = knocks
        self._number = number
        self._memory = memory = memory or Memory(rules)
        self._senders, self._blocks, self._ids = memory.senders, memory.blocks, memory.ids
        self._opted_out = memory.opted_out
        self._era = memory.era
        self._pace = self._whole = CLEAR
        self._known = CLEAR, CLEAR
        """The pace and the reserve as the ledger has said them, without what is being asked for."""
        self._paced: Pace | None = None
        self._spent_micros = 0

    def judge(
        self, message: Message, received_micros: int, now_ms: int, booked_micros: int | None = 0
    ) -> Reason | Route | Question | OptOut:
        """Return why to stay silent, where a retry of a paid message leads again, or what to put to the ledger.

        Receiving has cost `received_micros` so far, of which `booked_micros` are this delivery's: None for a retry.
        """
        sender = message.sender
        if self._paused:
            return self._stop(message, now_ms) or Reason.PAUSED
        if not self._is_person(sender) or sender in self._own:
            return Reason.NOT_A_PERSON
        if sender in self._opted_out:
            return Reason.OPTED_OUT
        word = message.word or word_of(message.text)
        if word is not None:
            return OptOut(message, self._hash(sender), now_ms) if word is Word.STOP else Reason.OPTED_OUT
        route = self._routes.find(sender)
        if route is None:
            return Reason.UNSERVED
        memory = self._memory
        if now_ms < memory.latest_ms or self._era != memory.era:
            self._forget(now_ms)
        memory.latest_ms = now_ms
        block = sender[: -self._block_digits]
        known = self._ids.get(message.id)
        if known == _CHARGED:
            return route
        knock = False
        if known == 0:
            checked = self._check(sender, block, route, now_ms, is_new=booked_micros is not None)
            if isinstance(checked, Reason):
                return checked
            knock = checked
            self._take(message.id, sender, block, route, now_ms)
        keys = self._hash(sender), self._hash(block)
        charge = Charge(
            message.id, *keys, route.cost, received_micros, route.segments, knock, self._number, route.block_limit
        )
        return Question(message, block, route, charge, booked_micros, now_ms, self._era, took=known == 0)

    def paced(self, pace: Pace | None) -> bool:
        """Go by the pace of the hour from now on, and return whether it is another one; None where it is always the file's.

        What was used of another pace is forgotten: the ledger knows it.
        """
        if pace is None or pace == self._paced:
            return False
        self._paced, self._routes = pace, self._routes.at(pace, self._rules.sharing)
        self._pace, self._whole, self._known = CLEAR, CLEAR, (CLEAR, CLEAR)
        return True

    def settle(self, question: Question, decision: Decision) -> bool:
        """Remember what the ledger said, and return whether the pace that it decided by is another one from now on.

        Its clock need not be ours, so its states are moved to ours, counting from the instant of the question: that is
        earlier than the decision, and so never stricter than the ledger is.
        """
        now_ms = question.asked_ms
        is_new = self.paced(decision.paced)
        if question.took and decision.reason is not Reason.ANSWERED:
            self._give_back(question)
        if decision.reason in _PAID:
            self._ids.put(question.charge.message_id, _CHARGED, now_ms)
        if decision.reason is Reason.PAUSED:
            self._paused = True
        if decision.reason is Reason.OPTED_OUT:
            self._opted_out.add(question.sender)
        self._spent_micros = max(self._spent_micros, decision.spent_micros)
        if question.era == self._memory.era:
            ahead_ms = decision.now_ms - now_ms
            rules, route = self._rules, self._routes.find(question.sender) or question.route
            cost = route.cost
            self._learn(self._senders, question.sender, rules.sender, _moved(decision.sender, ahead_ms), now_ms)
            self._learn(
                self._blocks, question.block, self._block_limit(route), _moved(decision.block, ahead_ms), now_ms
            )
            pace = clear_at(cost.pace, _moved(decision.pace, ahead_ms))
            self._pace = max(self._pace, pace)
            if cost.whole is not None:
                whole = clear_at(cost.whole.pace, _moved(decision.whole, ahead_ms))
                self._whole = max(self._whole, whole)
            if cost.reserve is not None:
                reserve = clear_at(cost.reserve.limit, _moved(decision.reserve, ahead_ms))
                self._known = max(self._known[0], pace), max(self._known[1], reserve)
        return is_new

    def abandon(self, question: Question) -> None:
        """Give back what a question took that got no answer: the ledger knows whether it was written."""
        if question.took:
            self._give_back(question)

    def keys_of(self, sender: str) -> tuple[bytes, bytes]:
        """Return the keys by which the ledger knows a sender, and their block."""
        return self._hash(sender), self._hash(sender[: -self._block_digits])

    def block_limit_of(self, sender: str) -> Limit:
        """Return the limit of a sender's block."""
        route = self._routes.find(sender)
        return self._rules.block if route is None else self._block_limit(route)

    def pause(self, *, paused: bool) -> None:
        """Hear whether it is paused by hand; what the static file says holds as well."""
        self._paused = self._paused_by_file or paused

    def opted_out(self, request: OptOut) -> None:
        """Remember that the ledger will never answer a sender again."""
        self._opted_out.add(request.message.sender)

    def opted_in(self, request: OptOut) -> None:
        """Forget an opt-out that the ledger knows nothing of: nobody was ever paid for."""
        self._opted_out.discard(request.message.sender)

    def hear(self, message_ids: Sequence[str], now_ms: int) -> None:
        """Remember messages that were charged, by whichever worker."""
        for message_id in message_ids:
            self._ids.put(message_id, _CHARGED, now_ms)

    def sizes(self) -> dict[str, int]:
        """Return how many entries each part of the memory holds."""
        return {
            "senders": len(self._senders),
            "blocks": len(self._blocks),
            "ids": len(self._ids),
            "opted_out": len(self._opted_out),
        }

    def _stop(self, message: Message, now_ms: int) -> OptOut | None:
        """Return the opt-out in a message that nobody answers anyway: who says STOP meanwhile has said it for ever."""
        if (message.word or word_of(message.text)) is not Word.STOP or not self._is_person(message.sender):
            return None
        return None if message.sender in self._opted_out else OptOut(message, self._hash(message.sender), now_ms)

    def _check(self, sender: str, block: str, route: Route, now_ms: int, *, is_new: bool) -> Reason | bool:
        """Return why a message is refused, or, if it is not, whether it knocks; a retry never does.

        It is noted of those who are asked about, and of those whom only the pace is in the way of.
        """
        refusal, knocks = self._refusal(sender, block, route, now_ms), self._knocks
        if knocks is None or not is_new or (refusal is not None and refusal is not Reason.PACE_LIMIT):
            return refusal or False
        knock = knocks.note(sender, now_ms)
        if knock and refusal is not None:
            refusal = self._refusal(sender, block, route, now_ms, knock=True)
        return refusal or knock

    def _refusal(self, sender: str, block: str, route: Route, now_ms: int, *, knock: bool = False) -> Reason | None:
        return first_refusal(
            self._rules,
            route.cost,
            sender=self._senders.get(sender),
            block=self._blocks.get(block),
            pace=self._pace,
            spent_micros=self._spent_micros,
            now_ms=now_ms,
            known=self._known,
            knock=knock,
            whole=self._whole,
            block_limit=route.block_limit,
        )

    def _take(self, message_id: str, sender: str, block: str, route: Route, now_ms: int) -> None:
        self._ids.put(message_id, _PENDING, now_ms)
        self._senders.put(sender, take(self._rules.sender, self._senders.get(sender), now_ms), now_ms)
        self._blocks.put(block, take(self._block_limit(route), self._blocks.get(block), now_ms), now_ms)
        self._pace = take(route.cost.pace, self._pace, now_ms)

    def _block_limit(self, route: Route) -> Limit:
        return route.block_limit or self._rules.block

    def _give_back(self, question: Question) -> None:
        message_id = question.charge.message_id
        if self._ids.get(message_id) == _PENDING:  # another worker, or a twin, may have been charged for it
            self._ids.drop(message_id)
        if question.era != self._memory.era:
            return
        self._return(self._senders, question.sender, self._rules.sender, question.asked_ms)
        self._return(self._blocks, question.block, self._block_limit(question.route), question.asked_ms)
        if self._routes.find(question.sender) is question.route:  # not taken from another pace
            self._pace = max(CLEAR, give_back(question.route.cost.pace, self._pace))

    @staticmethod
    def _return(table: Generations[str], key: str, limit: Limit, now_ms: int) -> None:
        clear = give_back(limit, table.get(key))
        if is_clear(limit, clear, now_ms):
            table.drop(key)
        else:
            table.put(key, clear, now_ms)

    @staticmethod
    def _learn(table: Generations[str], key: str, limit: Limit, bucket: Bucket, now_ms: int) -> None:
        clear = clear_at(limit, bucket)
        if clear > table.get(key) and not is_clear(limit, clear, now_ms):
            table.put(key, clear, now_ms)

    def _forget(self, now_ms: int) -> None:
        """Begin the era that is: a new one where the clock has stepped back, or that of the gates of the other numbers."""
        if now_ms < self._memory.latest_ms:
            self._memory.forget()
        self._pace, self._whole, self._known = CLEAR, CLEAR, (CLEAR, CLEAR)
        self._era = self._memory.era

    def _hash(self, number: str) -> bytes:
        return key_of(number, self._key)


def key_of(number: str, key: bytes) -> bytes:
    """Return the key by which the ledger knows a number, or a block."""
    return hashlib.blake2b(number.encode(), key=key, digest_size=16).digest()


def _moved(bucket: Bucket, ahead_ms: int) -> Bucket:
    """Return a bucket by a clock that is so much behind the ledger's time."""
    return Bucket(bucket.used, bucket.at_ms - ahead_ms)
