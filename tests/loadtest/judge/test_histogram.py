"""Facts about latencies: how exact they are kept, and that they add up."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from loadtest.judge.histogram import Histogram

_durations = st.lists(st.integers(0, 1 << 40) | st.integers(0, 5000), min_size=1, max_size=60)
TWELVE_DAYS_US = (1 << 40) - 1


def histogram_of(durations):
    """Return a histogram that has seen these."""
    histogram = Histogram()
    for us in durations:
        histogram.record(us)
    return histogram


@given(_durations, st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.999, 1.0]))
def test_a_quantile_is_never_too_good_and_at_most_one_percent_too_bad(durations, share):
    """What is reported lies between the true order statistic and 1 % above it."""
    true_us = min(sorted(durations)[max(0, math.ceil(share * len(durations)) - 1)], TWELVE_DAYS_US)

    found_us = histogram_of(durations).quantile_us(share)

    assert true_us <= found_us <= true_us + true_us // 100


@given(_durations, _durations)
def test_merging_equals_counting_together(some, others):
    """Two histograms merged are the one that would have seen everything."""
    merged = histogram_of(some)
    merged.merge(histogram_of(others))

    assert histogram_of(some + others) == merged


@given(_durations)
def test_a_histogram_survives_json(durations):
    """What goes through a message of Locust comes out equal."""
    histogram = histogram_of(durations)

    assert histogram == Histogram.from_dict(json.loads(json.dumps(histogram.to_dict())))


def test_a_clock_that_stepped_back_counts_as_no_time_at_all():
    """A negative duration is recorded as zero rather than refused or lost."""
    histogram = histogram_of([-5])

    assert [(0, 1)] == list(histogram)


def test_what_lasts_longer_than_twelve_days_counts_as_twelve_days():
    """The top bucket takes everything above it, however often."""
    histogram = histogram_of([1 << 50, 1 << 45])

    assert [(TWELVE_DAYS_US, 2)] == list(histogram)


def test_an_empty_histogram_has_no_duration():
    """Quantile and maximum of nothing are zero."""
    empty = Histogram()

    assert (0, 0) == (empty.quantile_us(0.99), empty.max_us)
