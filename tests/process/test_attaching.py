"""Detaching on real workers: whoever holds the lease does it, and the end of all is said."""

import contextlib
import signal
import time
from urllib.parse import urlencode

import pytest

from edge.core.kept.button import Act, Signer
from edge.ledger.opening import Place, create
from edge.setup import read_setup
from tests.api.twilioserver import SECRET as API_SECRET
from tests.api.twilioserver import standing_in
from tests.cdn.test_edges import ask
from tests.commands.test_number import ENVIRON, OTHER_URL, alone, invoke, of_two, with_api
from tests.ledger.parts import KEY
from tests.ledger.servers import any_server, running
from tests.watch.receiver import receiving
from tests.web.test_numbers import OTHER
from tests.worker import PHONE, URL, await_, config, fields, free_port, message_id, sender, serving, sign

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


@pytest.mark.parametrize("kind", ["file", "server"])
def test_the_button_of_an_alert_detaches_where_the_file_says_so(tmp_path, kind):
    """Pressed once, the provider is asked to deliver nothing, and an alert says so; where the file only says, there is no such button."""
    with standing_in() as twilio, receiving() as receiver, contextlib.ExitStack() as stack:
        environ, ledger = ENVIRON | {"ALERT_URLS": f"{receiver.url}/x", "LEDGER_KEY": KEY.decode()}, ""
        if kind == "server":
            (tmp_path / "server").mkdir()
            server = stack.enter_context(running(any_server(), tmp_path / "server"))
            create(Place(server.url, tmp_path, PHONE, KEY, currency="EUR"))
            ledger = f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
        text = with_api(config(bind=f"127.0.0.1:{free_port()}", workers=2), twilio.url) + ALERT + ledger
        with serving(tmp_path, f'{text}[receiving]\ndetach = "say"\n', environ=environ) as worker:
            await_(lambda: twilio.requests)
            key = read_setup(tmp_path / "edge.toml", environ | {"TWILIO_AUTH_TOKEN": "x"}).hash_key
            path = f"/detach?{Signer(key, Act.DETACH).query_of('flood_began', time.time_ns() // 1_000_000)}"
            refused = ask(worker, path, "POST")[0]
        with serving(tmp_path, f'{text}[receiving]\ndetach = "yes"\n', environ=environ) as worker:
            pressed = [ask(worker, path, "POST")[0] for _ in range(2)]
            assert [200, 404] == pressed
            await_(lambda: twilio.address == "")
            await_(lambda: receiver.requests)
            shown = worker.status()["attachment"]

    assert 404 == refused
    assert [""] == twilio.written
    assert (False, "by_hand", True) == (shown["attached"], shown["why"], shown["until"] is not None)
    assert ["detached"] == [request.json["event"] for request in receiver.requests]


def flood(worker, count):
    """Have strangers write to the second number, as Twilio delivers it."""
    for number in range(count):
        form = fields(sender(number), "salut", message_id(number)) | {"To": OTHER}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": sign(form, url=OTHER_URL)}
        with contextlib.closing(worker.connect()) as connection:
            connection.request("POST", "/other", urlencode(form), headers)
            assert 200 == connection.getresponse().status


@pytest.mark.parametrize("kind", ["file", "server"])
def test_one_of_two_numbers_is_flooded_and_attached_first_when_it_goes_from_the_file(tmp_path, kind):
    """It is detached alone, an alert says which; a reload without it attaches it by the key that was held."""
    with standing_in() as twilio, receiving() as receiver, contextlib.ExitStack() as stack:
        twilio.buy(OTHER, OTHER_URL)
        environ = ENVIRON | {
            "ALERT_URLS": f"{receiver.url}/x",
            "LEDGER_KEY": KEY.decode(),
            "OTHER_API_SECRET": API_SECRET,
        }
        ledger = ""
        if kind == "server":
            (tmp_path / "server").mkdir()
            server = stack.enter_context(running(any_server(), tmp_path / "server"))
            ledger = f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
            create(Place(server.url, tmp_path, PHONE, KEY, currency="EUR", others=(OTHER,)))
        more = f'{ALERT}{ledger}[receiving]\ndetach = "yes"\nper-answer = "0.03"\n'
        text = of_two(twilio.url, twilio.url, config(bind=f"127.0.0.1:{free_port()}", workers=2)) + more
        with serving(tmp_path, text, environ=environ) as worker:
            await_(lambda: len(twilio.requests) > 3)
            flood(worker, 30)
            await_(lambda: not twilio.address_of(OTHER))
            await_(lambda: receiver.requests)
            shown, first = worker.status(), twilio.address
            answered = worker.send(sender(99), "salut", message_id(99))
            (tmp_path / "edge.toml").write_text(alone(text))
            worker.process.send_signal(signal.SIGHUP)
            await_(lambda: twilio.address_of(OTHER) == OTHER_URL, 60)

    assert [True, False] == [number["attachment"]["attached"] for number in shown["numbers"]]
    assert (URL, "per_answer") == (first, shown["attachment"]["why"])
    assert (200, True) == (answered[0], "<Message>" in answered[1])
    assert "number[1]: Detached: receiving costs too much for each answer" == receiver.requests[0].json["title"]
    assert ["", OTHER_URL] == twilio.written
