"""A worker on paper: answers a flood in no time, by the rules of the static file, and can be told to lie.

It decides in the flood's own time, an answer taking `service_us`, with the worker's real rules; what it tells is what a
Locust process would have recorded.
"""

from collections import Counter

from edge.config import Config
from edge.core.charging.pace import burst_of, cost_at
from edge.core.limits.bucket import CLEAR, count_limit, take
from edge.core.limits.limit import Limit
from edge.core.limits.refusal import first_refusal, is_above
from edge.core.limits.rules import Cost, Pace
from edge.core.seen.knocks import TABLE_BYTES, Knocks
from edge.core.wire.reason import HTTP_STATUS, Reason
from edge.meaning.terms import rules_of, sharing_of
from loadtest.flood.arrival import Arrival, Kind
from loadtest.judge.model import BlockLimits
from loadtest.judge.seen import Key
from loadtest.judge.status import OfNumber, Spent, Status
from loadtest.judge.tally import Tally
from loadtest.provider.billing import Billed
from loadtest.provider.money import show_money
from loadtest.provider.prices import Prices, prices_of
from loadtest.provider.reading import Outcome, Reading
from loadtest.provider.segments import segments

_REFUSALS = {Kind.FORGED: Reason.BAD_SIGNATURE, Kind.OVERSIZE: Reason.TOO_LARGE, Kind.MALFORMED: Reason.MALFORMED}
START_MS = 1_700_000_000_000


