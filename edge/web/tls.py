"""TLS from the static file: which certificates a worker shows, and which it asks for.

1. From 1.2 up, because CloudFront speaks nothing newer to an origin
   (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-ciphers-cloudfront-to-origin.html).
2. Certificates are checked before a worker starts and at each reload, which is how renewed ones are taken.
"""

import ssl
from hashlib import blake2b
from pathlib import Path
from typing import Any

from granian.constants import SSLProtocols

from edge.config import Server
from edge.errors import ConfigError
from edge.system.access import read_file, why_not_read

_PEM_BYTES_MAX = 1_048_576
"""The certificates of all authorities of the world are half of it."""


def tls_options(server: Server, base: Path) -> dict[str, Any]:
    """Return Granian's options for it; none where the file names no certificate."""
    if server.tls_cert is None or server.tls_key is None:
        return {}
    authority = server.tls_client_ca
    return {
        "ssl_cert": base / server.tls_cert,
        "ssl_key": base / server.tls_key,
        "ssl_protocol_min": SSLProtocols.tls12,
        "ssl_ca": None if authority is None else base / authority,
        "ssl_client_verify": authority is not None,
    }


def check_tls(server: Server, base: Path) -> None:
    """Load the certificates as a server would. Raises ConfigError for one that would keep a worker from starting."""
    if server.tls_cert is None or server.tls_key is None:
        return
    cert, key = _readable(base / server.tls_cert, "tls-cert"), _readable(base / server.tls_key, "tls-key")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key, password=_refuse_passphrase)
    except ssl.SSLError as error:
        raise ConfigError(f"server.tls-cert, server.tls-key: {_why(error)}; write a chain and the key to it") from None
    if server.tls_client_ca is not None:
        authority = _readable(base / server.tls_client_ca, "tls-client-ca")
        try:
            context.load_verify_locations(authority)
        except ssl.SSLError as error:
            raise ConfigError(f"server.tls-client-ca: {_why(error)}; write the authority's certificate") from None


def tls_marks(server: Server, base: Path) -> dict[str, bytes]:
    """Return by key what tells each certificate from one that takes its place; `check_tls` has read them."""
    files = {
        "server.tls-cert": server.tls_cert,
        "server.tls-key": server.tls_key,
        "server.tls-client-ca": server.tls_client_ca,
    }
    return {key: blake2b((base / name).read_bytes()).digest() for key, name in files.items() if name is not None}


def _readable(path: Path, key: str) -> Path:
    try:
        read_file(path, _PEM_BYTES_MAX)
    except OSError as error:
        raise ConfigError(f"server.{key}: {path} cannot be read: {why_not_read(error)}") from None
    return path


def _refuse_passphrase() -> str:
    raise ConfigError("server.tls-key: asks for a passphrase, and a worker that starts by itself has none")


def _why(error: ssl.SSLError) -> str:
    return (error.reason or "not PEM").replace("_", " ").lower()
