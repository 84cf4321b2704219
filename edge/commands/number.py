"""`antirelou number FILE status|detach|attach`: whether the provider delivers to a number, seen and changed by hand.

Whoever looks after the ledger does it: the worker that holds the lease, or, where none does, this command itself.
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from edge.api.client import Client
from edge.api.fate import Fate
from edge.api.webhook import Webhook, WebhookApi
from edge.api.webhooks import WEBHOOK_APIS
from edge.commands.common import FILE
from edge.commands.ledgers import have, length_of
from edge.commands.ours import index_of, to_option
from edge.commands.status import attachment_lines, until_said
from edge.config import Config
from edge.configfile import load
from edge.core.charging.ledger import Ledger
from edge.core.detaching.webhook import Move, as_json, attached_again, detached_by_hand, next_move
from edge.core.kept.attachment import BLANK, Attachment
from edge.core.kept.pause import end_of
from edge.errors import AntirelouError, ConfigError
from edge.ledger.opening import look, totals
from edge.meaning import insight, terms
from edge.setup import api_access, attach_call, place_of
from edge.system.clock import clock
from edge.units import MINUTE_MS, SECOND_MS
from edge.watch.attaching import WHOLE_MS, Attaching, overridden, theirs
from edge.watch.watch import LENGTH_MS, LOOKS

PATIENCE_MS = MINUTE_MS + WHOLE_MS
"""So long is waited for the provider: a call may have to be asked about."""
PAUSE_S = 0.1


class NotChanged(AntirelouError):
    """The provider has not done it, or would not."""


@click.command()
@FILE
@click.argument("action", type=click.Choice(["status", "detach", "attach"]))
@to_option("Which of our numbers, where there are several.  [default: for status, all]")
@click.option("--for", "for_", metavar="TEXT", help="Detach for so long, such as 1h or 30m.  [default: until attached]")
def number(file: Path, action: str, to: str | None, for_: str | None) -> int:
    """Say what the provider has for each number of FILE; have it deliver nothing to one (detach), or deliver again (attach).

    Exit 1: it is not as it should be, or was not changed.
    """
    logging.getLogger("antirelou").addHandler(logging.NullHandler())  # what becomes of it is said once, by the command
    for_ms = None if for_ is None else length_of(for_)
    if for_ms is not None and action != "detach":
        raise click.UsageError("--for: only with detach, which it ends")
    config = load(file)
    index = 0 if len(config.numbers) == 1 else None
    if to is not None:
        index = index_of(config, to)
    if index is None:
        if action != "status":
            phones = ", ".join(number.phone for number in config.numbers)
            raise click.UsageError(f"--to: the file has several numbers; name the one to {action}: {phones}")
        return asyncio.run(_status_of_all(config, kept_of(config, file.parent)))
    api = api_of(config, index)
    if action == "status":
        return asyncio.run(_status(config, index, kept_of(config, file.parent)[index], api))
    return have(config, file.parent, Hand(config, index, api, for_ms, detach=action == "detach").do)


def api_of(config: Config, index: int = 0) -> WebhookApi:
    """Return the provider's side of a number. Raises ConfigError where nothing can be asked of it."""
    number, where = config.numbers[index], config.where(index)
    access = api_access(config, index=index)
    if number.provider not in WEBHOOK_APIS:
        raise ConfigError(
            f"{where}.provider: nothing can be asked of {number.provider} from here, only of {', '.join(WEBHOOK_APIS)}"
        )
    if access is None:
        raise ConfigError(
            f"{where}: nothing can be asked of the provider without a key; write api-account-env, api-key-env and api-secret-env"
        )
    return WEBHOOK_APIS[number.provider](access, number.phone)


def kept_of(config: Config, base: Path) -> list[Attachment]:
    """Return what the ledger says of each number; nothing where none was begun yet."""
    place = place_of(config, base)
    if look(place) is None:
        return [Attachment()] * len(config.numbers)
    return insight.attachments_of(config, totals(place, terms.rules_of(config), clock()))


async def _status_of_all(config: Config, kept: Sequence[Attachment]) -> int:
    """Say it of each number; of one of which nobody can be asked what is wanted."""
    code = 0
    for index, attachment in enumerate(kept):
        where = config.where(index)
        if config.numbers[index].api_account_env is None:
            _show(where, attachment, "not asked: nothing can be asked without a key")
            code = code if attachment.attached else 1
            continue
        try:
            api = api_of(config, index)
        except ConfigError as error:  # a variable is not set: the others are shown all the same
            _show(where, attachment, f"not asked: {error}")
            code = 1
        else:
            code |= await _status(config, index, attachment, api, of=where)
    return code


async def _status(config: Config, index: int, attachment: Attachment, api: WebhookApi, of: str = "") -> int:
    client, url = Client(), config.numbers[index].url
    try:
        found = await client.converse(api.look())
    finally:
        await client.close()
    if isinstance(found, Fate):
        _show(of, attachment, found.said)
        return 1
    _show(of, attachment, _stands(found, url), *found.overrides)
    return 0 if next_move(attachment, found.address, url, ()) is Move.NOTHING else 1


def _show(of: str, attachment: Attachment, stands: str, *overrides: str) -> None:
    """Print what is wanted of a number, what stands at the provider, and what is in the way there."""
    for line in (
        f"wanted: {'attached' if attachment.attached else 'detached'}",
        *attachment_lines(as_json(attachment)),
        f"at the provider: {stands}",
        *(f"in the way of detaching: {override}" for override in overrides),
    ):
        click.echo(f"{of} {line}".lstrip())


