"""Workers on paper that lie, each in its own way: they count their lies, for a flood may give no occasion for one.

The same lies over real HTTP are those of :mod:`tests.loadtest.liars`.
"""

from edge.core.limits.bucket import CLEAR
from edge.core.wire.reason import Reason
from loadtest.flood.arrival import Kind
from loadtest.judge.status import Spent
from loadtest.provider.money import show_money
from loadtest.provider.reading import LOST, Outcome, Reading
from loadtest.provider.segments import segments
from tests.loadtest.paperworker import PaperWorker

LATE_US = 6_000_000
SILENCE = Reading(Outcome.SILENCE)


class PaperLiar(PaperWorker):
    """Counts its lies."""

    def __init__(self, config, service_us=500):
        super().__init__(config, service_us)
        self.lies = 0
        self.met = 0

    def answer(self, arrival):
        """Count whom it has met."""
        self.met += 1
        super().answer(arrival)

    def reply(self, arrival):
        """Lie by a reply."""
        self.lies += 1
        text = self.text(arrival)
        return Reading(Outcome.REPLY, text, segments(text))


class Resets(PaperLiar):
    """Answers some, then breaks every connection, and books all the same."""

    def respond(self, arrival, reason):
        """Break it."""
        if self.met <= 20 or arrival.kind is Kind.SLOW_LORIS:
            return super().respond(arrival, reason)
        self.lies += 1
        return LOST


class ForgetsToAnswer(PaperLiar):
    """One message in a hundred gets no answer, and is not booked either."""

    def answer(self, arrival):
        """Say nothing."""
        if self.met % 100 != 99 or arrival.kind is Kind.SLOW_LORIS:
            super().answer(arrival)
            return
        self.met += 1
        self.lies += 1
        self.record(arrival, LOST)


class Stalls(PaperLiar):
    """Every twentieth message waits for long."""

    def record(self, arrival, reading):
        """Have it wait."""
        late = self.met % 20 == 1
        self.lies += late and reading is not LOST
        self.service_us = LATE_US if late else 500
        super().record(arrival, reading)
        self.service_us = 500


class AnswersLate(PaperLiar):
    """Every message waits for long."""

    def record(self, arrival, reading):
        """Have it wait."""
        self.lies += 1
        self.tally.record(
            arrival,
            reading,
            self.prices_at(arrival).price_micros(arrival.sender, reading.segments),
            arrival.at_us,
            arrival.at_us + LATE_US,
        )


class AnswersTheWrongSender(PaperLiar):
    """A reply that one man is due goes to another, who had his already."""

    owed = 0

    def respond(self, arrival, reason):
        """Keep a reply back, and give it to the next who is due none."""
        if reason is Reason.ANSWERED and self.met > 3:
            self.owed += 1
            self.lies += 1
            return SILENCE
        if reason in (Reason.SENDER_LIMIT, Reason.BLOCK_LIMIT) and self.owed:
            self.owed -= 1
            return self.reply(arrival)
        return super().respond(arrival, reason)


class AnswersTwiceOnAnotherMachine(PaperLiar):
    """Two machines take turns, and neither knows what the other has done."""

    BOOKS = ("senders", "blocks", "paid", "paces")

    def __init__(self, config, service_us=500):
        super().__init__(config, service_us)
        self.other = {"senders": {}, "blocks": {}, "paid": set(), "paces": {}}

    def swap(self):
        """Go to the other machine."""
        mine = {name: getattr(self, name) for name in self.BOOKS}
        for name, books in self.other.items():
            setattr(self, name, books)
        self.other = mine

    def refusal(self, arrival):
        """Ask this machine only; it lies where the other one would refuse."""
        mine = super().refusal(arrival)
        self.swap()
        others = super().refusal(arrival)
        self.lies += mine is None and (others is not None or self.key(arrival) in self.paid)
        self.swap()
        return mine

    def answer(self, arrival):
        """Answer on one machine, the next on the other."""
        super().answer(arrival)
        self.swap()


