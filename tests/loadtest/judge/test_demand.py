"""Facts about what a flood asks for, and the least and the most replies: an honest worker is always between them."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.units import Micros
from loadtest.flood.arrival import Kind
from loadtest.judge.bounds import Bounds, Funds, bounds
from loadtest.judge.demand import Demand
from loadtest.provider.prices import prices_of
from tests.loadtest.floods import NUMBER, config_of, message, numbers_of, people, run_of
from tests.loadtest.paperworker import PaperWorker

FULL = Funds(kitty_left_micros=2_000_000_000, fresh=True)
SERVICE_US = 500


NUMBERS = [NUMBER, numbers_of(""), numbers_of('reply = { "+33" = "1.5" }', 'reply = { "+49" = "2" }')]
"""One, two alike, three with prices of their own."""


@st.composite
def configs(draw):
    """Return a configuration whose limits matter in a flood of some seconds."""
    sender, block = (
        f'burst = {draw(st.integers(1, 3))}, count = {draw(st.integers(1, 3))}, period = "{draw(st.integers(1, 20))}s"'
        for _ in range(2)
    )
    kitty, per_day = draw(st.integers(1, 60)), draw(st.integers(1, 2_000_000))
    return config_of(
        number=draw(st.sampled_from(NUMBERS)),
        price="1",
        received=draw(st.sampled_from(["0", "0.01"])),
        budget=f'kitty = "{kitty}", per-day = "{per_day}", burst = "{draw(st.integers(1, 20))}"',
        limit=f"sender = {{ {sender} }}, block = {{ digits = 2, {block} }}",
    )


@st.composite
def floods(draw):
    """Return a short flood from a few senders in a few blocks, with repeats and forgeries."""
    instants = sorted(draw(st.lists(st.integers(0, 20_000), min_size=1, max_size=50)))
    flood = []
    for index, at_ms in enumerate(instants):
        kind = draw(st.sampled_from([Kind.FRESH] * 5 + [Kind.FORGED, Kind.RETRIED]))
        sender = f"+3361234{draw(st.integers(10, 13)):02}{draw(st.integers(0, 4)):02}"
        if kind is Kind.RETRIED:
            originals = [old for old in flood if old.kind is Kind.FRESH]
            if not originals:
                kind = Kind.FRESH
            else:
                first = draw(st.sampled_from(originals))
                known = {"message_id": first.message_id, "number": first.number}
                flood.append(message(index, first.sender, at_s=at_ms / 1000, kind=kind, **known))
                continue
        more = {"genuine": kind is Kind.FRESH and draw(st.booleans()), "number": draw(st.integers(0, 2))}
        flood.append(message(index, sender, at_s=at_ms / 1000, kind=kind, **more))
    return flood


def written_to(config, flood):
    """Return a flood of the numbers that a file has."""
    return [msgspec.structs.replace(arrival, number=arrival.number % len(config.numbers)) for arrival in flood]


@settings(max_examples=200)
@given(configs(), floods(), st.integers(1, 2_000_000))
def test_an_honest_worker_is_between_the_bounds(config, flood, service_us):
    """With the worker's own rules, its millisecond clock and any delay, the paid replies lie between least and most."""
    flood = written_to(config, flood)
    worker = PaperWorker(config, service_us)
    worker.play(flood)

    found = bounds_of(config, flood, Funds(config.budget.kitty, fresh=True), service_us)

    assert found.least <= len(worker.paid) <= found.most


def bounds_of(config, flood, funds=FULL, service_us=SERVICE_US, **given):
    """Return the bounds of a flood, if not told otherwise against a worker that answers at once."""
    run = run_of(config)
    return bounds(run, Demand(run.prices, flood), funds, service_us, **given)


def test_where_nothing_is_short_everybody_is_answered_once():
    """Fifty senders in as many blocks, money enough: least and most are fifty."""
    assert Bounds(50, 50) == bounds_of(config_of(), people(50))


def test_a_sender_who_repeats_himself_counts_once():
    """A thousand messages from one number are one reply."""
    assert Bounds(1, 1) == bounds_of(config_of(), [message(k, at_s=k / 100) for k in range(1000)])