def _stands(found: Webhook, url: str) -> str:
    """Return what stands at the provider, for people; not the address itself, which may be a secret."""
    return {"": "no address: nothing is delivered", url: "number.url"}.get(
        found.address, "another address than number.url"
    )


class Hand:
    """One change by hand."""

    def __init__(self, config: Config, index: int, api: WebhookApi, for_ms: int | None, *, detach: bool) -> None:
        self._phone = config.numbers[index].phone
        self._url = config.numbers[index].url
        self._ending = attach_call(config, index)
        self._api = api
        self._for_ms = for_ms
        self._detach = detach
        self._holder = secrets.token_hex(8)
        self._client = Client()

    async def do(self, ledger: Ledger) -> int:
        """Do it, say what came of it, and return the exit code."""
        try:
            click.echo(await self._done(ledger, await self._want(ledger, await self._found())))
        except NotChanged as error:
            await self._take_back(ledger)
            click.echo(f"not {'detached' if self._detach else 'attached'}: {error}")
            return 1
        finally:
            await self._client.close()
        return 0

    async def _take_back(self, ledger: Ledger) -> None:
        """Want it no longer to be detached, if nothing of that can have been done: or it would be, once somebody could."""
        held = await ledger.totals()
        now = held.attachments.get(self._phone, Attachment())
        if self._detach and not now.attached and now.pending_ms is None and now.written != BLANK:
            await ledger.keep_attachment(self._phone, now, attached_again(now, held.now_ms))

    async def _found(self) -> Webhook:
        """Return what stands at the provider. Raises NotChanged."""
        found = await self._client.converse(self._api.look())
        if isinstance(found, Fate):
            raise NotChanged(f"the provider's API: {found.said}")
        return found

    async def _want(self, ledger: Ledger, found: Webhook) -> Attachment:
        """Keep what is wanted in the ledger, if it can be had, and return it."""
        while True:
            held = await ledger.totals()
            before = held.attachments.get(self._phone, Attachment())
            after = self._after(before, found, held.now_ms)
            if after == before or await ledger.keep_attachment(self._phone, before, after):
                return after

    def _after(self, before: Attachment, found: Webhook, now_ms: int) -> Attachment:
        if self._detach:
            after = detached_by_hand(replace(before, trouble=""), self._for_ms, now_ms)
        else:
            after = attached_again(replace(before, trouble=""), now_ms, by_hand=True)
            if not found.address:  # whoever took it away: it is a person who wants it back
                after = replace(after, written=BLANK)
        if before.pending_ms is not None:
            return after
        move = next_move(after, found.address, self._url, found.overrides)
        if move is Move.OVERRIDDEN:
            raise NotChanged(overridden(found))
        if move is Move.LEAVE_ALONE and found.address != self._url:
            raise NotChanged(theirs(found, self._url))
        return replace(after, written=None) if move is Move.LEAVE_ALONE else after

    async def _done(self, ledger: Ledger, wanted: Attachment) -> str:
        """Have it done, by a worker or here, and wait for it."""
        lease = await ledger.watch(self._holder, LENGTH_MS)
        attaching = Attaching(phone=self._phone, url=self._url, api=self._api, client=self._client)
        loop = asyncio.get_running_loop()
        begun_s, renewed_s, anew = loop.time(), loop.time(), True
        try:
            while (loop.time() - begun_s) * SECOND_MS < PATIENCE_MS:
                held = await ledger.totals()
                now = held.attachments.get(self._phone, Attachment())
                if now.attached == wanted.attached and now.is_settled:
                    return self._said(now, by_worker=not lease.is_held)
                if now.trouble:
                    raise NotChanged(now.trouble)
                if lease.is_held:
                    attaching.begin(ledger, lambda: self._holds(ledger), now, held.now_ms, anew=anew)
                    anew = False
                    if loop.time() - renewed_s > LENGTH_MS / LOOKS / SECOND_MS:
                        renewed_s = loop.time()
                        await self._holds(ledger)
                await asyncio.sleep(PAUSE_S)
        finally:
            if lease.is_held:
                await attaching.finish(0)
                await ledger.watch(self._holder, 0)
        if not lease.is_held:
            raise NotChanged("the worker that looks after the ledger has not done it; have it reload the file")
        kept = (await ledger.totals()).attachments.get(self._phone, wanted)
        raise NotChanged(
            "the provider does not answer"
            if kept.pending_ms is None
            else "nobody knows whether the provider has done it; whoever looks after the ledger goes on asking"
        )

    async def _holds(self, ledger: Ledger) -> bool:
        return (await ledger.watch(self._holder, LENGTH_MS)).is_held

    def _said(self, now: Attachment, *, by_worker: bool) -> str:
        if now.attached:
            return "attached: the provider delivers messages"
        until = "" if now.attach_at_ms is None else f" {until_said(end_of(now.attach_at_ms))}"
        said = f"detached{until}: the provider delivers nothing, so nothing is charged and nobody is answered"
        if by_worker or now.attach_at_ms is None:
            return f"{said}; `{self._ending}` ends it"
        return f"{said}. No worker looks after it: until one does, nobody attaches it"
