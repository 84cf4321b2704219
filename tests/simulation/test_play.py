"""Facts about a night that is played: what a worker that recorded it has done, and what other limits would have."""

import asyncio
import json
from collections import Counter
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge import wiring
from edge.configfile import parse
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks
from edge.simulation.night import night_of
from edge.simulation.play import _at_once, play
from edge.simulation.recording import TraceError, recording
from edge.tracing.traced import TracedDesk
from edge.units import DAY_MS, HOUR_MS
from tests.parts import Clock, app_of, deliver, running, setup_of
from tests.parts import play as run
from tests.simulation.parts import BEGAN_MS, configured, head, line, played
from tests.web.test_numbers import elks, two
from tests.worker import config

TEXTS = ["salut", "x" * 161, "STOP", "help", "🌊" * 40]
messages = st.lists(
    st.tuples(
        st.integers(0, 2 * HOUR_MS),
        st.sampled_from(
            [f"+3363900{n:04}" for n in (0, 1, 2, 99, 1000, 9000)] + ["+447400123456", "36184", "+15550100000"]
        ),
        st.sampled_from(TEXTS),
        st.integers(0, 60),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


@pytest.mark.parametrize(("file", "burst"), [(config, "0.3"), (two, "0.5")], ids=["one number", "two numbers"])
@settings(max_examples=12, deadline=None)
@given(messages)
def test_a_night_that_was_recorded_is_played_as_it_was(tmp_path_factory, file, burst, sent):
    """By the file that it was recorded under: the same reasons, replies and money, whatever was written, to whichever number."""
    folder = tmp_path_factory.mktemp("traces")
    text = file(kitty="1.2", per_day="10", burst=burst, block=2).replace('"24h"', '"30m"')
    books = MemoryBooks()

    async def scene():
        setup, clock = setup_of(text + f'trace = "{folder}"\n'), Clock(BEGAN_MS)
        trace = wiring.trace_of(setup, clock)
        place = count()
        app = app_of(setup, clock, books, around=lambda desk: TracedDesk(desk, trace, next(place)))
        async with running(app):
            for after_ms, *message in sorted(sent):
                clock.now_ms = BEGAN_MS + after_ms
                to = elks if message[3] and file is two else deliver
                await to(app, message[0], message[1], f"SM{message[2]}")
            counts = app._desk.tally().counts
        trace.write()
        return counts

    counts = run(scene)
    night = recording("night", [(path.name, path.read_bytes().splitlines(keepends=True)) for path in folder.iterdir()])
    result = play(parse(text), night_of(night))

    assert {reason: count for reason, count in counts.items() if count} == result.counts
    assert (books.replies_micros, books.received_micros) == (
        sum(reply.micros for reply in result.replies), result.received_micros,
    )  # fmt: skip


def test_a_message_that_comes_again_is_received_once():
    """And answered once."""
    result = played(line(0, message="a" * 16), line(1_000, message="a" * 16))

    assert ({"answered": 1, "duplicate": 1}, 7_500) == (result.counts, result.received_micros)


def test_texts_are_as_long_as_they_were_or_one_segment_each():
    """Pictures are billed by the message."""
    file = configured('received = "0.0075"', 'received = "0.0075"\nreceived-media = "0.02"')
    lines = [line(0, segments=3), line(1, segments=0), line(2, media=True, segments=5)]

    assert 3 * 7_500 + 7_500 + 20_000 == played(*lines, config=file).received_micros
    assert 2 * 7_500 + 20_000 == played(*lines, config=file, one_segment=True).received_micros


def test_who_said_stop_gets_nothing_more_and_who_asks_for_help_nothing():
    """As a worker has it: a STOP counts once somebody was answered."""
    counts = played(line(0), line(1, word="stop"), line(2), line(3, "+33639990000", word="help")).counts

    assert {"answered": 1, "opted_out": 3} == counts


def test_money_is_told_by_day():
    """A day without a message among them; the last one is as long as it is."""
    result = played(line(0), line(5), line(2 * DAY_MS))

    assert [15_000, 0, 7_500] == result.received_by_day


def test_the_kitty_ends_where_somebody_is_refused_for_it():
    """For the first time; before that nobody is."""
    lines = [line(n * 1_000, f"+3363900{n:04}") for n in range(5)]

    assert BEGAN_MS + 2_000 == played(*lines, config=configured(kitty="0.2")).kitty_ended_ms
    assert played(*lines).kitty_ended_ms is None


def test_a_pause_is_silence():
    """Receiving is paid all the same."""
    result = played(line(), config=configured("[number]", "paused = true\n[number]"))

    assert ({Reason.PAUSED: 1}, 7_500) == (result.counts, result.received_micros)


def test_one_night_is_one_result():
    """Nothing is left to chance or to the clock."""
    lines = [line(n * 100, f"+3363900{n % 7:04}") for n in range(50)]

    assert played(*lines) == played(*lines)
    assert 50 == sum(Counter(played(*lines).counts).values())


def test_a_ledger_that_waits_is_a_defect():
    """One in memory never does."""
    waiting = asyncio.sleep(0)

    with pytest.raises(AssertionError, match="has waited"):
        _at_once(waiting)
    waiting.close()


def test_each_number_pays_out_of_its_share_and_one_number_gets_them_all():
    """Of eight replies that may go at once a flood on the first of two gets four, and who writes to the second the others."""
    lines = [line(n, f"+3363900{n:04}") for n in range(20)]
    lines = [json.dumps([*json.loads(one), int(n >= 10)]).encode() + b"\n" for n, one in enumerate(lines)]
    first = head().replace(b'"prefixes"', b'"numbers": 2, "prefixes"')
    text = two(burst="0.6104", per_day="1").replace('reply = { "+33" = "0.05" }\n', "") + "[knock]\nshare = 0\n"
    several, alone = (
        played(*lines, first=first, config=parse(file)) for file in (text, config(burst="0.6104", per_day="1"))
    )

    assert [4, 4] == [
        sum(reply.ms < BEGAN_MS + 10 for reply in several.replies),
        sum(reply.ms >= BEGAN_MS + 10 for reply in several.replies),
    ]
    assert 10 * 7_500 + 10 * 1_000 == several.received_micros
    assert (6, 20 * 7_500) == (len(alone.replies), alone.received_micros)


def test_a_trace_of_another_count_of_numbers_is_refused():
    """Nobody knows to whom they would have written."""
    with pytest.raises(
        TraceError, match="night: what was written to 1 number, and the file has 2; name a file with as"
    ):
        played(line(), config=parse(two()))