def test_a_block_is_answered_no_more_than_its_limit():
    """Consecutive numbers get the block's burst, and what it refills: in each plan as many as the file grants there."""
    flood = [message(k, f"+3361234{k:04}", at_s=k / 100) for k in range(100)]
    american = [message(100 + k, f"+12025{k:06}", at_s=k / 100) for k in range(100)]
    both = config_of(price='0.0763", "+1" = "0.0763')

    assert Bounds(2, 2) == bounds_of(config_of(), flood)
    assert Bounds(7, 7) == bounds_of(both, flood + american)


def test_the_pace_bounds_a_crowd():
    """8.75 at once, less the quarter that is kept for who knocks, buys 86 replies at 0.0763; ten seconds refill less than one."""
    assert Bounds(86, 86) == bounds_of(config_of(), people(1000))


def test_the_kitty_bounds_a_crowd_and_receiving_empties_it():
    """With 1.00 left, 13 replies at most; the 100 messages themselves cost 0.75 of it, so 3 at least."""
    assert Bounds(3, 13) == bounds_of(config_of(), people(100), Funds(1_000_000, fresh=True))


def test_nothing_is_due_from_a_worker_that_has_paid_before():
    """Nobody outside knows whom it has answered."""
    assert Bounds(0, 50) == bounds_of(config_of(), people(50), Funds(2_000_000_000, fresh=False))


def test_nothing_is_due_for_what_was_not_sent():
    """A flood that was cut short owes replies for its first part only, and may have got them for all."""
    assert Bounds(10, 50) == bounds_of(config_of(), people(50), played_us=100_000)


def test_a_paused_worker_owes_nothing_and_may_pay_nothing():
    """Paused is paused."""
    assert Bounds(0, 0) == bounds_of(config_of(more="paused = true"), people(50))


@pytest.mark.parametrize("sender", ["36000", "INFO", "+33937000000", "+15551234567", "+3361234567890123"])
def test_who_cannot_be_served_is_not_counted_on(sender):
    """Short codes, words, our own number, numbers without a price or too long get nothing."""
    assert Bounds(0, 0) == bounds_of(config_of(), [message(0, sender)])


@pytest.mark.parametrize("kind", [Kind.FORGED, Kind.OVERSIZE, Kind.MALFORMED, Kind.SLOW_LORIS])
def test_what_the_provider_does_not_vouch_for_is_not_counted_on(kind):
    """Neither a reply nor the price of receiving."""
    flood = [message(0, kind=kind)]

    assert (Bounds(0, 0), 0) == (bounds_of(config_of(), flood), Demand(prices_of(config_of()), flood).messages)


def test_several_workers_may_miss_a_few():
    """Two of a hundred can lose a race for the same money."""
    config = config_of(more="server = { workers = 2 }")

    assert Bounds(49, 50) == bounds_of(config, people(50))


def test_a_pace_that_nobody_knows_is_refused_at_once():
    """Before anything is sent."""
    with pytest.raises(ValueError, match="lasts-until"):
        _ = run_of(config_of(budget='kitty = "2000", lasts-until = 2030-01-01')).pace


@given(configs(), floods(), st.integers(0, 21_000_000))
def test_the_demand_at_an_earlier_instant_is_that_of_the_shorter_flood(config, flood, us):
    """So a look at a flood while it plays need not make it again."""
    prices, flood = prices_of(config), written_to(config, flood)
    shorter = Demand(prices, [arrival for arrival in flood if arrival.at_us < us])

    part = Demand(prices, flood).part(until_us=us)

    assert (shorter.senders, shorter.genuine, shorter.counts) == (part.senders, part.genuine, part.counts)
    assert (shorter.received_us, shorter.chances_us, shorter.last_us) == (
        part.received_us,
        part.chances_us,
        part.last_us,
    )


def test_what_was_held_back_asks_nothing_of_the_worker():
    """Nobody is to be answered for it, and nothing is paid; who wrote is a person all the same."""
    demand = Demand(prices_of(config_of()), people(3, genuine=True)).part(held_back=[1])

    assert (3, 2, 2) == (len(demand.genuine), len(demand.senders), demand.messages)
    assert (2 * 7_500, [7_500]) == (demand.received_micros, list(demand.held_back_micros))
    assert (1, 2) == (len(demand.held_back_us), len(demand.chances_us[0]))


