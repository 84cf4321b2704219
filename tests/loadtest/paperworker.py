"""A worker on paper: answers a flood in no time, by the rules of the static file, and can be told to lie.

It decides in the flood's own time, an answer taking `service_us`, with the worker's real rules; what it tells is what a
Locust process would have recorded.
"""

from collections import Counter

from edge.config import Config
from edge.core.charging.pace import cost_at
from edge.core.limits.bucket import CLEAR, count_limit, take
from edge.core.limits.limit import Limit
from edge.core.limits.refusal import first_refusal, is_above
from edge.core.limits.rules import Cost, Pace, Sharing
from edge.core.seen.knocks import TABLE_BYTES, Knocks
from edge.core.wire.reason import HTTP_STATUS, Reason
from edge.terms import rules_of
from loadtest.flood.arrival import Arrival, Kind
from loadtest.judge.model import BlockLimits
from loadtest.judge.status import Spent, Status
from loadtest.judge.tally import Tally
from loadtest.provider.billing import Billed
from loadtest.provider.money import show_money
from loadtest.provider.prices import Prices
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
        self.prices = Prices(config)
        knock = config.knock
        self.sharing = Sharing(self.prices.dearest_micros, 250 if knock.share is None else round(knock.share * 1000))
        self.knocks = Knocks(b"k", memoryview(bytearray(TABLE_BYTES)), after_ms=knock.after, most=knock.most)
        self.noted: set[str] = set()
        self.tally = Tally()
        self.counts: Counter[Reason] = Counter()
        self.senders: dict[str, int] = {}
        self.blocks: dict[str, int] = {}
        self.paid: set[str] = set()
        self.received: set[str] = set()
        self.pace = self.replies_micros = self.received_micros = 0
        self.reserve = CLEAR

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
            self.received.add(arrival.message_id)
            self.received_micros += self.received_micros_of(arrival)
        self.record(arrival, self.respond(arrival, reason))

    def is_received_anew(self, arrival: Arrival) -> bool:
        """Return whether a message was not delivered before."""
        return arrival.message_id not in self.received

    def received_micros_of(self, arrival: Arrival) -> int:
        """Return what the provider charges for delivering it."""
        return self.prices.receiving_micros(Billed.of(arrival.text, picture=arrival.picture))

    def record(self, arrival: Arrival, reading: Reading) -> None:
        """Count what the client sees."""
        price = self.prices.price_micros(arrival.sender, reading.segments)
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
        return self.prices.text(arrival.sender)

    def judge(self, arrival: Arrival) -> Reason:
        """Return why, and pay if it is a reply."""
        if arrival.kind is Kind.SLOW_LORIS:
            return Reason.MALFORMED
        if arrival.kind in _REFUSALS:
            return _REFUSALS[arrival.kind]
        if not self.prices.serves(arrival.sender):
            return Reason.UNSERVED
        if arrival.message_id in self.paid:
            return Reason.DUPLICATE
        return self.refusal(arrival) or self.pay(arrival)

    def refusal(self, arrival: Arrival) -> Reason | None:
        """Return the first limit that refuses."""
        is_new, refusal = arrival.message_id not in self.noted, self._refusal(arrival)
        if refusal not in (None, Reason.PACE_LIMIT) or not is_new:
            return refusal
        self.noted.add(arrival.message_id)
        knocks = self.knocks.note(arrival.sender, self.now_ms(arrival))
        return self._refusal(arrival, knock=knocks)

    def _refusal(self, arrival: Arrival, *, knock: bool = False) -> Reason | None:
        return first_refusal(
            self.rules,
            self.price(arrival),
            sender=self.senders.get(arrival.sender, 0),
            block=self.blocks.get(self.block(arrival), 0),
            pace=self.pace,
            spent_micros=self.replies_micros + self.received_micros,
            now_ms=self.now_ms(arrival),
            known=(self.pace, self.reserve),
            knock=knock,
            block_limit=self.block_limit(arrival),
        )

    def pay(self, arrival: Arrival) -> Reason:
        """Take from all limits."""
        price, now_ms = self.price(arrival), self.now_ms(arrival)
        self.senders[arrival.sender] = take(self.rules.sender, self.senders.get(arrival.sender, 0), now_ms)
        block = self.block(arrival)
        self.blocks[block] = take(self.block_limit(arrival), self.blocks.get(block, 0), now_ms)
        if price.reserve is not None and not is_above(price, (self.pace, self.reserve), now_ms):
            self.reserve = take(price.reserve.limit, self.reserve, now_ms)
        self.pace = take(price.pace, self.pace, now_ms)
        self.replies_micros += price.micros
        self.paid.add(arrival.message_id)
        return Reason.ANSWERED

    def price(self, arrival: Arrival) -> Cost:
        """Return what a reply costs."""
        micros, budget = self.prices.expected_micros(arrival.sender), self.config.budget
        burst = budget.burst or -(-budget.per_day // 4)
        return cost_at(micros, Pace(burst, budget.per_day), self.sharing)

    def block(self, arrival: Arrival) -> str:
        """Return the block of a sender."""
        return self.block_limits.block(arrival.sender)

    def block_limit(self, arrival: Arrival) -> Limit:
        """Return the limit of their block; a liar pays for those who have no price, too."""
        if not self.prices.serves(arrival.sender):
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
        )