class PaperWorker:
    """Answers arrivals in order; each `lie` is a method that tests replace."""

    def __init__(self, config: Config, service_us: int = 500) -> None:
        self.config, self.service_us = config, service_us
        self.rules = rules_of(config)
        self.block_limits = BlockLimits(config)
        self.prices = prices_of(config)
        knock = config.knock
        self.sharing = sharing_of(config)
        self.knocks = Knocks(b"k", memoryview(bytearray(TABLE_BYTES)), after_ms=knock.after, most=knock.most)
        self.noted: set[Key] = set()
        self.tally = Tally()
        self.counts: Counter[Reason] = Counter()
        self.senders: dict[str, int] = {}
        self.blocks: dict[str, int] = {}
        self.paid: set[Key] = set()
        self.received: set[Key] = set()
        self.replies_micros = self.received_micros = 0
        self.replies = [0 for _ in config.numbers]
        self.paces: dict[int, int] = {}
        """By number what is used of its share, and of what is kept in it."""
        self.reserves: dict[int, int] = {}
        self.whole = CLEAR

    def play(self, arrivals) -> Tally:
        """Answer a whole flood."""
        last_us = 0
        for arrival in arrivals:
            self.answer(arrival)
            last_us = arrival.at_us
        self.tally.played(0, last_us + 1)
        return self.tally

    def answer(self, arrival: Arrival) -> None:
        """Answer one arrival, and count it on both sides."""
        reason = self.judge(arrival)
        self.counts[reason] += 1
        if reason.received and self.is_received_anew(arrival):
            self.received.add(self.key(arrival))
            self.received_micros += self.received_micros_of(arrival)
        self.record(arrival, self.respond(arrival, reason))

    def is_received_anew(self, arrival: Arrival) -> bool:
        """Return whether a message was not delivered before."""
        return self.key(arrival) not in self.received

    def received_micros_of(self, arrival: Arrival) -> int:
        """Return what the provider charges for delivering it."""
        return self.prices_at(arrival).receiving_micros(Billed.of(arrival.text, picture=arrival.picture))

    def record(self, arrival: Arrival, reading: Reading) -> None:
        """Count what the client sees."""
        price = self.prices_at(arrival).price_micros(arrival.sender, reading.segments)
        self.tally.record(arrival, reading, price, arrival.at_us, arrival.at_us + self.service_us)

    def respond(self, arrival: Arrival, reason: Reason) -> Reading:
        """Return what the client sees of a reason."""
        if arrival.kind is Kind.SLOW_LORIS:
            return Reading(Outcome.UNKNOWN)
        if reason in (Reason.ANSWERED, Reason.DUPLICATE):
            text = self.text(arrival)
            return Reading(Outcome.REPLY, text, segments(text))
        return Reading(Outcome.REFUSED if reason in HTTP_STATUS else Outcome.SILENCE)

    def text(self, arrival: Arrival) -> str:
        """Return what is replied."""
        return self.prices_at(arrival).text(arrival.sender)

    def judge(self, arrival: Arrival) -> Reason:
        """Return why, and pay if it is a reply."""
        if arrival.kind is Kind.SLOW_LORIS:
            return Reason.MALFORMED
        if arrival.kind in _REFUSALS:
            return _REFUSALS[arrival.kind]
        if not self.prices_at(arrival).serves(arrival.sender):
            return Reason.UNSERVED
        if self.key(arrival) in self.paid:
            return Reason.DUPLICATE
        return self.refusal(arrival) or self.pay(arrival)

    def refusal(self, arrival: Arrival) -> Reason | None:
        """Return the first limit that refuses."""
        is_new, refusal = self.key(arrival) not in self.noted, self._refusal(arrival)
        if refusal not in (None, Reason.PACE_LIMIT) or not is_new:
            return refusal
        self.noted.add(self.key(arrival))
        knocks = self.knocks.note(arrival.sender, self.now_ms(arrival))
        return self._refusal(arrival, knock=knocks)

    def _refusal(self, arrival: Arrival, *, knock: bool = False) -> Reason | None:
        return first_refusal(
            self.rules,
            self.price(arrival),
            sender=self.senders.get(arrival.sender, 0),
            block=self.blocks.get(self.block(arrival), 0),
            pace=self.known(arrival)[0],
            spent_micros=self.replies_micros + self.received_micros,
            now_ms=self.now_ms(arrival),
            known=self.known(arrival),
            knock=knock,
            whole=self.whole,
            block_limit=self.block_limit(arrival),
        )

    def pay(self, arrival: Arrival) -> Reason:
        """Take from all limits."""
        price, now_ms = self.price(arrival), self.now_ms(arrival)
        self.senders[arrival.sender] = take(self.rules.sender, self.senders.get(arrival.sender, 0), now_ms)
        block = self.block(arrival)
        self.blocks[block] = take(self.block_limit(arrival), self.blocks.get(block, 0), now_ms)
        number, known = self.payer(arrival), self.known(arrival)
        if price.reserve is not None and not is_above(price, known, now_ms):
            self.reserves[number] = take(price.reserve.limit, known[1], now_ms)
        self.paces[number] = take(price.pace, known[0], now_ms)
        if price.whole is not None:
            self.whole = take(price.whole.pace, self.whole, now_ms)
        self.replies_micros += price.micros
        self.replies[arrival.number] += 1
        self.paid.add(self.key(arrival))
        return Reason.ANSWERED

    def price(self, arrival: Arrival) -> Cost:
        """Return what a reply costs."""
        micros, budget = self.prices_at(arrival).expected_micros(arrival.sender), self.config.budget
        burst = budget.burst or burst_of(budget.per_day, len(self.prices) * self.sharing.dearest_micros)
        return cost_at(micros, Pace(burst, budget.per_day), self.sharing)

    def payer(self, arrival: Arrival) -> int:
        """Return whose share pays."""
        return arrival.number

    def known(self, arrival: Arrival) -> tuple[int, int]:
        """Return what is used of the share that pays, and of what is kept in it."""
        number = self.payer(arrival)
        return self.paces.get(number, CLEAR), self.reserves.get(number, CLEAR)

    def prices_at(self, arrival: Arrival) -> Prices:
        """Return the prices at the number that is written to."""
        return self.prices[arrival.number]

    def key(self, arrival: Arrival) -> Key:
        """Return what tells a message from others."""
        return arrival.number, arrival.message_id

    def block(self, arrival: Arrival) -> str:
        """Return the block of a sender."""
        return self.block_limits.block(arrival.sender)

    def block_limit(self, arrival: Arrival) -> Limit:
        """Return the limit of their block; a liar pays for those who have no price, too."""
        if not self.prices_at(arrival).serves(arrival.sender):
            return self.rules.block
        limit = self.block_limits.limit(arrival.sender)
        return count_limit(burst=limit.burst, count=limit.count, period_ms=limit.period)

    def now_ms(self, arrival: Arrival) -> int:
        """Return the instant of the decision."""
        return START_MS + (arrival.at_us + self.service_us // 2) // 1000

    def status(self) -> Status:
        """Return the worker's account of itself."""
        left = max(0, self.config.budget.kitty - self.replies_micros - self.received_micros)
        return Status(
            messages=sum(count for reason, count in self.counts.items() if reason.from_provider),
            replies=self.counts[Reason.ANSWERED],
            by_reason={reason.value: count for reason, count in self.counts.items()},
            currency=self.config.price.currency,
            spent=Spent(show_money(self.replies_micros), show_money(self.received_micros)),
            kitty_left=show_money(left),
            pace_left="0.00",
            numbers=[OfNumber(replies) for replies in self.replies] if len(self.replies) > 1 else [],
        )
