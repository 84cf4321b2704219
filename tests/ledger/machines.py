"""State machines of Hypothesis, as they are run here."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from edge.ledger import valkey_server, valkey_setup
from edge.ledger.batcher import Batcher

PATIENCE_S = 60.0


def run_machine(machine, examples):
    """Run a machine. What takes long on a busy machine is no fault: who gives up is the subject of other tests."""
    with pytest.MonkeyPatch.context() as patient:
        for module in (valkey_server, valkey_setup):
            patient.setattr(module, "ANSWER_S", PATIENCE_S)
        patient.setattr(Batcher.__init__, "__kwdefaults__", {"timeout_s": PATIENCE_S})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
