"""After a flood, no number and no text is to be found: not in ledger, key, trace, logs or status; nor who is who in two of them."""

import contextlib
import json
import signal

import apsw

from tests.senders import send_all
from tests.torture import rounds
from tests.watch.receiver import receiving
from tests.worker import SECRET, await_, config, free_port, message_id, request, sender, serving

TEXT = "un texte tres personnel"
FLOOD = rounds(400, many=20_000)


def test_no_number_and_no_text_is_kept_anywhere(tmp_path, shows):
    """Answered, limited, opted out, forged, malformed: files, pages and alerts hold neither digits of a sender nor words of a text."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, kitty="5") + 'trace = "traces"\n'
    text += '[alert]\nto-env = "ALERT_URLS"\n'
    (tmp_path / "traces").mkdir()
    with receiving() as receiver, serving(tmp_path, text, environ={"ALERT_URLS": receiver.url}) as worker:
        send_all(lambda: worker, [(sender(n % 50), message_id(n)) for n in range(FLOOD)])
        for n, words in enumerate((TEXT, "UNSUBSCRIBE", TEXT)):
            worker.send(sender(900), words, message_id(1000 + n))
        worker.send(sender(901), TEXT, message_id(2000), secret="forged")
        pages = b"".join(
            worker.get(path)[1]
            for path in ("/healthz", "/readyz", "/status.json", "/status", "/status/live.json", "/metrics")
        )
        await_(lambda: receiver.requests)
        live = _everything(tmp_path)
        worker.stop()
    pages += b"".join(alert.body for alert in receiver.requests)
    files = live | _everything(tmp_path)
    shows("P9", rounds=1, requests=FLOOD + 4, figure=f"{sum(len(content) for _, content in files):,} bytes searched")

    assert any(name.startswith("trace-") for name, _ in files)
    assert {"antirelou.db", "antirelou.db-wal", "antirelou.db.key", "edge.log"} <= {name for name, _ in files}
    for needle in (sender(0)[1:-3].encode(), b"0" + sender(0)[3:-3].encode(), TEXT.encode(), b"salut", b"UNSUBSCRIBE"):
        assert [] == [name for name, content in files if needle in content]
        assert needle not in pages


def test_a_trace_and_a_ledger_know_a_sender_under_different_hashes(tmp_path):
    """Whoever has both and no key cannot tell who is who; all workers of a number write one sender alike."""
    text = config(bind=f"127.0.0.1:{free_port()}") + 'trace = "traces"\n'
    (tmp_path / "traces").mkdir()
    for n in range(2):
        with serving(tmp_path, text) as worker:
            worker.send(sender(1), TEXT, message_id(n))
            worker.stop()
    ledger = apsw.Connection(str(tmp_path / "antirelou.db"))
    charged = [row[0].hex() for row in ledger.execute("SELECT sender FROM charge")]
    ledger.close()
    traces = [path.read_text().splitlines() for path in tmp_path.glob("traces/*")]
    traced = [json.loads(line)[1] for trace in traces for line in trace[1:]]

    assert (1, 2, 1) == (len(charged), len(traced), len(set(traced)))
    assert traced[0] not in charged[0]


def test_a_path_that_is_a_secret_is_never_shown(tmp_path, capfd):
    """Neither by the banner, nor by the log of a reload, of a forged request or of one signed for another address."""
    path = "/sms/7c1f0a9e5b7c1f0a9e5b"
    text = config(bind=f"127.0.0.1:{free_port()}").replace('.org/sms"', f'.org{path}"')
    with contextlib.ExitStack() as exits:
        worker = exits.enter_context(serving(tmp_path, text))
        connection = exits.enter_context(contextlib.closing(worker.connect()))
        for secret in ("forged", SECRET):
            headers, body = request(
                sender(1), "salut", message_id(1), secret
            )  # signed for the address without the secret
            connection.request("POST", path, body, headers)
            assert connection.getresponse().read() == b"bad_signature\n"
        await_(lambda: "bad_signature: " in worker.log.read_text())
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: "reloading" in worker.log.read_text())
        worker.stop()

    assert "answers for +33937000000" in worker.log.read_text()
    assert "7c1f0a9e5b" not in worker.log.read_text()
    assert "7c1f0a9e5b" not in "".join(capfd.readouterr())


def _everything(folder):
    """Return all files but the static one, with their contents."""
    return {(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file() and path.name != "edge.toml"}
