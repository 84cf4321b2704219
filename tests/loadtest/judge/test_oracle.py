"""Facts about the oracle: it believes an honest worker, and says of every liar what he did."""

import msgspec
import pytest

from edge.configfile import parse
from edge.core.wire.reason import Reason
from loadtest.flood.arrival import Kind
from loadtest.flood.file import load
from loadtest.flood.stream import arrivals
from loadtest.judge.oracle import overspent
from loadtest.judge.verdict import State
from loadtest.provider.reading import LOST, Outcome, Reading
from loadtest.worker.file import worker_file
from tests.loadtest.floods import EXAMPLE, QUICK, broken_lines, config_of, judged, message, people
from tests.loadtest.paperworker import PaperWorker

TWO_SEGMENTS = "Non. " * 40


class AnswersEverything(PaperWorker):
    """Knows no limits."""

    def refusal(self, arrival):
        """Never refuse."""


class OverspendsByACent(PaperWorker):
    """Lets the last reply through when a cent is missing in the kitty."""

    def refusal(self, arrival):
        """Believe in a cent more than there is."""
        self.replies_micros -= 10_000
        reason = super().refusal(arrival)
        self.replies_micros += 10_000
        return reason


class ChargesRetries(PaperWorker):
    """Answers a retry as it should, but charges it again."""

    def judge(self, arrival):
        """Forget what was paid."""
        reason = super().judge(arrival)
        return self.pay(arrival) if reason is Reason.DUPLICATE else reason


class AnswersForgeries(PaperWorker):
    """Does not look at signatures."""

    def judge(self, arrival):
        """Take a forgery for a message."""
        honest = msgspec.structs.replace(arrival, kind=Kind.FRESH) if arrival.kind is Kind.FORGED else arrival
        return super().judge(honest)


class AnswersAnybody(PaperWorker):
    """Answers senders that have no price."""

    def judge(self, arrival):
        """Pay for a short code too."""
        return self.refusal(arrival) or self.pay(arrival)


class AnswersAtLength(PaperWorker):
    """Says more than it was told, in two segments."""

    def text(self, _):
        """Return a text that is not the configured one."""
        return TWO_SEGMENTS


class ForgetsRetries(PaperWorker):
    """Stays silent when a paid message is delivered again."""

    def respond(self, arrival, reason):
        """Answer the first delivery only."""
        return Reading(Outcome.SILENCE) if reason is Reason.DUPLICATE else super().respond(arrival, reason)


class AnswersRetriesOtherwise(PaperWorker):
    """Has another text for a retry."""

    def text(self, arrival):
        """Return the configured text, once."""
        return super().text(arrival) + (" Encore." if arrival.kind is Kind.RETRIED else "")


class SaysNothing(PaperWorker):
    """Answers nobody, though it could."""

    def judge(self, arrival):
        """Refuse everything."""
        return Reason.PACE_LIMIT


class Complains(PaperWorker):
    """Has an error instead of silence."""

    def respond(self, arrival, reason):
        """Answer 500 to whom it does not reply."""
        return Reading(Outcome.ERROR) if reason is Reason.SENDER_LIMIT else super().respond(arrival, reason)


class ClaimsASmallerBill(PaperWorker):
    """Shows less money in its status than it paid."""

    def status(self):
        """Hide a cent."""
        honest = super().status()
        if not self.replies_micros:
            return honest
        spent = msgspec.structs.replace(honest.spent, replies=f"{(self.replies_micros - 10_000) / 1e6:.6f}")
        return msgspec.structs.replace(honest, spent=spent)


class ClaimsFewerMessages(PaperWorker):
    """Does not count silence."""

    def status(self):
        """Count the answered ones only."""
        return msgspec.structs.replace(super().status(), messages=self.counts[Reason.ANSWERED])


class ClaimsMoreReplies(PaperWorker):
    """Boasts of a reply that no message had."""

    def status(self):
        """Count one reply more than messages that were answered."""
        honest = super().status()
        return msgspec.structs.replace(honest, replies=honest.replies + bool(honest.replies))


class BooksByTheMessage(PaperWorker):
    """Counts what it receives as one segment each."""

    def received_micros_of(self, arrival):
        """Return the price of one segment."""
        return self.config.price.received


class BooksEachDelivery(PaperWorker):
    """Counts a message as received whenever it is delivered."""

    def is_received_anew(self, arrival):
        """Remember nothing."""
        return True


class ForgetsWhatItReceived(PaperWorker):
    """Loses what it has received since it last told its ledger."""

    def status(self):
        """Leave the last message out."""
        honest = super().status()
        if not self.received_micros:
            return honest
        spent = msgspec.structs.replace(honest.spent, received=f"{(self.received_micros - 7_500) / 1e6:.6f}")
        return msgspec.structs.replace(honest, spent=spent)


