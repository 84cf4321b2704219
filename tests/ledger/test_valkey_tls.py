"""The way to a server over TLS: its certificate must be that of the host that the URL names, and of a CA that we trust."""

import subprocess

import pytest

from edge.errors import LedgerDown
from edge.ledger.opening import Place, create, prepare
from tests.ledger.parts import KEY, PHONE
from tests.ledger.servers import DURABLE, SERVERS, path_of, running
from tests.needs import is_met, need
from tests.worker import free_port


def may_speak_tls(server):
    """Return whether a server was built with TLS: otherwise it complains of the option, and not of what goes with it."""
    if not is_met(server):
        return True
    said = subprocess.run(
        [path_of(server), "--port", "0", "--tls-port", "1"], capture_output=True, text=True, check=False
    )
    return not any(lack in said.stdout + said.stderr for lack in ("Bad directive", "Failed finding TLS support"))


@pytest.fixture(scope="module", params=filter(may_speak_tls, SERVERS))
def secure(request, tmp_path_factory):
    """Run a server with a certificate for 127.0.0.1 but not for localhost; return its port and the certificate."""
    need("openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "server.key", folder / "server.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    port = free_port()
    options = ("--port", "0", "--bind", "127.0.0.1", "--tls-port", str(port), "--tls-auth-clients", "no", *DURABLE)
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate))
    with running(request.param, folder, *options, *files):
        yield port, certificate


@pytest.mark.parametrize("scheme", ["rediss", "valkeys"])
def test_a_server_that_proves_who_it_is_holds_a_ledger(secure, scheme):
    """With the certificate that the URL names as trusted, the ledger is begun and found."""
    port, certificate = secure
    number = f"{PHONE}{len(scheme)}"
    place = Place(f"{scheme}://127.0.0.1:{port}/0?ssl_ca_certs={certificate}", certificate.parent, number, KEY)
    create(place)

    assert 32 == len(prepare(place).hash_key)


@pytest.mark.parametrize(
    ("host", "trusts", "complaint"),
    [
        ("127.0.0.1", False, "certificate verify failed"),
        ("localhost", True, "certificate verify failed: Hostname mismatch"),
    ],
)
def test_a_server_that_does_not_prove_it_is_told_nothing(secure, host, trusts, complaint):
    """A certificate of nobody that we know, or of another host, is LedgerDown, and says why."""
    port, certificate = secure
    query = f"?ssl_ca_certs={certificate}" if trusts else ""

    with pytest.raises(LedgerDown, match=complaint):
        prepare(Place(f"rediss://{host}:{port}/0{query}", certificate.parent, PHONE, KEY))
