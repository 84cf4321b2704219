"""Varnish and nginx for the tests: the files that we ship, with the tests' addresses, in front of a real worker."""

import contextlib
import os
import socket
import ssl
import subprocess

from tests import ROOT
from tests.needs import need
from tests.worker import SECRET, Worker, await_, config, free_port, serving

DEPLOY = ROOT / "deploy"
ORIGIN_SECRET = "through-the-edge"
ALERT = '[alert]\nto-env = "ALERT_URLS"\n[receiving]\ndetach = "yes"\n'
NOBODY = {"ALERT_URLS": "http://127.0.0.1:9/discard"}
"""A channel on which nobody listens: the buttons of its alerts are there all the same."""
API = """
api-account-env = "TWILIO_ACCOUNT_SID"
api-key-env = "TWILIO_API_KEY"
api-secret-env = "TWILIO_API_SECRET"
api-url = "http://127.0.0.1:9"
"""
ACCESS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_API_KEY": "SK" + "0" * 32,
    "TWILIO_API_SECRET": "not-a-secret",
}
"""A provider that nobody reaches: what is wanted of it is kept all the same."""


def replaced(text, changes):
    """Return a text with each piece, which must be there once, replaced."""
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the shipped file"
        text = text.replace(old, new)
    return text


def raw(address, request, context=None):
    """Send bytes, say no more, and return everything that comes back until the other side closes or is quiet for long."""
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection(address, timeout=3))
        if context is not None:
            connection = stack.enter_context(context.wrap_socket(connection, server_hostname="localhost"))
        got = b""
        with contextlib.suppress(OSError):
            connection.sendall(request)
            while chunk := connection.recv(65536):
                got += chunk
        return got


@contextlib.contextmanager
def running(command, address, log, environ=None):
    """Run a server until it listens, and end it by its pid."""
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **(environ or {})})

    def listens():
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            socket.create_connection(address, timeout=1).close()
            return True
        return False

    try:
        await_(listens)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def origin(folder, *, status_key=None):
    """Serve a number that has a counter and alerts, and answers its own edge only; with a key its status may be seen from outside."""
    text = (
        config(bind=f"127.0.0.1:{free_port()}").replace("[reply]", f"{API}[reply]", 1)
        + 'counter = true\norigin-secret-env = "ORIGIN_SECRET"\n'
    )
    environ = {"ORIGIN_SECRET": ORIGIN_SECRET, **NOBODY, **ACCESS}
    if status_key is not None:
        text, environ = text + 'status-key-env = "STATUS_KEY"\n', environ | {"STATUS_KEY": status_key}
    with serving(folder, text + ALERT, environ=environ) as worker:
        yield worker


@contextlib.contextmanager
def varnish(folder, worker, *, status=False):
    """Put the shipped VCL in front of a worker; yield what a client sees, the status page included if that is said."""
    need("varnishd")
    port = free_port()
    home = folder / "varnish"
    home.mkdir()
    site = replaced((DEPLOY / "varnish" / "site.vcl").read_text(), {'.port = "8000"': f'.port = "{worker.address[1]}"'})
    (home / "site.vcl").write_text(site)
    command = [
        "varnishd", "-F", "-j", "none", "-n", str(home / "run"), "-a", f"127.0.0.1:{port}", "-s", "malloc,8m",
        "-p", f"vcl_path={home}", "-f", str(DEPLOY / "varnish" / "default.vcl"), "-I", str(DEPLOY / "varnish" / "params.cli"),
    ]  # fmt: skip
    environ = {"WEBHOOK_PATH": "/sms", "ORIGIN_SECRET": ORIGIN_SECRET} | ({"STATUS_PAGE": "yes"} if status else {})
    with running(command, ("127.0.0.1", port), home / "log", environ):
        yield Worker(worker.process, ("127.0.0.1", port), worker.log)


