"""Facts about the judge of a flood of several numbers: it believes an honest worker, and says of every liar what he did."""

import pytest
from msgspec.structs import replace

from loadtest.flood.arrival import Kind
from loadtest.judge.demand import Demand
from loadtest.judge.evidence import Evidence
from loadtest.judge.judging import judge
from loadtest.judge.status import OfNumber
from loadtest.judge.verdict import State
from loadtest.provider.reading import LOST
from loadtest.report.bills import bills
from loadtest.report.markdown import summary
from loadtest.report.page import page
from loadtest.report.printout import as_dict, as_table
from tests.loadtest.floods import broken_lines, config_of, judged, message, numbers_of, people, run_of
from tests.loadtest.paperliars import PaysFromAnothersShare
from tests.loadtest.paperworker import PaperWorker

DEARER = numbers_of('received = "0.001", reply = { "+33" = "0.09", "+49" = "0.1" }')
BUDGET = 'kitty = "2000", per-day = "35", burst = "8"'
TWO = config_of(number=DEARER, budget=BUDGET)


def flood_of(count=300, others=20):
    """Return a flood that knows the first number, and people who know the second."""
    trolls = people(count, prefix="+337")
    genuine = [replace(one, number=1, index=count + one.index) for one in people(others, genuine=True, every_s=0.1)]
    return sorted([*trolls, *genuine], key=lambda one: one.at_us)


class HasNoShares(PaperWorker):
    """One pace for all numbers: who is first gets it."""

    def __init__(self, config):
        super().__init__(config)
        self.sharing = replace(self.sharing, numbers=1)

    def payer(self, arrival):
        """Return the one that pays for all."""
        return 0


class KeepsEachSendersOwn(PaperWorker):
    """A sender is another one on each number."""

    def refusal(self, arrival):
        """Forget what they were answered elsewhere."""
        self.senders, kept = {} if arrival.number else self.senders, self.senders
        refusal = super().refusal(arrival)
        self.senders = kept
        return refusal


class HasOneBookOfIds(PaperWorker):
    """An id is all numbers' own: another message with the same is a retry, and its answer is free."""

    def judge(self, arrival):
        """Look it up in all."""
        return super().judge(replace(arrival, number=0) if (0, arrival.message_id) in self.paid else arrival)


class BooksWithTheFirstOnesPrices(PaperWorker):
    """What a reply costs at the second number is not what it says."""

    def pay(self, arrival):
        """Book it as if it were the first one's."""
        reason, first = super().pay(arrival), self.prices[0].expected_micros(arrival.sender)
        self.replies_micros += first - self.prices_at(arrival).expected_micros(arrival.sender)
        return reason


class ReceivesAtTheFirstOnesPrices(PaperWorker):
    """What comes in at the second number costs what it does at the first."""

    def received_micros_of(self, arrival):
        """Return the first one's price."""
        return super().received_micros_of(replace(arrival, number=0))


class ServesWhomAnotherServes(PaperWorker):
    """A prefix that one number has a price for is answered at all."""

    def prices_at(self, arrival):
        """Return the prices of the last one for who has none."""
        mine = super().prices_at(arrival)
        return mine if mine.serves(arrival.sender) else self.prices[-1]


class SaysItWasTheOther(PaperWorker):
    """Its books have the first number's replies at the second."""

    def status(self):
        """Return them the other way round."""
        status = super().status()
        return replace(status, numbers=status.numbers[::-1])


class SaysNothingOfItsNumbers(PaperWorker):
    """As if it had one."""

    def status(self):
        """Return the books without them."""
        return replace(super().status(), numbers=[])


def test_who_keeps_to_the_shares_is_believed():
    """Everybody at the second number is answered, whatever comes to the first; each message at its number's price."""
    judgement = judged(PaperWorker(TWO), flood_of(), "genuine.answered_share >= 1")
    first, second = judgement.fairness.numbers

    assert (State.KEPT, []) == (judgement.verdict.state, judgement.verdict.undecided)
    assert ("number[0]", 0, 0) == (first.where, first.genuine, first.answered)
    assert ("number[1]", 20, 20, 20, 20 * 90_000) == (second.where, second.genuine, second.answered, second.replies, second.replies_micros)  # fmt: skip
    assert 300 * 7_500 + 20 * 1_000 == judgement.fairness.received_micros
    assert 300 * (7_500 + 76_300) + 20 * (1_000 + 90_000) == judgement.fairness.without_gate_micros
    assert first.replies + second.replies == judgement.evidence.bounds.most == judgement.evidence.bounds.least


def test_the_figures_of_each_number_stand_under_those_of_all():
    """In the table, for programs, in Markdown and on the page; with one number there is nothing to tell."""
    judgement, one = judged(PaperWorker(TWO), flood_of()), judged(PaperWorker(config_of()), people(3))

    assert "  number[1]: 20 of 20 genuine senders answered; 20 replies for 1.80\n" in as_table(judgement)
    assert {"number": "number[1]", "genuine": 20, "answered": 20, "replies": 20, "spent": "1.80", "held_back": 0} == as_dict(judgement)["numbers"][1]  # fmt: skip
    assert "| number&#91;1&#93; | 20 | 20 | 20 | 1.80 | 0 |\n" in summary(judgement)
    assert '<td class="name">number[1]</td><td class="number">20 of 20</td><td class="number">20</td>' in page(
        judgement
    )
    assert "numbers" not in as_dict(one)
    assert not any("number[" in told or "number&#91;" in told for told in (as_table(one), summary(one), page(one)))


