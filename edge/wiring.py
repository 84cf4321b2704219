"""The composition root: a setup becomes the parts of a worker. The only module that knows them all."""

import asyncio
import gc
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from starlette.types import ASGIApp

from edge import __version__
from edge.config import Config
from edge.core.answering.desk import Desk
from edge.core.answering.gate import Gate
from edge.core.answering.memory import Memory
from edge.core.answering.replies import Replies
from edge.core.charging.charge import Totals
from edge.core.charging.ledger import Ledger
from edge.core.kept.hours import week_begins
from edge.core.kept.lease import RESTARTED, STARTED
from edge.core.kept.pause import is_paused
from edge.core.people.person import persons
from edge.core.seen.knocks import senders_since
from edge.core.seen.received import Received
from edge.core.seen.sightings import TABLE_BYTES, Sightings
from edge.core.seen.sums import Sums
from edge.core.showing.counted import Counted, counted, midnight_before, until_today
from edge.core.showing.history import Lately, Past, lately_begins, lately_of
from edge.core.showing.overview import CountSenders, Onlooker, Overview, Statement
from edge.core.showing.shareleft import shares_left
from edge.core.wire.origin import Origin
from edge.ledger.opening import open_ledger, open_when_there
from edge.meaning import insight, terms
from edge.setup import Setup, provider_of
from edge.state.folder import State
from edge.state.stops import Stops
from edge.system.clock import clock
from edge.tracing.trace import Trace
from edge.tracing.traced import TracedDesk
from edge.watch.hours import zone_of
from edge.watch.watch import notes_of
from edge.watchwiring import button_of, watch_of
from edge.web import page, publicpage
from edge.web.app import App
from edge.web.health import PATHS, pages
from edge.web.ondemand import OnDemand
from edge.web.visitors import Visitors


def application(
    setup: Setup,
    watch: Callable[[], None] = lambda: None,
    is_client: Callable[[socket.socket], bool] | None = None,
    *,
    restarted: bool = False,
) -> App:
    """Return one worker as an ASGI application."""
    config = setup.config
    state = State(setup.state, setup.ledger.owner)
    teller, sums = state.own(terms.phones_of(config))
    stops = state.stops()
    knocks = state.knocks() if terms.may_reserve(config, setup.purse) else None
    count_senders = partial(senders_within, knocks)
    gates, trace = gates_of(setup, knocks), trace_of(setup, clock)
    desks = {
        terms.webhook_path(config, index): desk if trace is None else TracedDesk(desk, trace, index)
        for index, desk in enumerate(desks_of(setup, gates, sums, state.seen()))
    }

    def look_around() -> None:
        watch()
        state.keep()

    app = App(
        desks=desks,
        open_ledger=lambda: open_when_there(
            setup.place, terms.rules_of(config), clock, lambda message_ids: gates[0].hear(message_ids, clock()), teller
        ),
        clock=clock,
        settle=lambda: settle(setup, state, stops, app.ledger),
        keep_stop=stops.keep,
        watch=look_around,
        is_client=is_client,
        record=None if trace is None else trace.write,
        beside=watch_of(setup, lambda: app.ledger, count_senders),
        started=RESTARTED if restarted else STARTED,
    )

    async def totals() -> Totals:
        return await app.ledger.totals()

    async def status() -> dict[str, Any]:
        await app.tell()
        found = await totals()
        hours = await app.ledger.hours(week_begins(found.now_ms))
        shown = insight.status_now(config, found, hours, await lately_of_each(app.ledger, config, found.now_ms))
        if setup.alert_channels:
            shown["channels_failing"] = notes_of((await app.ledger.watch("", 0)).notes).failing
        return shown

    async def sums_shown() -> Counted:
        found = await totals()
        if config.receiving.detach != "yes":
            return counted(found)
        return until_today(found, await app.ledger.hours(midnight_before(found.now_ms)))

    visitors = Visitors(setup.status_key, setup.hash_key)
    app.mount(PATHS, pages(status, totals, clock, visitors, setup.ledger_warnings))
    app.mount(page.PATHS, OnDemand(lambda: page_of(setup, app, visitors, count_senders)))
    app.mount(("/metrics",), OnDemand(lambda: metrics_of(setup, app, visitors)))
    for act in insight.button_urls_of(config):
        app.mount((act.path,), button_of(setup, act, lambda: app.ledger))
    if config.server.counter:
        currency = config.price.currency if config.server.counter_money else None
        public = publicpage.Counter(sums_shown, clock, currency)
        app.mount(publicpage.PATHS, publicpage.site(public, Origin(setup.origin_secrets)))
    gc.collect()
    gc.freeze()
    return app


