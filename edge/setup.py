"""The static file, its secrets and its ledger, read and checked once by the process that starts the workers.

A file that is edited, or broken, meanwhile changes nothing until it is reloaded.
"""

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from edge import terms
from edge.clock import clock
from edge.config import Config
from edge.configfile import load
from edge.core.charge import Totals
from edge.core.forecast import Budget
from edge.core.provider import Provider
from edge.credentials import from_environment, number_secrets
from edge.errors import ConfigError
from edge.findings import examine
from edge.ledger.opening import Place, open_ledger, prepare, recognised, warnings
from edge.providers import provider_type
from edge.trace import check_folder
from edge.units import MINUTE_MS, format_money
from edge.web.listening import check_tls

log = logging.getLogger("antirelou")


class Setup(msgspec.Struct, frozen=True):
    """Everything that a worker is made of; it holds secrets, so it is never shown."""

    config: Config
    place: Place
    secrets: list[str]
    origin_secrets: list[str]
    status_key: str | None
    hash_key: bytes
    budget: Budget
    ledger_warnings: list[str] = []
    """One sentence for each thing that can make the ledger forget."""
    ledger_holds: str = ""
    """How far the ledger has come, for whoever knows better: of one that was restored or emptied only a person can tell."""


def read_setup(path: Path, environ: Mapping[str, str] = os.environ) -> Setup:
    """Read and check the static file, its secrets and its ledger. Raises ConfigError or LedgerError."""
    config = load(path)
    base = path.parent
    errors = examine(config, clock()).errors
    if errors:
        raise ConfigError(f"{path}: {errors[0]}")
    try:
        secrets, origin_secrets, status_key = secrets_of(config, base, environ)
        provider_of(config, secrets)
        check_tls(config.server, base)
        if config.server.trace is not None:
            check_folder(base / config.server.trace)
        place = place_of(config, base, environ)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    hash_key = prepare(place)
    totals, risks = asyncio.run(_look(config, place))
    budget = terms.budget_of(config, totals.spent_micros, clock())
    for risk in risks:
        log.warning("ledger: %s", risk)
    return Setup(
        config, recognised(place), secrets, origin_secrets, status_key, hash_key, budget, risks, _holds(totals, config)
    )


def secrets_of(
    config: Config, base: Path, environ: Mapping[str, str] = os.environ
) -> tuple[list[str], list[str], str | None]:
    """Return the provider's secrets, the CDN's and the status key. Raises ConfigError for one that is not there."""
    server = config.server
    status_key = from_environment(server.status_key_env or [], "server.status-key-env", environ)
    return (
        number_secrets(config, base, environ),
        from_environment(server.origin_secret_env, "server.origin-secret-env", environ),
        status_key[0] if status_key else None,
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
    )


def provider_of(config: Config, secrets: list[str]) -> Provider:
    """Return the provider, ready to verify. Raises ConfigError where it needs a secret and has none."""
    kind = provider_type(config.number.provider)
    if kind.needs_secret and not secrets:
        raise ConfigError(
            f"number: {config.number.provider} signs its requests; write where the secret is, "
            'such as secret-env = "TWILIO_AUTH_TOKEN"'
        )
    return kind(phone=config.number.phone, url=config.number.url, secrets=secrets)


async def totals_of(config: Config, place: Place) -> Totals:
    """Return the sums that a ledger holds, over all its workers. Raises LedgerDown."""
    ledger = open_ledger(place, terms.rules_of(config), clock, lambda _: None)
    try:
        return await ledger.totals()
    finally:
        await ledger.close()


async def _look(config: Config, place: Place) -> tuple[Totals, list[str]]:
    """Return what the ledger holds, and what can make it forget."""
    return await totals_of(config, place), await warnings(place)


def _holds(totals: Totals, config: Config) -> str:
    spent = (
        f"{format_money(totals.spent_micros)} of {format_money(config.budget.kitty)} {config.price.currency} are spent"
    )
    if not totals.replies:
        return f"it holds no reply, and {spent}"
    minutes = max(0, totals.now_ms - totals.last_ms) // MINUTE_MS
    days, hours = minutes // (24 * 60), minutes // 60
    ago = f"{days} days" if days > 1 else f"{hours} hours" if hours > 1 else f"{minutes} minutes"
    held = "1 reply" if totals.replies == 1 else f"{totals.replies:,} replies"
    return f"it holds {held}, the last one {ago} ago, and {spent}"
