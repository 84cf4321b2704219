"""The static file, its secrets and its ledger, read and checked once by the process that starts the workers.

A file that is edited, or broken, meanwhile changes nothing until it is reloaded. A reload begins no ledger, and takes no other
one than the workers hold: whatever else a mistyped or moved path leads to, there the whole kitty would be to be spent again.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec

from edge import terms
from edge.api.webhook import Access
from edge.clock import clock
from edge.config import Config, Names, Server
from edge.configfile import load
from edge.core.charging.charge import Totals
from edge.core.kept.attachment import Attachment
from edge.core.showing.forecast import Budget
from edge.core.wire.provider import Provider
from edge.credentials import from_environment, lines_from_environment, number_secrets
from edge.errors import AntirelouError, ConfigError, LedgerError
from edge.findings import examine
from edge.ledger.opening import Found, Place, check_written, look, pinned, prepare, recognised, totals, warnings
from edge.providers import provider_type
from edge.state.folder import risk as state_risk
from edge.trace import check_folder, try_folder
from edge.units import MINUTE_MS, format_money
from edge.watch.address import Address, addresses_of, url_of
from edge.watch.hours import zone_of
from edge.web.listening import check_address, check_files, check_tls, tls_marks

log = logging.getLogger("antirelou")

STATE = Path("/var/lib/antirelou")
"""Where a service of that name keeps its state: systemd's StateDirectory."""


class Setup(msgspec.Struct, frozen=True):
    """Everything that a worker is made of; it holds secrets, so it is never shown."""

    config: Config
    place: Place
    secrets: list[list[str]]
    """Those of each number's provider."""
    origin_secrets: list[str]
    status_key: str | None
    hash_key: bytes
    budget: Budget
    ledger_warnings: list[str] = []
    """One sentence for each thing that can make the ledger forget."""
    ledger: Found = Found(b"", "", "")
    tls_marks: Mapping[str, bytes] = {}
    """By key what tells a certificate from the one that takes its place."""
    ledger_holds: str = ""
    """How far the ledger has come, for whoever knows better: of one that was restored or emptied only a person can tell."""
    alert_addresses: list[Address] = []
    heartbeat_url: str | None = None
    api: Access | None = None
    """What it takes to ask the provider for something; None where nobody does."""
    state: Path | None = None
    """The folder of what survives a worker that is killed; None where nothing does."""


def read_setup(
    path: Path,
    environ: Mapping[str, str] = os.environ,
    take_address: Callable[[Server, Path], None] = lambda _server, _base: None,
) -> Setup:
    """Read and check the static file, its secrets and its ledger, which is begun where there is none.

    Who serves takes its address before that: beside a server that listens there, nothing is begun. Raises ConfigError or LedgerError.
    """
    check_files()
    config, place = _read(path, environ)
    take_address(config.server, path.parent)
    if config.server.trace is not None:
        try_folder(path.parent / config.server.trace)
    return _setup(config, path.parent, pinned(place), prepare(place), environ)


def read_anew(path: Path, held: Setup, environ: Mapping[str, str] = os.environ) -> Setup:
    """Read and check them again, and write nothing. Raises ConfigError, or LedgerError for another ledger than the one that is held."""
    config, place = _read(path, environ)
    found = look(place)
    if found is None:
        raise LedgerError(
            f"ledger.url: there is no ledger at {pinned(place).url}, and a reload begins none; the workers hold "
            f"{held.ledger.where}. Name that one, or restart to begin another"
        )
    if found.id != held.ledger.id:
        raise LedgerError(
            f"ledger.url: {found.where} is another ledger than the workers hold, {held.ledger.where}; name that one, or "
            "restart to go on with the other"
        )
    check_written(place)
    if held.api is not None and api_access(config, environ) is None:
        off = terms.attachment_of(config, totals(place, terms.rules_of(config), clock()))
        if off.trouble:
            raise ConfigError(
                f"{path}: number: it is detached, and without api-account-env, api-key-env and api-secret-env nobody attaches it "
                "again; attach it first: `antirelou number FILE attach`"
            )
    return _setup(config, path.parent, pinned(place), found, environ)


