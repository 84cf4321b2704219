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
    assert [100, 2_000] == [round(step.best_ns), round(step.median_ns)]
    assert [1_500, 3_000] == [round(step.quartile_low_ns), round(step.quartile_high_ns)]


def test_best():
    """A step is found by its name, and one that was not measured is None."""
    found = digest(RAW, MACHINE)

    assert 0.1 == round(found.best_us("gate: refused[paused]"), 6)
    assert found.best_us("gate: asks") is None
