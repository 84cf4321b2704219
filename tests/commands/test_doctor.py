"""`antirelou doctor`: what is found on the way to a number, with a real worker at its end, and with whatever else may stand there."""

import asyncio
import contextlib
import ssl
import subprocess
import threading

import pytest

from tests.api.twilioserver import standing_in
from tests.commands.test_number import API, invoke, of_two, with_api
from tests.needs import need
from tests.watch.receiver import OK, nobody, receiving, status
from tests.web.test_numbers import OTHER, OTHER_URL, SECOND, two
from tests.worker import SECRET, URL, config, free_port, serving


def file_at(folder, url, api="", **options):
    """Return a static file of a number whose webhook is at an address."""
    path = folder / "edge.toml"
    path.write_text(with_api(config(**options).replace(URL, url), api or "http://127.0.0.1:1"))
    return path


def lines(path, secret=SECRET):
    """Return the exit code, and what is said of each part of the way, without what `check` says."""
    code, out, complaint = invoke("doctor", str(path), TWILIO_AUTH_TOKEN=secret)
    assert "" == complaint
    said = [line.partition(": ")[::2] for line in out.splitlines()]
    return (
        code,
        {what: text for what, text in said if what != "check"},
        [text for what, text in said if what == "check"],
    )


def test_a_way_that_holds_is_said_part_by_part(tmp_path):
    """To a real worker, in silence: it counts a report, and books nothing. With another secret its refusal is explained."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/sms"
    with standing_in() as twilio:
        twilio.number["sms_url"] = url
        path = file_at(tmp_path, url, twilio.url, bind=f"127.0.0.1:{port}")
        environ = {"TWILIO_ACCOUNT_SID": "a", "TWILIO_API_KEY": "b", "TWILIO_API_SECRET": "c"}
        with serving(tmp_path, path.read_text(), environ=environ) as worker:
            code, way, checked = lines(path)
            refused, other, _ = lines(path, "another")
            shown = worker.status()

    assert 0 == code
    assert checked[-1].startswith("the file holds, ")
    assert {
        "name": "127.0.0.1 leads to 127.0.0.1",
        "TLS": "none: number.url is not https, so everybody on the way can read and repeat what is sent",
        "way": "a signed report reached a worker, which took it in silence",
        "provider": "has number.url for incoming messages",
    } == way
    assert (1, "answered 403, bad_signature: the worker has another secret, or another number.url, than this file") == (
        refused, other["way"],
    )  # fmt: skip
    assert ({"bad_signature": 1, "not_a_message": 1}, "0.00", 0) == (
        shown["by_reason"], shown["spent"]["received"], shown["messages"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (OK, "answered 200, but not as a worker of ours: something else stands at number.url"),
        (status(502), "answered 502: no worker of ours answers at number.url"),
        (
            status(301, "Location: https://x"),
            "answered 301, a redirect, which is not followed: write the address that it leads to: no",
        ),
        (
            b"HTTP/1.1 404 X\r\nContent-Length: 10\r\n\r\nnot_found\n",
            "answered 404, not_found: the worker serves another path: it has not read this file yet, or the proxy changes the path",
        ),
        (None, "broke off (RemoteProtocolError): no worker of ours answers at number.url"),
    ],
)
def test_whatever_else_stands_at_the_address_is_said(tmp_path, answer, said):
    """A stranger, a proxy without a worker, a redirect, another path."""
    with receiving() as receiver:
        receiver.answer = answer
        code, way, _ = lines(file_at(tmp_path, f"{receiver.url}/sms"))

    assert (1, True) == (code, way["way"].startswith(said))


def test_where_nobody_is_each_part_says_so(tmp_path):
    """A port without anybody behind it, a name that is none, and a provider that does not answer; the file and its secret first."""
    with nobody() as url:
        code, way, _ = lines(file_at(tmp_path, f"{url}/sms"))
        tls = lines(file_at(tmp_path, f"{url.replace('http:', 'https:')}/sms"))[1]["TLS"]
    no_name = lines(file_at(tmp_path, f"https://{'a' * 64}.example.org/sms"))[1]
    no_secret = invoke("doctor", str(file_at(tmp_path, URL.replace("https", "x"))), TWILIO_AUTH_TOKEN="")
    path = file_at(tmp_path, "http://127.0.0.1:1/sms")
    path.write_text(path.read_text().replace(API, "").replace("api-url", "# api-url"))
    without_key = lines(path)[1]["provider"]

    assert (1, "cannot be reached: no worker of ours answers at number.url", "cannot be reached") == (
        code, way["way"], way["provider"],
    )  # fmt: skip
    assert tls.startswith("127.0.0.1 cannot be trusted or reached: ")
    assert no_name["name"].startswith(f"{'a' * 64}.example.org leads nowhere (")
    assert "cannot be trusted or reached: " in no_name["TLS"]
    assert (2, "") == no_secret[:2]
    assert "not asked: number.api-account-env, api-key-env and api-secret-env are not in the file" == without_key


def test_a_secret_that_is_not_set_is_said_once(tmp_path):
    """By `check`; nothing is sent that nobody could have signed, and nobody is asked without a key."""
    code, out, _ = invoke(
        "doctor", str(file_at(tmp_path, "http://127.0.0.1:1/sms")), TWILIO_AUTH_TOKEN="", TWILIO_API_KEY=""
    )

    assert 1 == code
    assert "check: number.secret-env: the variable TWILIO_AUTH_TOKEN is not set" in out
    assert [] == [line for line in out.splitlines() if line.startswith(("way", "provider"))]


def test_what_stands_at_the_provider_instead_is_said(tmp_path):
    """Another address, and what is called besides: exit 1."""
    with standing_in() as twilio:
        twilio.number |= {"sms_fallback_url": "https://x", "sms_url": ""}
        code, out, _ = invoke("doctor", str(file_at(tmp_path, "http://127.0.0.1:1/sms", twilio.url)))

    assert 1 == code
    assert "provider: has no address: nothing is delivered for incoming messages\n" in out
    assert "provider: calls the fallback address in SmsFallbackUrl as well, or instead\n" in out


@contextlib.contextmanager
def certified(folder, days):
    """Listen with a certificate that is good for so long; yield the port and the file of the certificate."""
    need("openssl")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days),
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    port, ended = free_port(), threading.Event()
    ready = threading.Event()

    async def serve():
        async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port, ssl=context):
            ready.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield port, cert
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize(("days", "trusted"), [(90, True), (5, True), (90, False)])
def test_a_certificate_is_looked_at(tmp_path, monkeypatch, days, trusted):
    """One that ends soon, or that nobody vouches for, is said before the provider finds it."""
    with certified(tmp_path, days) as (port, cert):
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        path = file_at(tmp_path, f"https://127.0.0.1:{port}/sms")
        out = invoke("doctor", str(path))[1]

    said = next(line for line in out.splitlines() if line.startswith("TLS"))
    expected = (
        f"TLS: the certificate of 127.0.0.1 is good for {days - 1} days"
        if trusted
        else "TLS: 127.0.0.1 cannot be trusted or reached: self-signed certificate"
    )
    assert expected == said


def test_each_of_several_numbers_has_its_way(tmp_path):
    """By its place in the file: two of two providers, on one real worker; the address of a third leads elsewhere."""
    port = free_port()
    text = two(bind=f"127.0.0.1:{port}").replace("https://sms.example.org", f"http://127.0.0.1:{port}")
    path = tmp_path / "edge.toml"
    with serving(tmp_path, text) as worker, nobody() as elsewhere:
        third = SECOND.replace(OTHER, "+33937000002").replace(OTHER_URL, f"{elsewhere}/third-0123456789abcdef")
        path.write_text(text.replace("[reply]\n", third))
        code, way, _ = lines(path)
        shown = worker.status()

    reached = "a signed report reached a worker, which took it in silence"
    assert 1 == code
    assert [reached, reached, "cannot be reached: no worker of ours answers at number.url"] == [
        way[f"number[{index}] way"] for index in range(3)
    ]
    assert [
        f"not asked: number[{n}].api-account-env, api-key-env and api-secret-env are not in the file" for n in range(3)
    ] == [way[f"number[{index}] provider"] for index in range(3)]
    assert {"not_a_message": 2} == shown["by_reason"]


def test_what_stands_at_each_provider_is_said(tmp_path, monkeypatch):
    """Of each number, through its own key."""
    monkeypatch.setenv("OTHER_API_SECRET", "another-api-secret")
    with standing_in() as twilio, standing_in() as other:
        other.secret = "another-api-secret"
        other.buy(OTHER, "")
        path = tmp_path / "edge.toml"
        path.write_text(of_two(twilio.url, other.url).replace("https://sms.example.org", "http://127.0.0.1:1"))
        twilio.number["sms_url"] = "http://127.0.0.1:1/sms"
        _, way, _ = lines(path)

    assert ["has number.url for incoming messages", "has no address: nothing is delivered for incoming messages"] == [
        way[f"number[{index}] provider"] for index in range(2)
    ]
