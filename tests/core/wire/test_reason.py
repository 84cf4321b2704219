"""Facts about the reasons: one enum that is the log field, the counter and the status row."""

from edge.core.wire.reason import HTTP_STATUS, Reason

_OF_THE_GATE = [
    "paused",
    "not_a_person",
    "opted_out",
    "unserved",
    "duplicate",
    "sender_limit",
    "block_limit",
    "pace_limit",
    "kitty_spent",
    "ledger_down",
    "answered",
]
_UNJUDGED = ["fault", "not_a_message"]
_OUTSIDE_THE_GATE = {
    "bad_signature": 403,
    "malformed": 400,
    "too_large": 413,
    "too_slow": 408,
    "wrong_method": 405,
    "wrong_type": 415,
    "not_found": 404,
    "not_our_edge": 403,
}


def test_the_gates_reasons_come_first_in_the_order_in_which_it_checks():
    """The enum's order is that of the checks, cheapest first, then what is no message at all."""
    assert [*_OF_THE_GATE, *_UNJUDGED, *_OUTSIDE_THE_GATE] == list(Reason)


def test_every_reason_that_is_an_error_has_its_http_status():
    """What does not come from the provider is an HTTP error, and nothing else is: a report is met with silence."""
    assert _OUTSIDE_THE_GATE == HTTP_STATUS


def test_only_what_passed_the_provider_is_a_message():
    """The gate's reasons and our own faults stand for messages, the others for HTTP traffic that nobody charges us for."""
    assert [*_OF_THE_GATE, "fault"] == [reason for reason in Reason if reason.from_provider]


def test_everything_from_the_provider_but_a_retry_is_charged_for():
    """A provider charges for receiving every message once, so a duplicate costs nothing, nor does any HTTP error."""
    assert {*_OF_THE_GATE, "fault"} - {"duplicate"} == {reason for reason in Reason if reason.received}


def test_a_reason_reads_as_its_name_in_lower_case():
    """What stands in a log or a status page is the member's name, so that one search finds both."""
    assert [reason.name.lower() for reason in Reason] == [str(reason) for reason in Reason]
