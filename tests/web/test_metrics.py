"""Facts about the metrics: the ledger's totals in Prometheus's formats, for who may see the status."""

import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain

from edge import wiring
from edge.core.charging.charge import Totals
from edge.core.kept.attachment import Attachment
from edge.core.showing.shareleft import ShareLeft
from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.units import divide_up
from edge.web.metrics import Measured, metrics
from edge.web.visitors import Visitors
from tests.core.showing.test_overview import NOW_MS, PURSE
from tests.core.showing.test_status import TOTALS
from tests.parts import Clock, app_of, call, deliver, play, running, setup_of
from tests.worker import config

KEY = {"Authorization": "Bearer s3cret"}
SEEN = Measured(
    TOTALS, PURSE, currency="EUR", version="1.2.3", is_paused=False, attachments=[Attachment()], channels_failing=0
)


def get(seen=SEEN, headers=KEY, clock=None):
    """Return the answer to a scrape."""

    async def look():
        if seen is None:
            raise LedgerDown("unplugged")
        return seen

    site = metrics(look, clock or Clock(NOW_MS), Visitors("s3cret", b"secret"))
    return play(lambda: call(site, method="GET", path="/metrics", headers=headers))


def samples(answer, parse=plain):
    """Return what was scraped: values by name and labels."""
    families = parse(answer.body.decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_they_are_the_ledgers_totals():
    """Messages by reason, what else came, money by what it was spent on, and what is left of it."""
    found = samples(get())

    assert {
        ("antirelou_messages_total", "sender_limit"): 998,
        ("antirelou_messages_total", "answered"): 7,
        ("antirelou_messages_total", "kitty_spent"): 0,
        ("antirelou_requests_total", "bad_signature"): 40,
        ("antirelou_spent_total", "replies"): 0.5341,
        ("antirelou_spent_total", "received"): 7.5375,
        ("antirelou_kitty",): 2000,
        ("antirelou_kitty_left",): 1991.9284,
        ("antirelou_pace_per_day",): 35,
        ("antirelou_paused",): 0,
        ("antirelou_attached",): 1,
    }.items() <= found.items()


def test_there_are_never_more_series_than_reasons():
    """However long it runs: each reason once, and a handful of others."""
    fresh = msgspec.structs.replace(SEEN, totals=Totals({}, 0, 0, TOTALS.pace, NOW_MS))

    assert len(Reason) + 11 == len(samples(get())) == len(samples(get(fresh)))


def test_each_of_several_numbers_has_series_of_its_own():
    """Whether it is attached, by its place in the file; all of them are only if each is."""
    shares = [ShareLeft(f"number[{index}]", 1_000_000, 0, index) for index in range(2)]
    off = msgspec.structs.replace(SEEN, shares=shares, attachments=[Attachment(), Attachment(attached=False)])
    found = samples(get(off))

    assert [1, 0] == [found["antirelou_number_attached", f"number[{index}]"] for index in range(2)]
    assert [0, 1] == [found["antirelou_share_replies_total", f"number[{index}]"] for index in range(2)]
    assert 0 == found[("antirelou_attached",)]


def test_the_format_is_the_scrapers():
    """OpenMetrics for who asks for it, with its end; the plain text for everybody else."""
    asked = get(headers=KEY | {"Accept": "application/openmetrics-text; version=1.0.0"})
    plainly = get()

    assert asked.headers[b"content-type"].startswith(b"application/openmetrics-text; version=1.0.0")
    assert plainly.headers[b"content-type"].startswith(b"text/plain; version=0.0.4")
    assert samples(plainly) == samples(asked, open_metrics)
    assert asked.body.endswith(b"# EOF\n")


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text; version=abc",
        'application/openmetrics-text;version="',
        "text/plain;version=NaN",
        ";,=",
        "\xff",
    ],
)
def test_a_format_that_is_none_is_the_plain_one(accept):
    """Whatever a scraper asks for, it gets figures and no error."""
    answer = get(headers=KEY | {"Accept": accept})

    assert (200, b"text/plain; version=0.0.4") == (answer.status, answer.headers[b"content-type"][:25])


def test_strangers_get_none():
    """Nor does a cache keep any for them."""
    assert (403, b"private, no-cache") == ((answer := get(headers={})).status, answer.headers[b"cache-control"])
    assert b"private, no-cache" == get().headers[b"cache-control"]


def test_while_the_ledger_is_away_a_scrape_fails():
    """Nothing falls to nothing: that would look like a restart."""
    assert (503, b"ledger_down: unplugged\n") == ((answer := get(None)).status, answer.body)


def test_a_worker_measures_its_ledger():
    """What it was told a moment ago is in it."""
    setup = setup_of(config())
    app = app_of(setup, Clock())
    site = wiring.metrics_of(setup, app, Visitors(None, b"secret"))

    async def scene():
        async with running(app):
            await deliver(app, "+33639000001", "hello", "SM1")
            await deliver(app, "+33639000001", "again", "SM2")
            return await call(site, method="GET", path="/metrics", headers={"Host": "localhost"})

    found = samples(play(scene))

    assert (1, 1) == (found["antirelou_messages_total", "answered"], found["antirelou_messages_total", "sender_limit"])
    assert (0.0763, 0) == (found["antirelou_spent_total", "replies"], found[("antirelou_paused",)])


def test_the_pace_is_the_one_that_is_in_force():
    """With a day to last until: whatever was received since the hour began, in the metrics and on the page."""
    text = config(kitty="200").replace('received = "0.0075"', 'received = "150"')
    setup = setup_of(text.replace('per-day = "100000"\nburst = "100000"', "lasts-until = 2027-02-01"))
    app = app_of(setup, Clock())
    measured, page = (of(setup, app, Visitors(None, b"secret")) for of in (wiring.metrics_of, wiring.page_of))

    async def scene():
        async with running(app):
            await app.tell()
            hourly = (await app.ledger.totals()).hourly
            await deliver(app, "12345", "hello", "SM1")
            answers = [
                await call(site, method="GET", path=path, headers={"Host": "localhost"})
                for site, path in ((measured, "/metrics"), (page, "/status"))
            ]
            return hourly.per_day_micros, *answers

    per_day_micros, metrics_, page_ = play(scene)
    found = samples(metrics_)

    assert (50, per_day_micros / 1e6) == (found["antirelou_kitty_left",], found["antirelou_pace_per_day",])
    assert divide_up(per_day_micros, 4) / 1e6 == found["antirelou_pace_left",]
    assert f"{per_day_micros / 1e6:.2f}" in page_.body.decode()
