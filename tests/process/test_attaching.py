"""Detaching on real workers: whoever holds the lease does it, and the end of all is said."""

from tests.api.twilioserver import standing_in
from tests.commands.test_number import ENVIRON, invoke, with_api
from tests.watch.receiver import receiving
from tests.worker import URL, await_, config, free_port, serving

ALERT = '[alert]\nto-env = "ALERT_URLS"\n'


def test_a_worker_detaches_and_attaches_and_says_so(tmp_path):
    """Asked by hand: alerts tell both; a stop while it is detached attaches nothing, and says so; no secret in the log."""
    file = tmp_path / "edge.toml"
    with standing_in() as twilio, receiving() as receiver:
        text = with_api(config(bind=f"127.0.0.1:{free_port()}", workers=2), twilio.url) + ALERT
        with serving(tmp_path, text, environ=ENVIRON | {"ALERT_URLS": f"{receiver.url}/x"}) as worker:
            await_(lambda: twilio.requests)
            off = invoke("number", str(file), "detach")
            blank, shown = twilio.address, worker.status()["attachment"]
            await_(lambda: receiver.requests)
            on = invoke("number", str(file), "attach")
            address = twilio.address
            await_(lambda: len(receiver.requests) > 1)
            again = invoke("number", str(file), "detach")
            worker.stop()
        log = worker.log.read_text()

    assert (0, "", True) == (off[0], blank, off[1].endswith("; `antirelou number FILE attach` ends it\n"))
    assert (0, URL, "attached: the provider delivers messages\n") == (on[0], address, on[1])
    assert ([False, True, "by_hand"], 0) == ([shown[key] for key in ("attached", "settled", "why")], again[0])
    assert ["detached", "attached"] == [request.json["event"] for request in receiver.requests][:2]
    assert ["", URL, ""] == twilio.written
    assert "number: it stays detached, and while no worker runs nobody attaches it" in log
    assert [] == [secret for secret in ENVIRON.values() if secret in log]
