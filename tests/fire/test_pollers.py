"""Facts about a thousand browsers that watch the status page, and a scraper, beside a flood: nobody who writes is kept waiting for them."""

import contextlib
import itertools
import threading
import time

from tests.fire.siege import open_to, read, siege, signed
from tests.worker import config, free_port, serving

KEY = "a-key-of-the-tests"
POLLERS = 1_000
FLOOD_S = 20.0
"""It lasts until each of them has asked, and no longer than that."""
TROLL = 900_500


def request_for(path):
    """Return the bytes of a request for a page, with the key."""
    return f"GET {path} HTTP/1.1\r\nHost: sms.example.org\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode()


@contextlib.contextmanager
def beside(*works):
    """Do things again and again beside a block, each in a thread; yield how often each was done."""
    over, done = threading.Event(), [0] * len(works)

    def repeat(index, work):
        while not over.is_set():
            done[index] += work()

    threads = [threading.Thread(target=repeat, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_thousand_pollers_cost_no_genuine_message(tmp_path, shows):
    """A thousand connections ask for the page's JSON every five seconds, a scraper every second, one troll without pause; each new sender gets the reply."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2) + 'status-key-env = "STATUS_KEY"\n'
    with serving(tmp_path, text, environ={"STATUS_KEY": KEY}) as worker, contextlib.ExitStack() as stack:
        pollers = [stack.enter_context(open_to(worker, source=f"127.0.0.{2 + n % 20}")) for n in range(POLLERS)]
        scraper, troll = (stack.enter_context(open_to(worker)) for _ in range(2))
        turns = itertools.cycle(pollers)
        statuses, numbers = set(), itertools.count(TROLL)

        def poll():
            """Have the next one ask: two hundred do in a second."""
            began = time.monotonic()
            poller = next(turns)
            poller.sendall(request_for("/status/live.json"))
            statuses.update(status for status, _ in read(poller, 1))
            time.sleep(max(0.0, 5 / POLLERS - (time.monotonic() - began)))
            return 1

        def scrape():
            scraper.sendall(request_for("/metrics"))
            statuses.update(status for status, _ in read(scraper, 1))
            time.sleep(1)
            return 1

        def flood():
            troll.sendall(signed(next(numbers), sender_number=TROLL))
            return len(read(troll, 1))

        with siege(worker) as genuine, beside(poll, scrape, flood) as done:
            deadline = time.monotonic() + FLOOD_S
            while done[0] < POLLERS and time.monotonic() < deadline:
                genuine.write_once()
            genuine.replied.add(f"SM{TROLL:032x}")  # the first one of a troll is answered as everybody's
    polls, scrapes, messages = done
    shows(
        "P6",
        requests=len(genuine.answers) + messages,
        figure=f"{polls} polls and {scrapes} scrapes beside {messages} messages",
    )

    assert {200} == statuses
    assert polls >= POLLERS
    assert scrapes > 1
