"""The static file, its secrets and its ledger, read and checked once by the process that starts the workers.

A file that is edited, or broken, meanwhile changes nothing until it is reloaded. A reload begins no ledger, and takes no other
one than the workers hold: whatever else a mistyped or moved path leads to, there the whole kitty would be to be spent again.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec

from edge.api.webhook import Access
from edge.config import Config, Names, Number, Server
from edge.configfile import load
from edge.core.charging.charge import Totals
from edge.core.detaching.webhook import is_by_hand_alone
from edge.core.kept.attachment import BLANK
from edge.core.showing.forecast import Purse
from edge.core.wire.provider import Provider
from edge.credentials import from_environment, lines_from_environment, number_secrets
from edge.errors import AntirelouError, ConfigError, LedgerError
from edge.ledger.opening import Found, Place, check_written, look, pinned, prepare, recognised, totals, warnings
from edge.meaning import insight, terms
from edge.meaning.findings import examine
from edge.providers import provider_type
from edge.state.risk import Keeps, risk
from edge.system.clock import clock
from edge.tracing.trace import check_folder, try_folder
from edge.units import MINUTE_MS, format_money
from edge.watch.address import Channel, channels_of, url_of
from edge.watch.hours import zone_of
from edge.web.listening import check_address, check_files
from edge.web.tls import check_tls, tls_marks

log = logging.getLogger("antirelou")

STATE = Path("/var/lib/antirelou")
"""Where a service of that name keeps its state: systemd's StateDirectory."""


class Gone(msgspec.Struct, frozen=True):
    """A number that the file does not name any more, and that is still to be attached again."""

    phone: str
    where: str = "number (gone)"
    """Its key in the file of before, if that was read."""
    number: Number | None = None
    """What that file said of it."""
    access: Access | None = None
    """The key that was held for it; None where nobody has one, and it can only be said."""


class Setup(msgspec.Struct, frozen=True):
    """Everything that a worker is made of; it holds secrets, so it is never shown."""

    config: Config
    place: Place
    secrets: list[list[str]]
    """Those of each number's provider."""
    apis: list[Access | None]
    """What it takes to ask each number's provider for something; None where nobody does."""
    origin_secrets: list[str]
    status_key: str | None
    hash_key: bytes
    purse: Purse
    ledger_warnings: list[str] = []
    """One sentence for each thing that can make the ledger forget."""
    ledger: Found = Found(b"", "", "")
    tls_marks: Mapping[str, bytes] = {}
    """By key what tells a certificate from the one that takes its place."""
    ledger_holds: str = ""
    """How far the ledger has come, for whoever knows better: of one that was restored or emptied only a person can tell."""
    alert_channels: list[Channel] = []
    heartbeat_url: str | None = None
    gone: list[Gone] = []
    """The numbers that are attached first, since the file does not name them any more."""
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
    kept = totals(place, terms.rules_of(config), clock())
    _refuse_to_leave(path, config, held, kept, environ)
    return _setup(config, path.parent, pinned(place), found, environ, held=_held(held))


def _refuse_to_leave(path: Path, config: Config, held: Setup, found: Totals, environ: Mapping[str, str]) -> None:
    """Raise ConfigError for a file without the key of a number that is detached: nobody could attach it again."""
    keys = {number.phone: access for number, access in zip(held.config.numbers, held.apis, strict=True)}
    for index, (number, off) in enumerate(zip(config.numbers, insight.attachments_of(config, found), strict=True)):
        if off.trouble and keys.get(number.phone) is not None and api_access(config, environ, index) is None:
            raise ConfigError(
                f"{path}: {config.where(index)}: it is detached, and without api-account-env, api-key-env and api-secret-env "
                f"nobody attaches it again; attach it first: `{attach_call(config, index)}`"
            )


def _held(held: Setup) -> list[Gone]:
    """Return the numbers that may be attached by a key that is held, as they are named once they are gone from the file."""
    had = enumerate(zip(held.config.numbers, held.apis, strict=True))
    named = [
        Gone(number.phone, f"{held.config.where(index)} (gone)", number, access) for index, (number, access) in had
    ]
    return [gone for gone in (*held.gone, *named) if gone.access is not None]


def _gone(config: Config, found: Totals, held: Sequence[Gone]) -> list[Gone]:
    """Return the numbers that are gone from the file while they are detached, each with the key that is held for it, if one is.

    What somebody has detached by hand, until they attach it, stays so.
    """
    keys = {gone.phone: gone for gone in held}
    return [
        keys.get(phone, Gone(phone))
        for phone, off in insight.left_behind(config, found).items()
        if not is_by_hand_alone(off)
    ]


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
        lambda: alert_channels(config, environ),
        lambda: heartbeat_url(config, environ),
        *(partial(_check_api, config, environ, index) for index in range(len(config.numbers))),
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


