"""A number whose kitty is to last until a day, served by a real worker."""

import datetime as dt

from tests.worker import await_, config, free_port, message_id, sender, serving


def text(until):
    """Return a static file with a last day."""
    return config(bind=f"127.0.0.1:{free_port()}").replace(
        'per-day = "100000"\nburst = "100000"', f"lasts-until = {until}"
    )


def test_after_its_day_a_number_is_silent_and_says_why(tmp_path):
    """It starts; whoever writes meets a 200 that sends nothing; the log and the status name the day."""
    with serving(tmp_path, text("2020-01-01")) as worker:
        await_(lambda: "budget.lasts-until: the day is over, so nobody is answered" in worker.log.read_text())
        status, body = worker.send(sender(1), "Salut", message_id(1))
        shown = worker.status()

    assert (200, False, 0) == (status, "<Message" in body, shown["replies"])
    assert shown["silent"].startswith("budget.lasts-until: 2020-01-01 is over")


def test_until_then_it_answers(tmp_path):
    """By the pace of the hour: a quarter of a day's at once, and no more."""
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=3650)
    with serving(tmp_path, text(until)) as worker:
        bodies = [worker.send(sender(number * 7), "Salut", message_id(number))[1] for number in range(4)]
        shown = worker.status()

    assert [True, False, False, False] == ["<Message" in body for body in bodies]
    assert {"pace_limit": 3, "answered": 1} == shown["by_reason"]
    assert None is shown["silent"]
