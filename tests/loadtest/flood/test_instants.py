"""Facts about when messages come: order, counts, and the shape of each process."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.flood.instants import instants_us
from loadtest.flood.scenario import Bursts, Constant, Decay, Hawkes, Poisson, Ramp, Span

HOUR_US = 3_600_000_000
EXACT = [
    Constant(),
    Poisson(),
    Ramp(),
    Ramp(from_=3, to=0),
    Ramp(from_=1, to=1),
    Decay(knee=Span(60_000_000)),
    Decay(knee=Span(60_000_000), exponent=1.0),
]
CHANCE = [Bursts(quiet=Span(50_000_000), burst=Span(10_000_000)), Hawkes(delay=Span(30_000_000))]


def played(process, seed=1, messages=2000, lasts_us=HOUR_US):
    """Return the instants of a process as a list."""
    return list(instants_us(process, Random(seed), messages, lasts_us))


@pytest.mark.parametrize("process", EXACT + CHANCE)
@given(seed=st.integers(0, 1000), messages=st.integers(1, 300), lasts_us=st.integers(1, HOUR_US))
def test_instants_come_in_order_and_within_the_phase(process, seed, messages, lasts_us):
    """Whatever the process, its stream is sorted and ends before the phase does."""
    instants = played(process, seed, messages, lasts_us)

    assert all(0 <= earlier <= later < lasts_us for earlier, later in pairwise([0, *instants]))


@pytest.mark.parametrize("process", EXACT)
@given(messages=st.integers(1, 300))
def test_some_processes_give_exactly_what_was_asked_for(process, messages):
    """A Poisson process whose count is known is that many draws from its rate."""
    assert messages == len(played(process, 1, messages))


@pytest.mark.parametrize("process", CHANCE)
def test_the_others_give_it_on_average(process):
    """Over a hundred floods the mean count is within a few percent of the asked one."""
    counts = [len(played(process, seed, messages=300)) for seed in range(100)]

    assert pytest.approx(300, rel=0.06) == sum(counts) / len(counts)


@pytest.mark.parametrize("process", EXACT + CHANCE)
def test_one_seed_gives_one_flood(process):
    """The same chance gives the same instants, and other chance others."""
    assert (True, isinstance(process, Constant)) == (
        played(process) == played(process),
        played(process) == played(process, seed=2),
    )


def test_a_constant_process_is_evenly_spaced():
    """Four messages in eight seconds come every two, the first after one."""
    assert [1_000_000, 3_000_000, 5_000_000, 7_000_000] == played(Constant(), messages=4, lasts_us=8_000_000)


def test_a_poisson_process_has_exponential_gaps():
    """A gap is shorter than the mean in 63 % of cases, where even spacing has all alike."""
    gaps = [later - earlier for earlier, later in pairwise(played(Poisson(), messages=5000))]
    mean = sum(gaps) / len(gaps)

    assert pytest.approx(0.632, abs=0.03) == sum(gap < mean for gap in gaps) / len(gaps)


def test_a_ramp_from_nothing_has_a_quarter_in_its_first_half():
    """A rate in proportion to time has let through the square of the time's share."""
    instants = played(Ramp(), messages=5000)

    assert pytest.approx(0.25, abs=0.02) == sum(at < HOUR_US / 2 for at in instants) / 5000


def test_a_decay_slows_down_as_its_power_says():
    """With exponent 2, half of the messages come within knee x T / (T + 2 knee) of the start."""
    knee_us = HOUR_US // 10
    half_us = knee_us * HOUR_US / (HOUR_US + 2 * knee_us)
    instants = played(Decay(knee=Span(knee_us), exponent=2.0), messages=5000)

    assert pytest.approx(0.5, abs=0.02) == sum(at < half_us for at in instants) / 5000


@pytest.mark.parametrize("process", CHANCE)
def test_bursts_and_word_of_mouth_vary_more_than_independent_people(process):
    """Counts per minute of a Poisson process have a variance near their mean; these have several times as much."""
    by_minute = Counter(at // 60_000_000 for at in played(process, messages=6000))
    counts = [by_minute[minute] for minute in range(60)]
    mean = sum(counts) / 60
    variance = sum((count - mean) ** 2 for count in counts) / 60

    assert 3 * mean < variance