def test_what_was_held_back_is_counted_at_its_number():
    """A repeat is one more there, and would not be charged for again."""
    prices = prices_of(config_of(number=numbers_of('received = "0.001"')))
    flood = [message(0), message(1, number=1), message(2, number=1, kind=Kind.RETRIED, message_id=f"SM{1:032}")]
    demand = Demand(prices, flood).part(held_back=[1, 2])

    assert ([0, 2], [1_000], b"\x01") == (demand.held_back, list(demand.held_back_micros), demand.held_back_at)
    assert b"\x00" == demand.received_at


def test_a_flood_is_counted_as_it_passes():
    """Whoever plays it takes it from there, and it is made once."""
    demand = Demand(prices_of(config_of()))
    passing = demand.passing(people(3))

    next(passing)
    assert 1 == demand.requests

    assert [1, 2] == [arrival.index for arrival in passing]
    assert (3, 3) == (demand.requests, demand.messages)


def test_what_is_received_is_charged_by_the_segment_each_message_once():
    """Ten segments and one; a retry of the first, a forged one and a report are nothing that the provider charges for."""
    flood = [
        message(0, text="x" * 1530),
        message(0, text="x" * 1530, kind=Kind.RETRIED),
        message(1, text=""),
        message(2, text="x" * 1530, kind=Kind.FORGED),
    ]
    demand = Demand(prices_of(config_of()), flood)

    assert (2, 11 * 7_500) == (demand.messages, demand.received_micros)
    assert 11 * 7_500 == demand.part(until_us=10**9).received_micros


@pytest.mark.parametrize(("media", "micros"), [("0.0165", 16_500), (None, 7_500)])
def test_a_picture_is_charged_by_the_message_whatever_its_text(media, micros):
    """As `received-media` says, or as one segment where the file says nothing."""
    config = config_of()
    price = msgspec.structs.replace(config.price, received_media=None if media is None else Micros(micros))
    demand = Demand(
        prices_of(msgspec.structs.replace(config, price=price)),
        [message(0, text="x" * 1530, picture=True), message(0, kind=Kind.RETRIED, picture=True)],
    )

    assert micros == demand.received_micros


FOUR = numbers_of("", "", "")


def test_each_number_has_a_share_of_the_pace():
    """8.75 at once are four times 2.1875, of each of which a quarter is kept: 21 replies at most, wherever a thousand write to one."""
    crowd = [msgspec.structs.replace(one, number=0) for one in people(1000)]
    spread = [msgspec.structs.replace(one, number=one.index % 4) for one in people(1000)]

    assert Bounds(21, 21) == bounds_of(config_of(number=FOUR), crowd)
    assert Bounds(84, 84) == bounds_of(config_of(number=FOUR), spread)


def test_a_block_that_one_number_empties_owes_nothing_at_another():
    """Two of a block write to one number, the second time one of them; who is next of it writes to the other, and may be refused."""
    flood = [message(0, "+33612340001", number=0), message(1, "+33612340001", number=0), message(2, "+33612340002", number=1)]  # fmt: skip
    strict = "sender = { burst = 2, count = 2, period = '1d' }, block = { burst = 2, count = 2, period = '1d' }"

    assert [Bounds(1, 2), Bounds(2, 2)] == [
        bounds_of(config_of(number=number, limit=strict), written_to(config_of(number=number), flood))
        for number in (FOUR, NUMBER)
    ]


def test_a_burst_that_is_not_written_holds_the_dearest_reply_at_each_number():
    """A quarter of a day would be less: then a number could answer nobody."""
    config = config_of(number=FOUR, budget='kitty = "2000", per-day = "1"', more="knock = { share = 0 }")
    spread = [msgspec.structs.replace(one, number=one.index % 4) for one in people(40)]

    assert 4 * 76_300 == run_of(config).pace.size
    assert 4 == bounds_of(config, spread).most
