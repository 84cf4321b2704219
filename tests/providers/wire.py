"""The encoding and signing of providers, written once more and plainly: nothing here is shared with the worker."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import unquote_to_bytes, urlencode

Fields = Iterable[tuple[str, str]] | Mapping[str, str]

FORM_TYPE = {b"content-type": b"application/x-www-form-urlencoded"}
JSON_TYPE = {b"content-type": b"application/json"}


def form(fields: Fields) -> bytes:
    """Return fields as a form."""
    return urlencode(list(fields.items()) if isinstance(fields, Mapping) else list(fields)).encode()


def decoded(body: bytes) -> list[tuple[bytes, bytes]]:
    """Return a form's names and values by the standard library, byte for byte."""
    halves = [field.partition(b"=") for field in body.split(b"&") if field]
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in halves]


def unquote_plus(raw: bytes) -> bytes:
    """Return a name or value by the standard library."""
    return unquote_to_bytes(raw.replace(b"+", b" "))


def sha1_base64(secret: str, signed: str | bytes) -> bytes:
    """Return a signature as Twilio writes it."""
    return base64.b64encode(hmac.digest(secret.encode(), _bytes(signed), "sha1"))


def sha1_hex(secret: str, signed: str | bytes) -> bytes:
    """Return a signature as SignalWire writes it for JSON."""
    return hmac.digest(secret.encode(), _bytes(signed), "sha1").hex().encode()


def sha256_base64(secret: str, signed: str | bytes) -> bytes:
    """Return a signature as Plivo writes it."""
    return base64.b64encode(hmac.digest(secret.encode(), _bytes(signed), "sha256"))


def body_hash(body: bytes) -> str:
    """Return what Twilio puts into the query to vouch for a body."""
    return hashlib.sha256(body).hexdigest()


def _bytes(signed: str | bytes) -> bytes:
    return signed.encode() if isinstance(signed, str) else signed
