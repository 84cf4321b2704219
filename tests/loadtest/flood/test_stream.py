"""Facts about floods: one scenario and seed give one flood, and it says of each arrival what it is."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest

from edge.core.text.optout import word_of
from loadtest.flood.arrival import Kind
from loadtest.flood.file import load, parse, shipped
from loadtest.flood.stream import arrivals

PHONE = "+33937000000"
PHASE = """
[[phase]]
name = "a phase"
lasts = "1m"
messages = 200
arrivals = { process = "poisson" }
"""


def flood(text, **given):
    """Return a scenario's arrivals; a text without a phase of its own gets one."""
    return list(arrivals(parse(f'description = "A test."\n{text}', "test"), phone=PHONE, **given))


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_is_one_flood(name):
    """Played twice, every shipped scenario is the same to the last byte, numbered from zero and in order."""
    first, second = (list(arrivals(load(name), phone=PHONE, rate=0.2)) for _ in range(2))

    assert first == second
    assert list(range(len(first))) == [arrival.index for arrival in first]
    assert all(earlier.at_us <= later.at_us for earlier, later in pairwise(first))


WRITES = 'senders = { from = "distinct" }\nwrites = { times = TIMES, gap = GAP }'


def writing(times, gap='{ law = "exactly", after = "20s" }', **given):
    """Return the flood of people who write again, and their messages by sender."""
    played = flood(PHASE + WRITES.replace("TIMES", times).replace("GAP", gap), **given)
    by_sender = {}
    for arrival in played:
        by_sender.setdefault(arrival.sender, []).append(arrival)
    return played, by_sender


def test_who_writes_again_writes_something_new():
    """Another id each time, after the gap, in one order; `messages` counts the first ones."""
    played, by_sender = writing('{ law = "fixed", times = 3 }')
    apart = {later.at_us - earlier.at_us for messages in by_sender.values() for earlier, later in pairwise(messages)}

    assert ({3}, {20_000_000}) == ({len(messages) for messages in by_sender.values()}, apart)
    assert len(played) == len({arrival.message_id for arrival in played})
    assert {"fresh"} == {arrival.kind for arrival in played}
    assert all(earlier.at_us <= later.at_us for earlier, later in pairwise(played))


def test_the_first_messages_are_those_that_come_without_writing_again():
    """To the last byte: how often people come back moves nobody."""
    first = [messages[0] for messages in writing('{ law = "uniform" }')[1].values()]
    alone = flood(PHASE + 'senders = { from = "distinct" }')

    assert [(a.at_us, a.sender, a.text, a.message_id) for a in alone] == [
        (a.at_us, a.sender, a.text, a.message_id) for a in first
    ]


@pytest.mark.parametrize(
    ("times", "mean", "least", "most"),
    [('{ law = "uniform", from = 1, to = 3 }', 2.0, 1, 3), ('{ law = "geometric", mean = 2.0 }', 2.0, 1, 30),
     ('{ law = "geometric", mean = 1.0 }', 1.0, 1, 1), ('{ law = "fixed", times = 2 }', 2.0, 2, 2)],
)  # fmt: skip
def test_how_often_people_write_is_a_law(times, mean, least, most):
    """Its mean is met by many, and nobody writes less than once."""
    _, by_sender = writing(times, rate=2_000 / 100)
    counts = [len(messages) for messages in by_sender.values()]

    assert mean == pytest.approx(sum(counts) / len(counts), rel=0.07)
    assert least <= min(counts)
    assert max(counts) <= most


def test_when_people_come_back_is_a_law():
    """By chance, after its mean on average."""
    _, by_sender = writing('{ law = "fixed", times = 2 }', '{ law = "exponential", mean = "20m" }', rate=2_000 / 100)
    gaps = [second.at_us - first.at_us for first, second in by_sender.values()]

    assert 1_200_000_000 == pytest.approx(sum(gaps) / len(gaps), rel=0.07)