class TlsWorker(Worker):
    """A worker behind an edge that speaks TLS."""

    context: ssl.SSLContext

    def connect(self, timeout_s=10.0):
        """Return a connection to the edge."""
        from http.client import HTTPSConnection  # noqa: PLC0415 — the one place that needs it

        return HTTPSConnection(*self.address, timeout=timeout_s, context=self.context)


def certify(home):
    """Make a certificate for the loopback, and its key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", home / "key.pem", "-out", home / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


@contextlib.contextmanager
def nginx(folder, worker, *, status=False):
    """Put the shipped nginx file in front of a worker; yield what a client sees, the status page included if that is said."""
    need("nginx", "openssl")
    port = free_port()
    home = folder / "nginx"
    home.mkdir()
    certify(home)
    (home / "secret.conf").write_text(f'proxy_set_header X-Origin-Secret "{ORIGIN_SECRET}";\n')
    site = replaced(
        (DEPLOY / "nginx" / "antirelou.conf").read_text(),
        {
            "/var/cache/nginx/antirelou keys_zone": f"{home}/cache keys_zone",
            "server 127.0.0.1:8000;": f"server 127.0.0.1:{worker.address[1]};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
            "/etc/letsencrypt/live/sms.example.org/fullchain.pem": f"{home}/cert.pem",
            "/etc/letsencrypt/live/sms.example.org/privkey.pem": f"{home}/key.pem",
            "/var/log/nginx/antirelou.error.log": f"{home}/error.log",
            "include /etc/nginx/antirelou-origin-secret.conf;": f"include {home}/secret.conf;",
            "include /etc/nginx/antirelou-status*.conf;": f"include {home}/antirelou-status*.conf;",
        },
    )
    if status:
        (home / "antirelou-status.conf").write_text((DEPLOY / "nginx" / "antirelou-status.conf").read_text())
    (home / "nginx.conf").write_text(
        f"daemon off; pid {home}/pid; error_log {home}/error.log; worker_processes 1; user root;\n"
        "events { worker_connections 1024; }\n"
        "http { client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; "
        f"scgi_temp_path scgi;\n{site}\n}}\n"
    )
    command = ["nginx", "-p", str(home), "-c", str(home / "nginx.conf")]
    with running(command, ("127.0.0.1", port), home / "log"):
        edge = TlsWorker(worker.process, ("127.0.0.1", port), worker.log)
        edge.context = ssl.create_default_context(cafile=home / "cert.pem")
        yield edge


@contextlib.contextmanager
def caddy(folder, worker, *, status=False):
    """Put the shipped Caddy file in front of a worker, with a certificate of our own; yield what a client sees, the status page if that is said."""
    need("caddy", "openssl")
    port = free_port()
    home = folder / "caddy"
    home.mkdir()
    certify(home)
    site = replaced(
        (DEPLOY / "caddy" / "Caddyfile").read_text(),
        {
            "\tadmin off\n": "\tadmin off\n\tauto_https disable_redirects\n",
            "{$SITE:sms.example.org} {\n": f"{{$SITE:sms.example.org}} {{\n\ttls {home}/cert.pem {home}/key.pem\n",
        },
    )
    (home / "Caddyfile").write_text(site)
    environ = {
        "SITE": f"https://127.0.0.1:{port}, https://sms.example.org:{port}", "UPSTREAM": f"127.0.0.1:{worker.address[1]}", "ORIGIN_SECRET": ORIGIN_SECRET,
        "STATUS_PAGE": "yes" if status else "no", "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home),
    }  # fmt: skip
    command = ["caddy", "run", "--config", str(home / "Caddyfile")]
    with running(command, ("127.0.0.1", port), home / "log", environ):
        edge = TlsWorker(worker.process, ("127.0.0.1", port), worker.log)
        edge.context = ssl.create_default_context(cafile=home / "cert.pem")
        yield edge


EDGES = {"varnish": varnish, "nginx": nginx, "caddy": caddy}
CACHING = ("nginx", "varnish")
__all__ = ["CACHING", "EDGES", "ORIGIN_SECRET", "SECRET", "caddy", "nginx", "origin", "raw", "varnish"]