class AnswersEverything(PaperLiar):
    """Whoever is over a limit is answered, and it is not booked."""

    def respond(self, arrival, reason):
        """Answer."""
        limits = (Reason.SENDER_LIMIT, Reason.BLOCK_LIMIT, Reason.PACE_LIMIT, Reason.KITTY_SPENT)
        return self.reply(arrival) if reason in limits else super().respond(arrival, reason)


class AnswersForgers(PaperLiar):
    """Who signs with another secret is answered as well."""

    def respond(self, arrival, reason):
        """Answer."""
        return self.reply(arrival) if arrival.kind is Kind.FORGED else super().respond(arrival, reason)


class RepliesInTwoSegments(PaperLiar):
    """Twice the price."""

    def text(self, arrival):
        """Return it padded with what nobody sees."""
        self.lies += 1
        return super().text(arrival) + " " * 160


class SaysSomethingElse(PaperLiar):
    """The reply is another text."""

    def text(self, arrival):
        """Return another."""
        self.lies += 1
        return "Oui."


class FailsNowAndThen(PaperLiar):
    """One message in fifty is an error, which a provider would repeat."""

    def respond(self, arrival, reason):
        """Fail."""
        if self.met % 50 or not arrival.kind.is_message:
            return super().respond(arrival, reason)
        self.lies += 1
        return Reading(Outcome.ERROR)


class RefusesPeople(PaperLiar):
    """Half of those whom no limit stops meet silence all the same."""

    def refusal(self, arrival):
        """Refuse."""
        found = super().refusal(arrival)
        if found is None and self.met % 2:
            self.lies += 1
            return Reason.PACE_LIMIT
        return found


class PaysFromAnothersShare(PaperLiar):
    """A flood on one number is paid out of whichever share has most left."""

    def payer(self, arrival):
        """Return that."""
        return min(range(len(self.prices)), key=lambda number: self.paces.get(number, CLEAR))

    def pay(self, arrival):
        """Lie if it is another one's."""
        self.lies += self.payer(arrival) != arrival.number
        return super().pay(arrival)


class LyingStatus(PaperLiar):
    """Keeps its promises, and tells of it what is not so, once it has met the flood."""

    def status(self):
        """Tell."""
        if not self.met:
            return super().status()
        self.lies += 1
        return self.lie(super().status())


def lying(**changes):
    """Return a worker whose status says something else: each field a function of the true status."""

    def lie(_, status):
        return type(status)(
            **{name: getattr(status, name) for name in status.__struct_fields__}
            | {name: change(status) for name, change in changes.items()}
        )

    return type("Lying_" + "_".join(changes), (LyingStatus,), {"lie": lie})


def less(text):
    """Return an amount that is a millionth smaller."""
    return show_money(max(0, round(float(text) * 1_000_000) - 1))


class FrozenStatus(LyingStatus):
    """Nothing ever happened."""

    def lie(self, status):
        """Return what it said at the beginning."""
        return type(self)(self.config).status()


LIARS = [
    Resets,
    ForgetsToAnswer,
    Stalls,
    AnswersLate,
    AnswersTheWrongSender,
    AnswersTwiceOnAnotherMachine,
    AnswersEverything,
    AnswersForgers,
    RepliesInTwoSegments,
    SaysSomethingElse,
    FailsNowAndThen,
    RefusesPeople,
    PaysFromAnothersShare,
    FrozenStatus,
    lying(spent=lambda status: Spent(less(status.spent.replies), status.spent.received)),
    lying(spent=lambda status: Spent(status.spent.replies, "0.00" if status.received_micros else "1.00")),
    lying(kitty_left=lambda _: "1000000.00"),
    lying(replies=lambda status: status.replies - 1),
    lying(messages=lambda status: status.messages - 1),
    lying(messages=lambda status: status.messages + 1),
    lying(currency=lambda _: "XXX"),
    lying(by_reason=lambda status: status.by_reason | {"answered": status.by_reason.get("answered", 0) + 1}),
]