@pytest.mark.parametrize(
    "name", sorted(set(shipped()) - {"weekend-2017", "weekend-again", "block", "soak", "forged", "slow-loris"})
)
def test_people_and_trolls_have_the_same_prefix(name):
    """Or whatever looks at prefixes would pass for a reason that does not exist outside. A farm has its own."""
    assert {"+336"} == {phase.senders.prefix for phase in load(name).phase}


def test_another_seed_is_another_flood():
    """The seed decides every sender, id and instant."""
    one, other = (flood(PHASE + 'senders = { from = "distinct" }', seed=seed) for seed in (1, 2))

    assert set() == {arrival.message_id for arrival in one} & {arrival.message_id for arrival in other}


def test_a_changed_text_moves_no_message():
    """Instants, senders and ids have chances of their own."""
    same, varied = (flood(PHASE + f'senders = {{ from = "pool" }}\ntexts = ["{text}"]') for text in ("same", "varied"))

    assert [(a.at_us, a.sender, a.message_id) for a in same] == [(a.at_us, a.sender, a.message_id) for a in varied]


def test_pictures_come_with_their_share_of_the_messages_and_move_none():
    """A fifth of twenty thousand, give or take a hundredth; instants, senders, ids and texts stay as they were."""
    text = PHASE.replace("messages = 200", "messages = 20000") + 'senders = { from = "pool" }\npictures = '
    some, none = (flood(f"{text}{share}") for share in (0.2, 0))

    assert 0.19 < sum(arrival.picture for arrival in some) / len(some) < 0.21
    assert none == [msgspec.structs.replace(arrival, picture=False) for arrival in some]


def test_what_is_delivered_again_has_its_picture_again():
    """A retry and a replay are the same message."""
    arrivals = flood(
        PHASE + 'senders = { from = "pool" }\npictures = 0.5\nagain = [{ kind = "retried", share = 0.5, after = "5s" }]'
    )
    pictures = {arrival.message_id: arrival.picture for arrival in arrivals if not arrival.kind.is_repeat}
    again = [arrival for arrival in arrivals if arrival.kind.is_repeat]

    assert {True, False} == {arrival.picture for arrival in again}
    assert [pictures[arrival.message_id] for arrival in again] == [arrival.picture for arrival in again]