def _setup(
    config: Config, base: Path, place: Place, found: Found, environ: Mapping[str, str], *, held: Sequence[Gone] = ()
) -> Setup:
    secrets, origin_secrets, status_key = secrets_of(config, base, environ)
    known = totals(place, terms.rules_of(config), clock())
    gone = _gone(config, known, held)
    for left in left_said(config, known, [one.phone for one in gone if one.access is not None]):
        log.warning("%s", left)
    for one in [one for one in gone if one.access is not None]:
        log.warning("%s: it is detached, and attached again by the key that was held before", one.where)
    purse = terms.purse_after(config, known)
    risks = asyncio.run(warnings(place))
    for said in risks:
        log.warning("ledger: %s", said)
    folder = state_of(config, base, place)
    for said in filter(None, (state_risk(config, folder, found, purse), *api_risks(config, base, environ))):
        log.warning("%s", said)
    return Setup(
        config=config,
        place=recognised(place),
        secrets=secrets,
        apis=[api_access(config, environ, index) for index in range(len(config.numbers))],
        origin_secrets=origin_secrets,
        status_key=status_key,
        hash_key=found.hash_key,
        purse=purse,
        ledger_warnings=risks,
        ledger=found,
        tls_marks=tls_marks(config.server, base),
        ledger_holds=_holds(known, config),
        alert_channels=alert_channels(config, environ),
        heartbeat_url=heartbeat_url(config, environ),
        gone=gone,
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


def alert_channels(config: Config, environ: Mapping[str, str] = os.environ) -> list[Channel]:
    """Return where alerts go. Raises ConfigError for an address that is none, and does not say which it is."""
    given = lines_from_environment(config.alert.to_env, "alert.to-env", environ)
    return channels_of(" ".join(given), "alert.to-env")


def heartbeat_url(config: Config, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the address that is called every five minutes, if there is one. Raises ConfigError, as above."""
    given = from_environment(config.alert.heartbeat_env or [], "alert.heartbeat-env", environ)
    return url_of(given[0], "alert.heartbeat-env") if given else None


def api_access(config: Config, environ: Mapping[str, str] = os.environ, index: int = 0) -> Access | None:
    """Return what it takes to use the API of a number's provider, if the file says where it is. Raises ConfigError for what is not there."""
    number, where = config.numbers[index], config.where(index)
    if number.api_account_env is None or number.api_key_env is None or number.api_secret_env is None:
        return None
    [account] = from_environment(number.api_account_env, f"{where}.api-account-env", environ)
    [key] = from_environment(number.api_key_env, f"{where}.api-key-env", environ)
    [secret] = from_environment(number.api_secret_env, f"{where}.api-secret-env", environ)
    return Access(account, key, secret, number.api_url or "")


def api_risks(config: Config, base: Path, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Say what is at risk where an account's own password is used for a key; nothing where something is missing."""
    for index in range(len(config.numbers)):
        try:
            access, given = api_access(config, environ, index), number_secrets(config, base, environ, index)
        except ConfigError:
            continue
        if access is not None and (access.key == access.account or access.secret in given):
            yield (
                f"{config.where(index)}.api-secret-env: this is the account's own password, and whoever reads it has the account; "
                "make a key that may do no more than it has to (docs/how-to/detach.md)"
            )


def _check_api(config: Config, environ: Mapping[str, str], index: int) -> None:
    if api_access(config, environ, index) is None and config.receiving.detach == "yes":
        where = config.where(index)
        raise ConfigError(
            f'receiving.detach: "yes" takes a key at the provider; write {where}.api-account-env, api-key-env and api-secret-env, or '
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
    if config.server.state is not None:
        return base / config.server.state
    kind, _, name = pinned(place).url.partition(":")
    if kind == "memory":
        return None
    return Path(name).parent if kind == "sqlite" else STATE


def state_risk(config: Config, folder: Path | None, found: Found | None, purse: Purse | None) -> str:
    """Say what may be lost because the folder of the state does not hold what it has to; no ledger is one that is still to be begun."""
    owner = "" if found is None else found.owner
    noted = purse is not None and terms.may_reserve(config, purse)
    return risk(folder, Keeps(owner, config.server.workers, terms.phones_of(config), noted))


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


def left_said(config: Config, held: Totals, looked_after: Sequence[str] = ()) -> Iterator[str]:
    """Say what to do about each number that nobody may attach, or where something is wrong at the provider.

    Also of one that the file does not name any more, unless somebody looks after it.
    """
    for phone, left in insight.left_behind(config, held).items():
        state = "detached" if left.written == BLANK or not left.attached else "nobody knows whether it is attached"
        if phone not in looked_after:
            yield (
                f"{phone}: {state}, and not in the file any more, so nobody attaches it; write it into the file again, and "
                f"`antirelou number FILE attach --to {phone}`, or enter its address at the provider"
            )
    for index, attachment in enumerate(insight.attachments_of(config, held)):
        if attachment.trouble:
            state = "attached" if attachment.attached else "detached, so nothing is delivered to it"
            yield (
                f"{config.where(index)}: {state}; {attachment.trouble}. If nothing comes in: enter number.url at the provider, as "
                "the address for incoming messages"
            )


def detached_said(setup: Setup) -> Iterator[str]:
    """Say which numbers stay detached where workers end; nothing of one that we may not attach, or where nobody knows."""
    config = setup.config
    if not any(setup.apis):
        return
    try:
        held = totals(setup.place, terms.rules_of(config), clock())
    except AntirelouError:
        return
    for index, (access, attachment) in enumerate(zip(setup.apis, insight.attachments_of(config, held), strict=True)):
        if access is not None and not attachment.attached:
            yield (
                f"{config.where(index)}: it stays detached, and while no worker runs nobody attaches it; "
                f"`{attach_call(config, index)}` does"
            )


def attach_call(config: Config, index: int) -> str:
    """Return the command that attaches a number."""
    to = f" --to {config.numbers[index].phone}" if len(config.numbers) > 1 else ""
    return f"antirelou number FILE attach{to}"


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
