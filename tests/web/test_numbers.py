"""Several numbers in one application: a webhook each, one memory, one kitty."""

import asyncio
import json
import re
from urllib.parse import urlencode

import msgspec
import pytest
from click.testing import CliRunner

from edge.cli import cli
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks
from edge.units import DAY_MS
from tests.parts import Clock, app_of, call, deliver, play, play_in_leaps, running, setup_of
from tests.worker import PHONE, REPLY, SECRET, config, fields, free_port, message_id, request, sender, serving, sign

OTHER = "+33937000001"
OTHER_URL = "https://sms.example.org/elks-0123456789abcdef0123456789abcdef"
OTHER_PATH = OTHER_URL.removeprefix("https://sms.example.org")
SECOND = f"""[[number]]
phone = "{OTHER}"
provider = "46elks"
url = "{OTHER_URL}"

[number.price]
received = "0.001"
reply = {{ "+33" = "0.05" }}

[reply]
"""
ANSWERED, REFUSED = True, False


def two(**changes):
    """Return a file with two numbers, the second at another provider, and cheaper."""
    return config(**changes).replace("[number]", "[[number]]").replace("[reply]\n", SECOND)


async def elks(app, from_, text, message_id, to=OTHER):
    """Deliver a message to the second number, as 46elks does."""
    form = urlencode({"direction": "incoming", "id": message_id, "from": from_, "to": to, "message": text})
    return await call(
        app, form.encode(), path=OTHER_PATH, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )


def is_reply(response):
    """Return whether a response answers the sender."""
    return REPLY in response.body.decode()


def test_each_number_is_answered_as_its_provider_wants_it_for_its_own_price():
    """TwiML at one webhook and plain text at the other, and each message is booked at its number's prices."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(two()), Clock(), books)
        async with running(app):
            return (
                await deliver(app, sender(1), "salut", message_id(1)),
                await elks(app, sender(2), "salut", "s1"),
                books,
            )

    first, second, books = play(scene)

    assert f"<Response><Message>{REPLY}</Message></Response>" == first.body.decode()
    assert REPLY == second.body.decode()
    assert (76_300 + 50_000, 7_500 + 1_000) == (books.replies_micros, books.received_micros)


def test_the_ledger_hears_what_came_to_each_number():
    """Messages, segments and money, by the hour: answered, refused, and a second delivery that is none."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(two()), Clock(), books)
        async with running(app):
            await deliver(app, sender(1), "salut", message_id(1))
            for number, id_ in ((2, "s1"), (2, "s1"), (2, "s2"), (1, "s3")):
                await elks(app, sender(number), "salut", id_)
        return books

    books = play(scene)
    [of_each], [both] = books.number_hours.values(), books.hours.values()

    assert {PHONE: (1, 1, 7_500, 1, 76_300), OTHER: (3, 3, 3_000, 1, 50_000)} == {
        number: msgspec.structs.astuple(hour)[1:6] for number, hour in of_each.items()
    }
    assert (4, 4, 10_500, 2, 126_300) == msgspec.structs.astuple(both)[1:6]
    assert [PHONE, OTHER] == [paid.number for paid in books.paid]