def senders_within(table: memoryview | None, ago_ms: int) -> int | None:
    """Return how many senders wrote at least, within so long, as the machine has noted; None where nothing is noted."""
    return None if table is None else senders_since(table, clock() - ago_ms)


async def lately_of_each(ledger: Ledger, config: Config, now_ms: int) -> Mapping[str, Lately]:
    """Return what came lately to each number, where there are several. Raises LedgerDown."""
    if not terms.phones_of(config):
        return {}
    minutes_ms, hours_ms = lately_begins(now_ms)
    return lately_of(await ledger.minutes_of_each(minutes_ms), await ledger.hours_of_each(hours_ms), now_ms)


def page_of(setup: Setup, app: App, visitors: Visitors, count_senders: CountSenders = lambda _: None) -> ASGIApp:
    """Return the page at `/status`; what it is made with is loaded now."""
    from edge.web.page.site import Site  # noqa: PLC0415 — a worker of whom nobody asks for it goes without

    past, onlooker = Past(), Onlooker()

    async def look() -> Overview:
        await app.tell()
        ledger = app.ledger
        lease, totals = await ledger.watch("", 0), await ledger.totals()
        minutes_ms, hours_ms = past.begins(totals.now_ms)
        past.read(await ledger.minutes(minutes_ms), await ledger.hours(hours_ms), totals.now_ms)
        lately = await lately_of_each(ledger, setup.config, totals.now_ms)
        statement = Statement(totals, past.hours, past.minutes, notes_of(lease.notes), lease.noted, lately)
        alerts_are_set = bool(setup.alert_channels)
        # In a thread: a day's minutes take some time at the first look, and messages are answered meanwhile.
        return await asyncio.to_thread(
            insight.overview_now,
            *(setup.config, statement, onlooker),
            alerts_are_set=alerts_are_set,
            count_senders=count_senders,
        )

    async def pause(for_ms: int) -> None:
        await app.ledger.pause(for_ms)

    async def resume() -> None:
        await app.ledger.resume()

    return Site(
        look=look,
        pause=pause,
        resume=resume,
        clock=clock,
        visitors=visitors,
        zone=zone_of(setup.config.alert.time_zone),
    ).pages


def metrics_of(setup: Setup, app: App, visitors: Visitors) -> ASGIApp:
    """Return the page at `/metrics`; what it is made with is loaded now."""
    from edge.web.metrics import Measured, metrics  # noqa: PLC0415 — as above

    config = setup.config

    async def look() -> Measured:
        await app.tell()
        totals, lease = await app.ledger.totals(), await app.ledger.watch("", 0)
        hours = await app.ledger.hours(week_begins(totals.now_ms))
        purse = terms.purse_after(config, totals, hours)
        return Measured(
            totals,
            purse,
            currency=config.price.currency,
            version=__version__,
            is_paused=is_paused(totals.paused_until_ms, totals.now_ms) or bool(terms.silence_of(config, totals.now_ms)),
            attachments=insight.attachments_of(config, totals),
            channels_failing=len(notes_of(lease.notes).failing),
            shares=shares_left(totals, purse, terms.phones_of(config)),
        )

    return metrics(look, clock, visitors)