class CountsInAnotherCurrency(PaperWorker):
    """Shows francs."""

    def status(self):
        """Return the account in CHF, with a kitty that does not add up."""
        return msgspec.structs.replace(super().status(), currency="CHF", kitty_left="1.00")


ONE_MAN = [message(k, at_s=k / 10) for k in range(30)]
RETRIED = [
    message(0, message_id="SM1"),
    message(1, kind=Kind.RETRIED, message_id="SM1"),
    *[message(k) for k in (2, 3)],
]
FORGED = [message(0, kind=Kind.FORGED), message(1, "+33712345678")]
LONG = [message(k, text="x" * 1530) for k in range(2)]
REFUSED = [message(0), message(1, message_id="SM1"), message(2, kind=Kind.RETRIED, message_id="SM1")]
TEN_REPLIES = 'kitty = "0.763", per-day = "1000", burst = "1000"'
LIARS = [
    (AnswersEverything, ONE_MAN, {}, "no sender gets more than its limit: +33612345678 got 30 replies within 2.9 s, where 1 at once and 1 every 86400 s are allowed"),
    (AnswersEverything, [message(k, f"+3361234{k:04}", at_s=k / 10) for k in range(9)], {}, "no block gets more than its limit: +3361234xxxx got 9 replies"),
    (AnswersEverything, people(200), {}, "no interval costs more than the pace allows: replies of 15.26 were seen, burst and pace allow 8.75"),
    (AnswersEverything, people(20), {"received": "0", "budget": TEN_REPLIES}, "the kitty is never overdrawn: replies of 1.526 were seen, the kitty held 0.763"),
    (OverspendsByACent, people(20), {"received": "0", "budget": 'kitty = "0.76", per-day = "1000", burst = "1000"'}, "the kitty is never overdrawn: replies of 0.763 were seen, the kitty held 0.76"),
    (ChargesRetries, RETRIED, {}, "a message was charged twice, or a reply was paid and never sent"),
    (AnswersForgeries, FORGED, {}, "only what the provider sent is answered: message 0 (forged) from +33612345678 was answered"),
    (AnswersAnybody, [message(0, "+15551234567")], {}, "only people with a price are answered: message 0 from '+15551234567', who has no price, was answered"),
    (AnswersAtLength, [message(0)], {}, "a reply has as many segments as counted here: the reply to message 0 has 2 segments instead of 1"),
    (AnswersAtLength, [message(0)], {}, "the reply is the configured text: message 0 from +33612345678 was answered 'Non. Non."),
    (ForgetsRetries, RETRIED, {}, "a message delivered again gets the same answer: message SM1 was answered, but not when it was retried"),
    (AnswersRetriesOtherwise, RETRIED, {}, "a message delivered again gets the same answer: message SM1 was answered again, with another text"),
    (SaysNothing, people(20), {}, "between 20 and 20 replies: only 0 replies were seen, 20 at least were due"),
    (Complains, ONE_MAN, {}, "whatever the provider sends gets a 200: 29 fresh messages: error; a provider would retry"),
    (ClaimsASmallerBill, people(2), {}, "the worker's books agree with what was seen: replies: 0.1526 here, 0.1426 in the books"),
    (ClaimsFewerMessages, ONE_MAN, {}, "the worker's books agree with what was seen: messages: 30 here, 1 in the books"),
    (ClaimsMoreReplies, ONE_MAN, {}, "the worker claims 2 replies, but 1 answered messages"),
    (BooksByTheMessage, LONG, {}, "receiving: 0.15 here, 0.015 in the books"),
    (BooksEachDelivery, REFUSED, {}, "receiving: 0.015 here, 0.0225 in the books"),
    (ForgetsWhatItReceived, ONE_MAN, {}, "receiving: 0.225 here, 0.2175 in the books"),
    (CountsInAnotherCurrency, ONE_MAN, {}, "the worker counts in CHF, its file in EUR"),
    (CountsInAnotherCurrency, ONE_MAN, {}, "the kitty's rest: 1999.6987 here, 1.00 in the books"),
]  # fmt: skip


@pytest.mark.parametrize(("liar", "flood", "given", "line"), LIARS)
def test_a_liar_is_found_out(liar, flood, given, line):
    """Each lie breaks its promise, with a line that says what happened, and the exit code is 3."""
    judgement = judged(liar(config_of(**given)), flood)

    assert line in broken_lines(judgement)
    assert State.BROKEN is judgement.verdict.state