def test_what_was_held_back_at_one_number_is_told_of_that():
    """Bills and books go by what was delivered to each; without a gate all of it would have been."""
    flood = [replace(one, index=place) for place, one in enumerate(flood_of())]
    away = [one.index for one in flood if not one.number][200:]
    worker, run = PaperWorker(TWO), run_of(TWO)
    before, tally = worker.status(), worker.play(one for one in flood if one.index not in away)
    tally.held_back = away
    judgement = judge(Evidence(run, Demand(run.prices, flood).part(held_back=away), tally, before, worker.status()))

    assert (State.KEPT, [100, 0]) == (judgement.verdict.state, [part.held_back for part in judgement.fairness.numbers])
    assert 200 * 7_500 + 20 * 1_000 == judgement.fairness.received_micros
    assert 300 * (7_500 + 76_300) + 20 * (1_000 + 90_000) == judgement.fairness.without_gate_micros
    assert [320, 320, 220] == [bill.messages for bill in bills(judgement)]
    assert "; 100 messages held back\n  number[1]: " in as_table(judgement)
    assert "| 100 |\n" in summary(judgement)
    assert '<td class="number spare">100</td>' in page(judgement)


ELSEWHERE = [message(1000, "+4915123456789", at_s=0), message(1001, "+33612345678", at_s=1, number=1)]
TWICE = [message(k, "+33612345678", at_s=k, number=k) for k in (0, 1)]
ONE_ID = [message(k, f"+3361234567{k}", at_s=k, number=k, message_id="SM1") for k in (0, 1)]


@pytest.mark.parametrize(
    ("liar", "flood", "line"),
    [
        (PaysFromAnothersShare, flood_of(), "no number costs more than its share of the pace allows: number[0]: in some interval by "),
        (HasNoShares, flood_of(), "no number costs more than its share of the pace allows: number[0]: in some interval by "),
        (KeepsEachSendersOwn, TWICE, "no sender gets more than its limit: +33612345678 got 2 replies"),
        (HasOneBookOfIds, ONE_ID, "the worker's books agree with what was seen: replies of number[1]: 1 here, 0 in the books"),
        (BooksWithTheFirstOnesPrices, flood_of(), "the worker's books agree with what was seen: replies: "),
        (ReceivesAtTheFirstOnesPrices, flood_of(), "the worker's books agree with what was seen: receiving: 2.27 here, 2.40 in the books"),
        (ServesWhomAnotherServes, ELSEWHERE, "only people with a price are answered: message 1000 from '+4915123456789'"),
        (SaysItWasTheOther, flood_of(), "the worker's books agree with what was seen: replies of number[0]: "),
        (SaysNothingOfItsNumbers, flood_of(), "the worker's books agree with what was seen: the worker tells of 0 numbers, its file has 2"),
    ],
)  # fmt: skip
def test_who_does_not_is_caught(liar, flood, line):
    """And the line says which number it was; nothing of it is broken by an honest worker."""
    assert line in broken_lines(judged(liar(TWO), flood))
    assert "" == broken_lines(judged(PaperWorker(TWO), flood))


def test_who_answers_too_few_at_one_number_is_caught():
    """People there are due their replies, however many got one at the other."""

    class LooksAtTheFirst(PaperWorker):
        """The pace of the first is that of all."""

        def refusal(self, arrival):
            """Judge as if it were written to the first."""
            return super().refusal(replace(arrival, number=0))

    assert "between " in broken_lines(judged(LooksAtTheFirst(TWO), flood_of(others=40)))


def test_what_got_no_answer_may_stand_in_the_books_of_its_number():
    """And nowhere else."""

    class Loses(PaperWorker):
        """Nobody hears of a reply at the second number, nor of a retry of one."""

        def respond(self, arrival, reason):
            """Break the connection."""
            return LOST if arrival.number else super().respond(arrival, reason)

    class BooksThemAtTheFirst(Loses):
        """Those of which nobody heard are the first one's."""

        def status(self):
            """Return the books, with all at the first."""
            status = super().status()
            return replace(
                status, numbers=[OfNumber(status.replies), OfNumber(0)] if status.replies else status.numbers
            )

    flood = [message(0, number=0), message(1, "+33622345678", number=1), message(2, "+33622345678", number=1, kind=Kind.RETRIED, message_id=f"SM{1:032}")]  # fmt: skip

    assert "books" not in broken_lines(judged(Loses(TWO), flood))
    assert "replies of number[0]: 1 here, 2 in the books" in broken_lines(judged(BooksThemAtTheFirst(TWO), flood))
