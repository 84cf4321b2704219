"""Several numbers on several real workers, with one ledger."""

import signal
from contextlib import ExitStack
from urllib.parse import urlencode

import pytest

from tests.process.number import LEDGERS, Number
from tests.process.test_workers import charges
from tests.senders import send_all
from tests.web.test_numbers import OTHER, OTHER_PATH, SECOND
from tests.worker import PHONE, REPLY, await_, config, free_port, message_id, sender, serving

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def status_of_the_other(worker):
    """Return how a worker answers a request to the second number's address that is no message."""
    connection = worker.connect()
    connection.request("POST", OTHER_PATH, "", FORM)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def write_to_the_other(worker, first, last):
    """Return how many are answered of people who write to the second number, each over a connection of their own."""
    answered = 0
    for number in range(first, last):
        form = {"direction": "incoming", "id": f"s{number}", "from": sender(number), "to": OTHER, "message": "salut"}
        connection = worker.connect()
        connection.request("POST", OTHER_PATH, urlencode(form), FORM)
        answered += connection.getresponse().read().decode() == REPLY
        connection.close()
    return answered


def test_two_workers_pay_each_number_its_share_and_a_restart_hands_out_nothing(tmp_path):
    """Twenty replies may go at once: a flood of three hundred on the first gets ten, whoever writes to the second the other ten; nobody more."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, burst="1.526", per_day="0.1", received="0")
    text = (
        text.replace("[number]", "[[number]]").replace("[reply]\n", SECOND).replace('reply = { "+33" = "0.05" }\n', "")
    )
    text += "[knock]\nshare = 0\n"
    with serving(tmp_path, text) as worker:
        seen = send_all(lambda: worker, [(sender(n), message_id(n)) for n in range(300)], connections=16)
        others = write_to_the_other(worker, 1_000, 1_030)
        shown = worker.status()["numbers"]
    with serving(tmp_path, text) as worker:
        again = send_all(lambda: worker, [(sender(n), message_id(n)) for n in range(2_000, 2_100)])
        others_again = write_to_the_other(worker, 2_100, 2_110)
    alone = text[: text.index("[[number]]", 12)].replace("[[number]]", "[number]") + text[text.index("[reply]") :]
    with serving(tmp_path, alone) as worker:
        after = send_all(lambda: worker, [(sender(n), message_id(n)) for n in range(3_000, 3_100)])
        before_reload = status_of_the_other(worker)
        (tmp_path / "edge.toml").write_text(text)
        worker.process.send_signal(signal.SIGHUP)
        await_(lambda: status_of_the_other(worker) == 400)
        after_reload = write_to_the_other(worker, 3_100, 3_110)
        said = worker.log.read_text()

    assert (10, 10, 20) == (len(seen.replied), others, len(charges(tmp_path)))
    assert [("number[0]", 10), ("number[1]", 10)] == [(one["number"], one["replies"]) for one in shown]
    assert (0, 0, 0) == (len(again.replied), others_again, len(after.replied))
    assert (404, 0) == (before_reload, after_reload)
    assert "number[1] is new" in said
    assert PHONE not in said.rpartition("reload")[2]


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_retry_is_one_in_whichever_order_the_file_has_the_numbers(ledger, tmp_path):
    """A message to each is answered, the order turns round, and both are brought again: the same answers, nothing paid or booked twice."""
    with ExitStack() as stack:
        number = Number(tmp_path, ledger, stack, received="0.01")
        one, rest = number.text.partition("[number]")[2].split("[reply]\n")
        other = SECOND.removesuffix("[reply]\n").removeprefix("[[number]]")
        rest = "[reply]\n" + rest.replace("[ledger]\n", f'[ledger]\nname = "{PHONE}"\n')
        seen = []
        for order in ((one, other), (other, one)):
            number.text = "".join(f"[[number]]{each}" for each in order) + rest
            worker = number.serve()
            answer, others = worker.send(sender(1), "Salut", "SM1"), write_to_the_other(worker, 2, 3)
            status = worker.status()
            seen.append((answer, others, status["replies"], status["spent"]["received"]))
            worker.stop()

    assert seen[0] == seen[1]
    assert (200, 1, 2, "0.011") == (seen[0][0][0], *seen[0][1:])
    assert "<Message" in seen[0][0][1]