@pytest.mark.parametrize("flood", [ONE_MAN, RETRIED, REFUSED, LONG, FORGED, people(200), [message(0, "36000")]])
def test_an_honest_worker_is_believed(flood):
    """The same floods break nothing where nobody lies."""
    judgement = judged(PaperWorker(config_of()), flood)

    assert ([], [], State.KEPT) == (judgement.verdict.broken, judgement.verdict.undecided, judgement.verdict.state)


@pytest.mark.parametrize("name", QUICK)
def test_an_honest_worker_keeps_every_promise_of_every_scenario(name):
    """Compressed like the scenario, a worker that keeps to its file breaks no promise and no limit."""
    scenario = load(name)
    config = parse(worker_file(EXAMPLE, scenario))
    flood = list(arrivals(scenario, phone=config.number.phone, numbers=len(config.numbers)))
    judgement = judged(PaperWorker(config), flood, *scenario.thresholds)

    assert ([], []) == (judgement.verdict.broken, judgement.verdict.undecided)


def lossy(flood, lost, books):
    """Return the judgement on an honest worker some of whose answers never arrive."""

    class Loses(PaperWorker):
        def respond(self, arrival, reason):
            return LOST if arrival.index in lost else super().respond(arrival, reason)

    return judged(
        Loses(config_of()), flood, f"messages.unknown <= {len(lost)}", "corrected.p99_ms < 20000", books=books
    )


def test_a_lost_answer_is_settled_by_the_books():
    """What was paid and not seen is no difference, if it is not more than what was lost."""
    assert State.KEPT is lossy(people(20), {3, 4}, books=True).verdict.state


def test_without_books_nothing_is_kept_for_certain():
    """The run is inconclusive, never a pass."""
    judgement = lossy(people(20), set(), books=False)

    assert State.INCONCLUSIVE is judgement.verdict.state
    assert "/status.json could not be read before and after the flood" in judgement.verdict.undecided[0]


def test_without_books_lost_answers_may_have_cost_too_much():
    """114 replies fit in the burst; with 10 lost ones it may have been more, and nobody can say."""
    lost = set(range(150, 200))
    judgement = lossy(people(200), lost, books=False)

    assert any("with unknown outcomes up to" in line for line in judgement.verdict.undecided)
    assert [] == judgement.verdict.broken


def test_books_beyond_the_budget_are_a_broken_promise_even_unseen():
    """A worker that loses its answers and books more than the pace allows has overspent."""

    class Hides(AnswersEverything):
        def respond(self, arrival, reason):
            return LOST

    assert "the worker books replies of 15.26, burst and pace allow 8.75" in broken_lines(
        judged(Hides(config_of()), people(200))
    )


def test_a_pace_exceeded_in_the_middle_is_found_though_the_sum_is_right():
    """A worker that saves up more than its burst and spends it at once breaks the pace, not the total."""
    config = config_of(
        price="1", budget='kitty = "2000", per-day = "864000", burst = "2"', limit="block = { burst = 100 }"
    )
    flood = [message(k, f"+3361{k:04}0000", at_s=10) for k in range(6)]

    lines = broken_lines(judged(AnswersEverything(config), flood))

    assert "no interval costs more than the pace allows: in some interval by" in lines


def test_many_wrongs_are_three_lines_and_a_number():
    """Nobody reads a thousand lines."""
    flood = [message(k, f"+336{k:04}0000", kind=Kind.FORGED) for k in range(50)]
    lines = [
        line for line in judged(AnswersForgeries(config_of()), flood).verdict.broken if line.startswith("only what")
    ]

    assert (4, True) == (len(lines), lines[-1].endswith("and 47 more"))


def test_a_ledger_that_was_down_excuses_silence():
    """Silence instead of spending is what the worker promises then."""

    class Down(PaperWorker):
        def judge(self, arrival):
            return Reason.LEDGER_DOWN if arrival.index >= 2 else super().judge(arrival)

    flood = [
        *people(2),
        *[message(k, f"+337{k:04}0000") for k in range(2, 20)],
        message(20, kind=Kind.RETRIED, message_id="SM" + "0" * 32),
    ]

    assert "" == broken_lines(judged(Down(config_of()), flood))


def test_another_worker_may_not_have_heard_yet():
    """With several workers, a retry within two seconds may meet one that does not know of the charge."""
    several = config_of(more="server = { workers = 2 }")

    assert "but not when it was retried" not in broken_lines(judged(ForgetsRetries(several), RETRIED))


def test_overspending_is_seen_while_it_happens():
    """The two promises about money can be asked for alone."""
    worker = AnswersEverything(config_of())
    judgement = judged(worker, people(200), books=False)

    assert ["replies of 15.26 were seen, burst and pace allow 8.750806"] == list(overspent(judgement.evidence))