def lacks(config: Config, base: Path, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Say what a worker on a file that holds would lack on this machine, one line each; nothing is written.

    Its ledger comes last, and may be one that is still to be begun.
    """
    yield from _lacks(config, base, environ)
    try:
        check_files()
    except ConfigError as error:
        yield str(error)
    try:
        place = place_of(config, base, environ)
        look(place)
        check_written(place)
    except AntirelouError as error:
        yield str(error)


def _lacks(config: Config, base: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Say what a worker would lack besides its ledger."""
    server = config.server
    checks: tuple[Callable[[], object], ...] = (
        *(partial(_check_provider, config, base, environ, index) for index in range(len(config.numbers))),
        lambda: _origin_secrets(server, environ),
        lambda: _status_key(server, environ),
        lambda: alert_addresses(config, environ),
        lambda: heartbeat_url(config, environ),
        lambda: _api_needed(config, environ),
        lambda: zone_of(config.alert.time_zone),
        lambda: check_tls(server, base),
        lambda: check_folder(base / server.trace) if server.trace is not None else None,
        lambda: check_address(server, base),
    )
    for check in checks:
        try:
            check()
        except ConfigError as error:
            yield str(error)


def _read(path: Path, environ: Mapping[str, str]) -> tuple[Config, Place]:
    """Return a file that holds, where nothing is lacking, and the place of its ledger. Raises ConfigError."""
    config = load(path)
    error = next(chain(examine(config, clock()).errors, _lacks(config, path.parent, environ)), None)
    if error is not None:
        raise ConfigError(f"{path}: {error}")
    try:
        return config, place_of(config, path.parent, environ)
    except ConfigError as lack:
        raise ConfigError(f"{path}: {lack}") from None


def _setup(config: Config, base: Path, place: Place, found: Found, environ: Mapping[str, str]) -> Setup:
    secrets, origin_secrets, status_key = secrets_of(config, base, environ)
    held = totals(place, terms.rules_of(config), clock())
    attachment = terms.attachment_of(config, held)
    if attachment.trouble:
        log.warning("number: %s", left_said(attachment))
    budget = terms.budget_of(config, held.spent_micros, clock())
    risks = asyncio.run(warnings(place))
    for risk in risks:
        log.warning("ledger: %s", risk)
    folder = state_of(config, base, place)
    for risk in filter(None, (state_risk(folder), api_risk(config, base, environ))):
        log.warning("%s", risk)
    return Setup(
        config=config,
        place=recognised(place),
        secrets=secrets,
        origin_secrets=origin_secrets,
        status_key=status_key,
        hash_key=found.hash_key,
        budget=budget,
        ledger_warnings=risks,
        ledger=found,
        tls_marks=tls_marks(config.server, base),
        ledger_holds=_holds(held, config),
        alert_addresses=alert_addresses(config, environ),
        heartbeat_url=heartbeat_url(config, environ),
        api=api_access(config, environ),
        state=folder,
    )


def secrets_of(
    config: Config, base: Path, environ: Mapping[str, str] = os.environ
) -> tuple[list[list[str]], list[str], str | None]:
    """Return the secrets of each number's provider, the CDN's and the status key. Raises ConfigError for one that is not there."""
    return (
        [number_secrets(config, base, environ, index) for index in range(len(config.numbers))],
        _origin_secrets(config.server, environ),
        _status_key(config.server, environ),
    )


def _origin_secrets(server: Server, environ: Mapping[str, str]) -> list[str]:
    return from_environment(server.origin_secret_env, "server.origin-secret-env", environ)


def _status_key(server: Server, environ: Mapping[str, str]) -> str | None:
    names: Names = server.status_key_env or []
    return "".join(from_environment(names, "server.status-key-env", environ)) or None


def alert_addresses(config: Config, environ: Mapping[str, str] = os.environ) -> list[Address]:
    """Return where alerts go. Raises ConfigError for an address that is none, and does not say which it is."""
    given = lines_from_environment(config.alert.to_env, "alert.to-env", environ)
    return addresses_of(" ".join(given), "alert.to-env")


def heartbeat_url(config: Config, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the address that is called every five minutes, if there is one. Raises ConfigError, as above."""
    given = from_environment(config.alert.heartbeat_env or [], "alert.heartbeat-env", environ)
    return url_of(given[0], "alert.heartbeat-env") if given else None


def api_access(config: Config, environ: Mapping[str, str] = os.environ) -> Access | None:
    """Return what it takes to use the provider's API, if the file says where it is. Raises ConfigError for what is not there."""
    number = config.number
    if number.api_account_env is None or number.api_key_env is None or number.api_secret_env is None:
        return None
    [account] = from_environment(number.api_account_env, "number.api-account-env", environ)
    [key] = from_environment(number.api_key_env, "number.api-key-env", environ)
    [secret] = from_environment(number.api_secret_env, "number.api-secret-env", environ)
    return Access(account, key, secret, number.api_url or "")


def api_risk(config: Config, base: Path, environ: Mapping[str, str] = os.environ) -> str:
    """Return what is at risk where the account's own password is used for a key; blank where it is not, or something is missing."""
    try:
        access, given = api_access(config, environ), number_secrets(config, base, environ)
    except ConfigError:
        return ""
    if access is None or (access.key != access.account and access.secret not in given):
        return ""
    return (
        "number.api-secret-env: this is the account's own password, and whoever reads it has the account; make a key that may "
        "do no more than it has to (docs/how-to/detach.md)"
    )


def _api_needed(config: Config, environ: Mapping[str, str]) -> None:
    if api_access(config, environ) is None and config.receiving.detach == "yes":
        raise ConfigError(
            'receiving.detach: "yes" takes a key at the provider; write number.api-account-env, api-key-env and api-secret-env, or '
            'detach = "say" to hear of it'
        )


def place_of(config: Config, base: Path, environ: Mapping[str, str] = os.environ) -> Place:
    """Return where the ledger is; a relative path starts at the static file's folder. Raises ConfigError."""
    ledger = config.ledger
    key = from_environment(ledger.key_env or [], "ledger.key-env", environ)
    password = from_environment(ledger.password_env or [], "ledger.password-env", environ)
    return Place(
        ledger.url,
        base,
        config.number.phone,
        "".join(key).encode(),
        "".join(password),
        config.price.currency,
        ledger.name or "",
        others=tuple(number.phone for number in config.numbers[1:]),
    )


def state_of(config: Config, base: Path, place: Place) -> Path | None:
    """Return the folder of what survives a worker: as the file says, beside a ledger in a file, or where Debian has it."""
    kind, _, name = place.url.partition(":")
    if config.server.state is not None:
        return base / config.server.state
    if kind == "memory":
        return None
    return (place.base / name).parent if kind == "sqlite" else STATE


def _check_provider(config: Config, base: Path, environ: Mapping[str, str], index: int) -> None:
    provider_of(config, number_secrets(config, base, environ, index), index)


def provider_of(config: Config, secrets: list[str], index: int = 0) -> Provider:
    """Return the provider of a number, ready to verify. Raises ConfigError where it needs a secret and has none."""
    number, where = config.numbers[index], config.where(index)
    kind = provider_type(number.provider, where)
    if kind.needs_secret and not secrets:
        raise ConfigError(
            f"{where}: {number.provider} signs its requests; write where the secret is, "
            'such as secret-env = "TWILIO_AUTH_TOKEN"'
        )
    try:
        return kind(phone=number.phone, url=number.url, secrets=secrets)
    except ValueError as error:
        raise ConfigError(
            f"{where}.provider: {number.provider} signs with a digest that this machine's OpenSSL refuses ({error}); "
            "allow it, or run where FIPS mode leaves it in"
        ) from None


def left_said(attachment: Attachment) -> str:
    """Return what to do about a number that nobody may attach, or where something is wrong at the provider."""
    state = "attached" if attachment.attached else "detached, so nothing is delivered to it"
    return f"{state}; {attachment.trouble}. If nothing comes in: enter number.url at the provider, as the address for incoming messages"


def detached_said(setup: Setup) -> str:
    """Return what is to be said where workers end whose number is detached; blank where it is not, or nobody knows."""
    if setup.api is None:
        return ""
    try:
        held = totals(setup.place, terms.rules_of(setup.config), clock())
    except AntirelouError:
        return ""
    if terms.attachment_of(setup.config, held).attached:
        return ""
    return "number: it stays detached, and while no worker runs nobody attaches it; `antirelou number FILE attach` does"


def _holds(held: Totals, config: Config) -> str:
    spent = (
        f"{format_money(held.spent_micros)} of {format_money(config.budget.kitty)} {config.price.currency} are spent"
    )
    if not held.replies:
        return f"it holds no reply, and {spent}"
    minutes = max(0, held.now_ms - held.last_ms) // MINUTE_MS
    days, hours = minutes // (24 * 60), minutes // 60
    ago = f"{days} days" if days > 1 else f"{hours} hours" if hours > 1 else f"{minutes} minutes"
    replies = "1 reply" if held.replies == 1 else f"{held.replies:,} replies"
    return f"it holds {replies}, the last one {ago} ago, and {spent}"
