"""Facts about docs/reference/reasons.md: every reason is in it, in order, with its status and its cost."""

import re

import pytest

from edge.core.wire.reason import HTTP_STATUS, Reason
from tests import ROOT

PAGE = ROOT / "docs" / "reference" / "reasons.md"
ROWS = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (\d{3}) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)


def test_every_reason_is_listed_in_the_order_of_the_checks():
    """The page follows the enum, which follows the gate."""
    assert list(Reason) == [row[0] for row in ROWS]


@pytest.mark.parametrize(("reason", "gets", "status", "cost"), [(row[0], *row[2:]) for row in ROWS])
def test_status_and_cost_are_those_of_the_worker(reason, gets, status, cost):
    """An error where the enum has a status, 200 otherwise; receiving and replies cost, retries, reports and errors do not."""
    reason = Reason(reason)
    replied = {Reason.ANSWERED: " and the reply"}.get(reason, "")

    assert HTTP_STATUS.get(reason, 200) == int(status)
    assert (f"receiving{replied}" if reason.received else "nothing") == cost
    assert (gets == "an error") == (reason in HTTP_STATUS)
    assert ("reply" in gets) == (reason in {Reason.ANSWERED, Reason.DUPLICATE})