async def settle(setup: Setup, state: State, stops: Stops, own: Ledger) -> None:
    """Tell the ledger what workers have left behind that are gone. Raises LedgerDown or OSError; then it is tried again."""
    for key in stops.kept():
        await own.opt_out(key)
        stops.told(key)
    for left in state.left():
        ledger = open_ledger(setup.place, terms.rules_of(setup.config), clock, lambda _: None, left.teller)
        try:
            await ledger.tell(left.tally)
            left.path.unlink()
            await ledger.forget()
        finally:
            await ledger.close()


def gate_of(setup: Setup, knocks: memoryview | None = None) -> Gate:
    """Return the memory and the checks of a worker of one number; who knocks is noted in a table, of its own if none is given."""
    return gates_of(setup, knocks)[0]


def gates_of(setup: Setup, knocks: memoryview | None = None) -> list[Gate]:
    """Return a worker's checks for each number; what they remember is the same, but for the share of the pace."""
    config = setup.config
    rules = terms.rules_of(config)
    memory, knows = Memory(rules), terms.knocks_of(config, setup.purse, setup.hash_key, knocks)
    return [
        Gate(
            rules=rules,
            routes=terms.routes_of(config, setup.purse, index),
            own=[number.phone for number in config.numbers],
            paused=config.paused,
            block_digits=config.limit.block.digits,
            key=setup.hash_key,
            knocks=knows,
            number=terms.payer_of(config, index),
            memory=memory,
        )
        for index in range(len(config.numbers))
    ]


def trace_of(setup: Setup, clock: Callable[[], int]) -> Trace | None:
    """Return where a worker records what it meets, or None where nothing is recorded."""
    server = setup.config.server
    if server.trace is None:
        return None
    folder = setup.place.base / server.trace
    routes, own = terms.routes_of(setup.config, setup.purse), {number.phone for number in setup.config.numbers}
    is_person = persons(routes.prefixes)
    return Trace(
        folder,
        bytes_max=server.trace_mb_max * 1_000_000,
        key=setup.hash_key,
        clock=clock,
        prefixes=routes.prefixes,
        numbers=len(own),
        prefix_of=lambda sender: routes.prefix_of(sender) if is_person(sender) and sender not in own else "",
    )


def desk_of(setup: Setup, gate: Gate, sums: Sums | None = None, table: memoryview | None = None) -> Desk:
    """Return the desk of a worker of one number; what it sees is counted in `sums`, and noted in a table, of its own if none are given."""
    return desks_of(setup, [gate], sums, table)[0]


def desks_of(
    setup: Setup, gates: Sequence[Gate], sums: Sums | None = None, table: memoryview | None = None
) -> list[Desk]:
    """Return a worker's desk for each number that has a gate; what they see is counted and noted in one place."""
    config = setup.config
    sums = Sums(numbers=terms.phones_of(config)) if sums is None else sums
    sightings = Sightings(setup.hash_key, memoryview(bytearray(TABLE_BYTES)) if table is None else table)
    texts, origin = [text.text for text in terms.texts_of(config)], Origin(setup.origin_secrets)
    providers = [provider_of(config, setup.secrets[index], index) for index in range(len(gates))]
    first = setup.ledger.first or config.number.phone
    return [
        Desk(
            phone=config.numbers[index].phone,
            provider=provider,
            gate=gate,
            replies=Replies(provider, texts),
            origin=origin,
            body_bytes_max=config.server.body_bytes_max,
            received=Received(terms.receiving_of(config, index), sightings, sums.of(terms.payer_of(config, index))),
            sums=sums.of(terms.payer_of(config, index)),
            marks_ids=config.numbers[index].phone != first,
            where=config.where(index),
        )
        for index, (gate, provider) in enumerate(zip(gates, providers, strict=True))
    ]
