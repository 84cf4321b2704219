"""`antirelou doctor`: all of `check`, then the public way to the number, as far as it can be tried from here.

What goes over the way is a report of what became of a reply, signed as the provider would sign it: a worker answers it with
silence and books nothing. So nobody is answered, and nothing costs anything.
"""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urldefrag, urlsplit

import click

from edge.api.call import Call, Returned
from edge.api.client import CONNECT_S, Client
from edge.api.fate import Fate
from edge.api.webhooks import WEBHOOK_APIS
from edge.commands.check import findings_of
from edge.commands.common import FILE, many
from edge.config import Config, Number
from edge.configfile import load
from edge.core.wire.provider import Provider
from edge.credentials import number_secrets
from edge.errors import AntirelouError, described
from edge.samples.report import report
from edge.setup import api_access, provider_of

DAYS_LEFT = 14
"""A certificate that ends sooner is worth a look: those that renew themselves do it a month before."""
_DAY_S = 86_400
_OK = 200
WHY = {
    "bad_signature": "the worker has another secret, or another number.url, than this file",
    "not_our_edge": "it came without the origin secret: the CDN does not add it, or number.url leads past the CDN",
    "not_found": "the worker serves another path: it has not read this file yet, or the proxy changes the path",
    "wrong_type": "the proxy changes the type of what it passes on",
    "malformed": "the proxy changes the body that it passes on",
}
"""For what a worker of ours says what is likely."""


class Attempt(NamedTuple):
    """One thing that was tried, and what came of it."""

    what: str
    said: str
    is_fine: bool = True


@click.command()
@FILE
def doctor(file: Path) -> int:
    """Say what `check` finds in FILE, and whether what the provider sends to number.url reaches a worker that takes it; and what stands at the provider.

    Nobody is answered, and nothing is booked. Exit 1: something on the way does not hold.
    """
    config = load(file)
    return asyncio.run(_examine(config, file.parent))


async def _examine(config: Config, base: Path) -> int:
    code = 0
    client = Client()
    try:
        ways = [
            (f"{config.where(index)} " if len(config.numbers) > 1 else "", way)
            for index, number in enumerate(config.numbers)
            for way in (
                _name(number),
                _tls(number),
                _way(config, base, client, index),
                _provider(config, client, index),
            )
        ]
        for of, lines in (("", _check(config, base)), *ways):
            async for line in lines:
                click.echo(f"{of}{line.what}: {line.said if line.is_fine else click.style(line.said, fg='red')}")
                code = code if line.is_fine else 1
    finally:
        await client.close()
    return code


async def _check(config: Config, base: Path) -> AsyncIterator[Attempt]:
    findings = await asyncio.to_thread(findings_of, config, base)
    for error in findings.errors:
        yield Attempt("check", error, is_fine=False)
    for warning in findings.warnings:
        yield Attempt("check", f"warning: {warning}")
    if not findings.errors:
        yield Attempt("check", f"the file holds, {many(len(findings.warnings), 'warning')}")


async def _name(number: Number) -> AsyncIterator[Attempt]:
    host, port = _host_and_port(number)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # the latter of what no name can be
        why = f"{host} leads nowhere ({described(error)}): enter its address where the name is kept"
        yield Attempt("name", why, is_fine=False)
        return
    yield Attempt("name", f"{host} leads to {', '.join(dict.fromkeys(str(address[0]) for *_, address in found))}")


async def _tls(number: Number) -> AsyncIterator[Attempt]:
    host, port = _host_and_port(number)
    if urlsplit(number.url).scheme != "https":
        yield Attempt("TLS", "none: number.url is not https, so everybody on the way can read and repeat what is sent")
        return
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except (OSError, UnicodeError, TimeoutError) as error:  # of which a certificate that is not trusted is one
        why = getattr(error, "verify_message", "") or described(error)
        yield Attempt("TLS", f"{host} cannot be trusted or reached: {why}", is_fine=False)
        return
    ends_s = ssl.cert_time_to_seconds(writer.get_extra_info("peercert")["notAfter"])
    writer.close()
    days = int((ends_s - time.time()) // _DAY_S)
    yield Attempt("TLS", f"the certificate of {host} is good for {many(days, 'day')}", is_fine=days >= DAYS_LEFT)


async def _way(config: Config, base: Path, client: Client, index: int) -> AsyncIterator[Attempt]:
    number = config.numbers[index]
    try:
        given = await asyncio.to_thread(number_secrets, config, base, os.environ, index)
        provider = provider_of(config, given, index)
    except AntirelouError:
        return  # `check` has said so
    headers, body = report(number, given[0] if given else "")
    returned = await client.call(Call("POST", urldefrag(number.url).url, body, headers))
    yield _judged(returned, provider)


def _judged(returned: Returned, provider: Provider) -> Attempt:
    """Return what an answer to a report says of the way."""
    said = returned.body.decode("utf-8", "replace").strip()
    if returned.status == _OK and returned.body == provider.silence:
        return Attempt("way", "a signed report reached a worker, which took it in silence")
    if returned.status == _OK:
        return Attempt(
            "way", "answered 200, but not as a worker of ours: something else stands at number.url", is_fine=False
        )
    if said in WHY:
        return Attempt("way", f"{returned.fate.said}, {said}: {WHY[said]}", is_fine=False)
    return Attempt("way", f"{returned.fate.said}: no worker of ours answers at number.url", is_fine=False)


async def _provider(config: Config, client: Client, index: int) -> AsyncIterator[Attempt]:
    number, where = config.numbers[index], config.where(index)
    try:
        access = api_access(config, index=index)
    except AntirelouError:
        return  # `check` has said so
    if access is None or number.provider not in WEBHOOK_APIS:
        yield Attempt(
            "provider", f"not asked: {where}.api-account-env, api-key-env and api-secret-env are not in the file"
        )
        return
    found = await client.converse(WEBHOOK_APIS[number.provider](access, number.phone).look())
    if isinstance(found, Fate):
        yield Attempt("provider", found.said, is_fine=False)
        return
    stands = {number.url: "number.url", "": "no address: nothing is delivered"}
    said = stands.get(found.address, "another address than number.url")
    yield Attempt("provider", f"has {said} for incoming messages", is_fine=found.address == number.url)
    for override in found.overrides:
        yield Attempt("provider", f"calls {override} as well, or instead", is_fine=False)


def _host_and_port(number: Number) -> tuple[str, int]:
    parts = urlsplit(number.url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
