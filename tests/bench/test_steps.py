"""The digest of pytest-benchmark's JSON."""

from bench.steps import digest
from tests.bench.samples import MACHINE

RAW = b"""{"machine_info": {}, "benchmarks": [{"group": "gate", "name": "test_refused[paused]",
"fullname": "bench/micro/test_gate.py::test_refused[paused]", "params": null,
"stats": {"min": 1e-7, "median": 2e-6, "q1": 1.5e-6, "q3": 3e-6, "data": [2e-6]}}]}"""


def test_digest():
    """A benchmark becomes a step, named after its file and itself, with its medians in nanoseconds."""
    [step] = digest(RAW, MACHINE).steps

    assert ("gate", "gate: refused[paused]") == (step.group, step.name)
    assert [2_000, 1_500, 3_000] == [round(x) for x in (step.median_ns, step.quartile_low_ns, step.quartile_high_ns)]


def test_median():
    """A step is found by its name, and one that was not measured is None."""
    found = digest(RAW, MACHINE)

    assert 2.0 == found.median_us("gate: refused[paused]")
    assert found.median_us("gate: asks") is None