def test_one_id_on_two_numbers_is_two_messages():
    """Providers may use the same ones: both senders are answered, and a retry of either is one."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(two()), Clock(), books)
        async with running(app):
            answers = [
                await deliver(app, sender(1), "salut", "s1"), await elks(app, sender(2), "salut", "s1"),
                await deliver(app, sender(1), "salut", "s1"), await elks(app, sender(2), "salut", "s1"),
            ]  # fmt: skip
        return answers, books

    answers, books = play(scene)

    assert [ANSWERED] * 4 == list(map(is_reply, answers))
    assert {Reason.DUPLICATE: 2} == books.counts
    assert (126_300, 8_500) == (books.replies_micros, books.received_micros)


def test_a_sender_is_one_sender_on_all_numbers():
    """Whoever was answered by one is not answered by the other, by memory or, in a new worker, by the ledger."""

    async def scene():
        books = MemoryBooks()
        app, anew = (app_of(setup_of(two()), Clock(), books) for _ in range(2))
        async with running(app):
            answers = [await deliver(app, sender(1), "salut", message_id(1)), await elks(app, sender(1), "salut", "s1")]
        async with running(anew):
            answers.append(await elks(anew, sender(1), "salut", "s2"))
        return answers, books

    answers, books = play(scene)

    assert [ANSWERED, REFUSED, REFUSED] == list(map(is_reply, answers))
    assert {Reason.SENDER_LIMIT: 2} == books.counts


def test_stop_on_one_number_holds_on_all():
    """For ever, and through a restart."""

    async def scene():
        books, clock = MemoryBooks(), Clock()
        app, anew = (app_of(setup_of(two()), clock, books) for _ in range(2))
        async with running(app):
            answers = [await deliver(app, sender(1), "salut", message_id(1)), await elks(app, sender(1), "STOP", "s1")]
            clock.now_ms += 2 * DAY_MS
            answers.append(await deliver(app, sender(1), "salut", message_id(2)))
        async with running(anew):
            answers += [await elks(anew, sender(1), "salut", "s2"), await deliver(anew, sender(1), "a", message_id(3))]
        return answers

    assert [ANSWERED, REFUSED, REFUSED, REFUSED, REFUSED] == list(map(is_reply, play(scene)))


def test_our_numbers_do_not_answer_each_other():
    """What one of them writes to the other meets silence: two numbers that answer one another would write for ever."""

    async def scene():
        books = MemoryBooks()
        app = app_of(setup_of(two()), Clock(), books)
        async with running(app):
            answers = [await deliver(app, OTHER, "salut", message_id(1)), await elks(app, PHONE, "salut", "s1")]
        return answers, books.counts

    answers, counts = play(scene)

    assert [REFUSED, REFUSED] == list(map(is_reply, answers))
    assert {Reason.NOT_A_PERSON: 2} == counts


@pytest.mark.parametrize("step_ms", [0, -60_000, 60_000], ids=["as it is", "a minute back", "a minute on"])
def test_a_flood_on_one_number_leaves_the_other_answering(step_ms):
    """Of eight replies that may go at once each has four, however the clock steps meanwhile; the worker and the ledger agree."""

    async def scene():
        books, clock = MemoryBooks(), Clock()
        text = two(burst="0.6104", per_day="1").replace('reply = { "+33" = "0.05" }\n', "")
        app = app_of(setup_of(text + "[knock]\nshare = 0\n"), clock, books)
        async with running(app):
            flood = [await deliver(app, sender(n), "salut", message_id(n)) for n in range(20)]
            clock.now_ms += step_ms
            flood += [await deliver(app, sender(n), "salut", message_id(n)) for n in range(20, 30)]
            others = [await elks(app, sender(n), "salut", f"s{n}") for n in range(30, 40)]
        return flood, others

    flood, others = play(scene)

    assert (4, 4) == (sum(map(is_reply, flood)), sum(map(is_reply, others)))


def test_a_signature_that_does_not_hold_is_said_with_its_number():
    """By its place in the file, never by the number itself."""
    text = two().replace('provider = "46elks"', 'provider = "twilio"\nsecret-env = "OTHER"')
    setup = setup_of(text)
    desks = []

    async def scene():
        app = app_of(setup, Clock(), around=lambda desk: desks.append(desk) or desk)
        async with running(app):
            headers, body = request(sender(1), "salut", message_id(1), secret="another")
            return await call(app, body, path=OTHER_PATH, headers=headers)

    assert 403 == play(scene).status
    assert [[], ["bad_signature: number[1]: "]] == [
        [notice[: len("bad_signature: number[1]: ")] for notice in desk.notices()] for desk in desks
    ]


def test_several_numbers_say_once_that_their_day_is_over(caplog):
    """One hears it with a charge, before anything is told, the other with what is told a second later."""
    setup = setup_of(two().replace('per-day = "100000"\nburst = "100000"', "lasts-until = 2020-01-01"))

    async def scene(_):
        app = app_of(setup, Clock())
        async with running(app):
            silent = await deliver(app, sender(1), "salut", message_id(1))
            await asyncio.sleep(3.5)
            return is_reply(silent)

    assert REFUSED is play_in_leaps(scene)
    assert 1 == caplog.text.count("budget.lasts-until: the day is over, so nobody is answered")


def test_of_several_numbers_one_after_the_other_looks_at_what_came_to_another_path():
    """A look takes milliseconds, and there may be a hundred numbers; which of them it was meant for is not said, since they may share a secret."""
    text = two().replace('provider = "46elks"', 'provider = "twilio"\nsecret-env = "OTHER"')
    setup = msgspec.structs.replace(setup_of(text), secrets=[["another"], [SECRET]])
    form = fields(sender(1), "salut", message_id(1))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sign(form, url=f"{OTHER_URL}/"),
    }

    async def scene():
        app, said = app_of(setup, Clock()), []
        async with running(app):
            for _ in range(3):
                await call(app, urlencode(form).encode(), path=f"{OTHER_PATH}/", headers=headers)
                said.append([notice for desk in app._desks for notice in desk.notices()])
        return said

    assert [[], ["not_found: it would verify if number.url had a slash at its end"], []] == play(scene)


def test_a_real_server_answers_two_numbers_of_two_providers(tmp_path):
    """One worker, one ledger, two webhooks; the status counts both, and says of each what came lately."""
    with serving(tmp_path, two(bind=f"127.0.0.1:{free_port()}")) as worker:
        form = urlencode({"direction": "incoming", "id": "s1", "from": sender(2), "to": OTHER, "message": "salut"})
        connection = worker.connect()
        connection.request("POST", OTHER_PATH, form, {"Content-Type": "application/x-www-form-urlencoded"})
        second = connection.getresponse()
        answers = worker.send(sender(1), "salut", message_id(1)), (second.status, second.read().decode())
        worker.send(sender(1), "encore", message_id(2))
        status = json.loads(worker.get("/status.json")[1])
        page, metrics = (worker.get(path)[1].decode() for path in ("/status", "/metrics"))
        said = CliRunner().invoke(cli, ["status", str(tmp_path / "edge.toml")]).stdout
        connection.close()

    assert (200, f"<Response><Message>{REPLY}</Message></Response>") == (answers[0][0], answers[0][1])
    assert (200, REPLY) == answers[1]
    assert (3, 2, "0.1263") == (status["messages"], status["replies"], status["spent"]["replies"])
    assert [("number[0]", 1, 2, 2), ("number[1]", 1, 1, 1)] == [
        (one["number"], one["replies"], one["messages_last_hour"], one["messages_last_day"])
        for one in status["numbers"]
    ]
    assert [("number[0]", "2", "2", "1"), ("number[1]", "1", "1", "1")] == re.findall(
        r'<th scope="row">(number.*?)</th><td.*?>(\d+)</td><td.*?>(\d+)</td><td.*?>(\d+)</td>', page
    )
    assert 'antirelou_share_replies_total{number="number[1]"} 1.0' in metrics
    assert f'antirelou_share_left{{number="number[0]"}} {float(status["numbers"][0]["pace_left"])}' in metrics
    assert (
        f"  number[1]      1 reply, {status['numbers'][1]['pace_left']} of its share at once; 1 message in the last hour, "
        "1 in the last day\n"
    ) in said
