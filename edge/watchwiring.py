"""The watch of a worker, and the buttons of its alerts, out of a setup."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from edge.api.client import Client
from edge.api.webhooks import WEBHOOK_APIS
from edge.config import Config, Receiving
from edge.core.alerting.alert import Link
from edge.core.alerting.saying import BUTTON, HELPED_BY
from edge.core.alerting.watching import Due
from edge.core.charging.ledger import Ledger
from edge.core.kept.button import Act, Button, Signer
from edge.core.showing.overview import CountSenders
from edge.core.wire.origin import Origin
from edge.meaning import insight, terms
from edge.setup import Gone, Setup
from edge.state.voice import Voice
from edge.system.clock import clock
from edge.watch.attaching import Attaching
from edge.watch.channels import Channels
from edge.watch.deciding import Deciding
from edge.watch.heartbeat import Heartbeat
from edge.watch.hours import until_said, zone_of
from edge.watch.pressing import detach, silence
from edge.watch.tending import Tending
from edge.watch.watch import Watch
from edge.web import buttonpage


def watch_of(setup: Setup, ledger: Callable[[], Ledger], count_senders: CountSenders = lambda _: None) -> Watch | None:
    """Return a worker's part in the watch, or None where nothing is to be said to anybody, or asked of the provider."""
    if not setup.alert_channels and setup.heartbeat_url is None and not any(setup.apis) and not setup.gone:
        return None
    client, labels = Client(), BUTTON[setup.config.alert.language]
    tending, urls = tending_of(setup, client), insight.button_urls_of(setup.config)

    def links_of(due: Due) -> list[Link]:
        alert, found = due.alert, []
        for act, url in urls.items():
            if alert.name in HELPED_BY[act]:
                where = meant(tending, alert.of).where if act is Act.DETACH else ""
                query = signers_of(setup, act)[where].query_of(alert.name, due.begun_ms)
                found.append(Link(act, f"{labels[act]}: {where}" if where else labels[act], f"{url}?{query}"))
        return found

    return Watch(
        ledger=ledger,
        clock=clock,
        terms=insight.alert_terms_of(setup.config, setup.purse),
        purse=setup.purse,
        anew=insight.alert_terms_anew(setup.config),
        zone=zone_of(setup.config.alert.time_zone),
        channels=Channels(setup.alert_channels, client),
        voice=Voice(setup.state, setup.ledger.owner),
        heartbeat=None if setup.heartbeat_url is None else Heartbeat(setup.heartbeat_url, client),
        tending=tending,
        links_of=links_of,
        count_senders=count_senders,
    )


def signers_of(setup: Setup, act: Act) -> dict[str, Signer]:
    """Return what signs a button, by the key of the number that it is done to; blank where there is one, or it is done to all."""
    config = setup.config
    if act is not Act.DETACH or len(config.numbers) == 1:
        return {"": Signer(setup.hash_key, act)}
    return {
        config.where(index): Signer(setup.hash_key, act, number.phone) for index, number in enumerate(config.numbers)
    }


def meant(tending: Sequence[Tending], of: str) -> Tending:
    """Return which number an alert means: the one with that key; or, where it is about all, the one that has received the most."""
    return next((one for one in tending if one.where == of), None) or max(tending, key=lambda one: one.lately_micros)


def button_of(setup: Setup, act: Act, ledger: Callable[[], Ledger]) -> buttonpage.Page:
    """Return a button of the alerts, for a worker's application."""
    alert, first = setup.config.alert, setup.config.number.phone
    zone = zone_of(alert.time_zone)

    async def press(button: Button, number: str) -> int | None:
        if act is Act.DETACH:
            return await detach(ledger(), button, number or first)
        return await silence(ledger(), button)

    return buttonpage.Page(
        signers_of(setup, act),
        press,
        lambda until_ms: until_said(zone, until_ms),
        alert.language,
        Origin(setup.origin_secrets),
    )


def tending_of(setup: Setup, client: Client) -> list[Tending]:
    """Return what looks after each number at its provider."""
    config, found = setup.config, []
    for index, (number, access) in enumerate(zip(config.numbers, setup.apis, strict=True)):
        api = None if access is None else WEBHOOK_APIS[number.provider](access, number.phone)
        where, detaches = config.where(index), config.receiving.detach == "yes"
        attaching = Attaching(
            phone=number.phone, url=number.url, api=api, client=client, detaches=detaches, where=where
        )
        found.append(Tending(attaching, deciding_of(config, index), where if len(config.numbers) > 1 else ""))
    return found + [_gone_of(gone, config, client) for gone in setup.gone]


def _gone_of(gone: Gone, config: Config, client: Client) -> Tending:
    """Return what attaches a number again that the file does not name any more, or says that nobody can."""
    api = None
    if gone.number is not None and gone.access is not None:
        api = WEBHOOK_APIS[gone.number.provider](gone.access, gone.phone)
    url = "" if gone.number is None else gone.number.url
    attaching = Attaching(phone=gone.phone, url=url, api=api, client=client, where=gone.where)
    deciding = deciding_of(msgspec.structs.replace(config, receiving=Receiving()))  # it is not detached any more
    return Tending(attaching, deciding, gone.where, until_attached=True)


def deciding_of(config: Config, index: int = 0) -> Deciding:
    """Return what decides whether a number is to be detached."""
    return Deciding(
        detach=config.receiving.detach,
        terms=insight.detach_of(config, index),
        intake=partial(insight.intake_of, config),
        situation=insight.situation_of(config, index),
        number=terms.payer_of(config, index),
    )