def test_speed_divides_the_instants():
    """Ten times as fast, everything is due after a tenth of the time."""
    slow, fast = (flood(f"speed = {speed}\n" + PHASE + 'senders = { from = "one" }') for speed in (1, 10))

    assert [arrival.at_us // 10 for arrival in slow] == [arrival.at_us for arrival in fast]


def test_the_rate_scales_the_messages():
    """Half the rate, half the messages; never none."""
    text = PHASE + 'senders = { from = "one" }'

    assert (100, 400, 1) == (len(flood(text, rate=0.5)), len(flood(text, rate=2)), len(flood(text, rate=0.001)))


def test_one_sender_sends_everything():
    """All messages come from the same number."""
    assert 1 == len({arrival.sender for arrival in flood(PHASE + 'senders = { from = "one" }')})


def test_distinct_senders_write_once_and_are_no_neighbours():
    """Two hundred messages come from as many numbers, hardly two of which share a block."""
    senders = {arrival.sender for arrival in flood(PHASE + 'senders = { from = "distinct" }')}

    assert 200 == len(senders) == len({sender[:-4] for sender in senders})


def test_a_block_is_consecutive_numbers():
    """They differ in nothing but their last digits."""
    numbers = [int(arrival.sender) for arrival in flood(PHASE + 'senders = { from = "block" }')]

    assert list(range(numbers[0], numbers[0] + 200)) == numbers


def test_a_farm_has_numbers_in_so_many_blocks():
    """Each is a new one, as many in each block as in the others, and no block is the neighbour of another."""
    senders = [arrival.sender for arrival in flood(PHASE + 'senders = { from = "farm", blocks = 50 }')]
    blocks = {int(sender[:-4]) for sender in senders}

    assert (200, 50) == (len(set(senders)), len(blocks))
    assert {4} == set(Counter(sender[:-4] for sender in senders).values())
    assert set() == blocks & {block + 1 for block in blocks}


def test_listed_senders_take_turns_and_own_is_the_number_under_attack():
    """A loop of our own number to itself can be played."""
    senders = [arrival.sender for arrival in flood(PHASE + 'senders = { from = "list", senders = ["own", "36000"] }')]

    assert [PHONE, "36000", PHONE] == senders[:3]


@pytest.mark.parametrize("law", ["zipf = 1.1", "pareto = 1.2"])
def test_a_heavy_tailed_pool_has_a_few_who_send_most(law):
    """A fifth of the senders sends at least half of the messages."""
    text = PHASE.replace("200", "5000") + f'senders = {{ from = "pool", size = 500, {law} }}'
    counts = sorted(Counter(arrival.sender for arrival in flood(text)).values(), reverse=True)

    assert 2500 <= sum(counts[: len(counts) // 5])


def test_an_even_pool_has_none_who_sends_most():
    """Without a law, the busiest of ten senders sends no more than a fifth."""
    counts = Counter(arrival.sender for arrival in flood(PHASE + 'senders = { from = "pool", size = 10 }'))

    assert (10, True) == (len(counts), max(counts.values()) <= 40)


def test_phases_do_not_share_numbers_unless_they_share_a_pool():
    """Two pools are different people; two phases of one named pool are the same."""
    pool = 'senders = { from = "pool", size = 5 }'
    named = 'senders = { from = "pool", size = 5, name = "trolls" }'

    assert (10, 5) == tuple(len({a.sender for a in flood((PHASE + senders) * 2)}) for senders in (pool, named))


def test_a_repeat_is_the_same_message_later():
    """It carries the id, the sender and the text of an earlier arrival, and is no genuine first message."""
    text = (
        PHASE
        + 'senders = { from = "distinct" }\ngenuine = true\nagain = [{ kind = "retried", after = "15s", share = 0.5 }]'
    )
    seen = {}
    repeats = []
    for arrival in flood(text):
        if arrival.kind is Kind.RETRIED:
            repeats.append((arrival, seen[arrival.message_id]))
        seen[arrival.message_id] = arrival

    assert 70 <= len(repeats) <= 130
    assert all(
        (first.sender, first.text, first.at_us + 15_000_000, False)
        == (again.sender, again.text, again.at_us, again.genuine)
        for again, first in repeats
    )


def test_overlapping_phases_are_merged():
    """A phase that starts later is interleaved by time, and its kind and its genuineness stay its own."""
    later = PHASE.replace('name = "a phase"', 'name = "b"\nstarts = "30s"\nkind = "forged"')
    found = flood(PHASE + 'senders = { from = "one" }\ngenuine = true\n' + later + 'senders = { from = "one" }')

    assert {(Kind.FRESH, True), (Kind.FORGED, False)} == {(arrival.kind, arrival.genuine) for arrival in found}
    assert 30_000_000 <= min(arrival.at_us for arrival in found if arrival.kind is Kind.FORGED)


@pytest.mark.parametrize("text", ["same", "varied", "long", "ucs2", "hostile"])
def test_texts_are_no_longer_than_a_provider_passes_on(text):
    """At most 1,600 UTF-16 units, all of which UTF-8 can carry."""
    texts = {arrival.text for arrival in flood(PHASE + f'senders = {{ from = "one" }}\ntexts = ["{text}"]')}

    assert all(1 <= len(found.encode("utf-16-le")) // 2 <= 1600 and found.encode() for found in texts)


@pytest.mark.parametrize("name", shipped())
def test_nobody_asks_to_be_left_alone(name):
    """A worker never answers who does, and the oracle would take that for a reply that is missing."""
    assert [] == [arrival.text for arrival in arrivals(load(name), rate=0.1) if word_of(arrival.text)]


def test_the_weekend_of_2017_has_its_figures():
    """25,000 messages in four days: 6,000 in the first two, 10,000 on the Monday less what people wrote then."""
    scenario = load("weekend-2017")
    days = Counter(int(arrival.at_us * scenario.speed) // 86_400_000_000 for arrival in arrivals(scenario))

    assert (25_000, 6_000, 10_000) == (days.total(), round(days[0] + days[1], -2), round(days[3], -2))
