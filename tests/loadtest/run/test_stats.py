"""Batches tell Locust what its own log would have told it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locust import stats as locust_stats
from locust.stats import PERCENTILES_TO_REPORT, RequestStats

from loadtest.run.stats import Batch

NAMES = st.sampled_from([("fresh", "silence"), ("fresh", "reply"), ("forged", "refused")])
SAMPLES = st.lists(st.tuples(NAMES, st.integers(0, 90_000_000), st.integers(0, 10_000)), max_size=30)
SECONDS = st.lists(st.tuples(st.integers(0, 15), SAMPLES), max_size=12)
EXACT = (
    "num_requests",
    "num_none_requests",
    "num_failures",
    "min_response_time",
    "max_response_time",
    "response_times",
    "num_reqs_per_sec",
    "num_fail_per_sec",
    "total_content_length",
    "last_request_timestamp",
    "response_times_cache",
)


class Clock:
    """What Locust takes for the time."""

    def __init__(self, now_s):
        self.now_s = now_s

    def time(self):
        """Return the second that the test says."""
        return self.now_s


@pytest.fixture
def clock(monkeypatch):
    """Give a clock that both ways of counting read."""
    clock = Clock(1_000_000.25)
    monkeypatch.setattr(locust_stats, "time", clock)
    return clock


def exact(entry):
    """Return all that is counted, with what percentiles are made of."""
    return {name: getattr(entry, name) for name in EXACT} | {
        percent: entry.get_response_time_percentile(percent) for percent in PERCENTILES_TO_REPORT
    }


def test_a_batch_equals_locusts_own_log_to_the_last_count(clock):
    """Random requests, names, times and seconds: entries, totals, percentiles and the cache of seconds are the same."""

    @settings(deadline=None)
    @given(SECONDS)
    def same(seconds):
        clock.now_s = 1_000_000.25
        theirs, ours = RequestStats(), RequestStats()
        batch = Batch(ours)
        for pause_s, samples in seconds:
            clock.now_s += pause_s
            for (method, name), us, size in samples:
                theirs.log_request(method, name, us / 1_000, size)
                batch.add(method, name, us, size)
            batch.flush(clock.now_s)

        assert set(theirs.entries) == set(ours.entries)
        for entry, other in [
            (theirs.total, ours.total),
            *((theirs.entries[key], ours.entries[key]) for key in ours.entries),
        ]:
            assert exact(entry) == exact(other)
            assert pytest.approx(entry.total_response_time, rel=1e-12) == other.total_response_time

    same()


@pytest.mark.usefixtures("clock")
def test_a_failure_is_locusts_own():
    """It stands in the row, in the total and in the list of errors."""
    theirs, ours = RequestStats(), RequestStats()
    theirs.log_error("fresh", "unknown", "no answer")

    Batch(ours).fail("fresh", "unknown", "no answer")

    assert exact(theirs.total) == exact(ours.total)
    assert theirs.serialize_errors() == ours.serialize_errors()


def test_a_batch_is_told_once(clock):
    """A second flush has nothing to say."""
    ours = RequestStats()
    batch = Batch(ours)
    batch.add("fresh", "silence", 1_500, 10)
    batch.flush(clock.now_s)

    batch.flush(clock.now_s + 1)

    assert 1 == ours.total.num_requests
    assert {2: 1} == ours.total.response_times
