"""Workers over real HTTP that break one promise each, and one that keeps them all.

They know the rules only as far as the floods of these tests need them: a signature, one reply per sender, one charge per
message id, and a kitty. A cent is a reply.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import struct
import threading
import time
from collections import Counter
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.loadtest.stubs import Stub

SECRET = "a-secret-of-the-tests"
URL = "https://sms.example.org/sms"
REPLY = "Bonjour. Non, c'est non."
PRICE_MICROS = 10_000
UNPAID = {"bad_signature", "not_a_message"}

CONFIG = """
[number]
phone = "+33937000000"
provider = "twilio"
url = "{url}"
secret-env = "FLOOD_TEST_SECRET"

[reply]
text = "{reply}"

[price]
currency = "EUR"
received = "0"
reply = {{ "+33" = "0.01" }}

[budget]
kitty = "{kitty}"
per-day = "100000"
burst = "100000"

[limit]
block = {{ digits = 4, burst = 1000, count = 1000, period = "1h" }}

[server]
bind = "127.0.0.1:{port}"
"""


class Honest(Stub):
    """Keeps its promises."""

    kitty_micros = 5_000_000
    url = URL

    def __init__(self):
        super().__init__(self.serve)
        self.lock = threading.Lock()
        self.reasons = Counter()
        self.spent_micros = 0
        self.senders = set()
        self.paid = set()

    @property
    def config(self):
        """Its static file."""
        kitty = f"{self.kitty_micros / 1_000_000:.2f}"
        return CONFIG.format(url=URL, reply=REPLY, kitty=kitty, port=self.target.address[1])

    def serve(self, connection: socket.socket, request: bytes) -> bool:
        """Answer one request."""
        head, _, body = request.partition(b"\r\n\r\n")
        if head.startswith(b"GET /status.json "):
            answer = self.respond(200, json.dumps(self.status()))
        else:
            with self.lock:
                answer = self.take(head.decode(), body.decode())
        connection.sendall(answer)
        return True

    def respond(self, status, body):
        """Return a response's bytes."""
        return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}".encode()

    def take(self, head, body):
        """Decide on one message."""
        fields = dict(parse_qsl(body, keep_blank_values=True))
        if not self.verifies(head, fields):
            self.reasons["bad_signature"] += 1
            return self.respond(403, "")
        if "Body" not in fields:
            return self.hear_report()
        sender, message_id = fields["From"], fields["MessageSid"]
        if message_id in self.paid:
            self.meet_again(message_id)
            return self.reply()
        if not self.may_answer(sender):
            self.reasons["sender_limit"] += 1
        elif not self.can_pay():
            self.reasons["kitty_spent"] += 1
        else:
            self.reasons["answered"] += 1
            self.spent_micros += PRICE_MICROS
            self.senders.add(sender)
            self.paid.add(message_id)
            return self.reply()
        return self.respond(200, "<Response></Response>")

    def hear_report(self):
        """Take the report of a delivery, which is no message."""
        self.reasons["not_a_message"] += 1
        return self.respond(200, "<Response></Response>")

    def verifies(self, head, fields):
        """Say whether the provider has signed it."""
        signed = self.url + "".join(name + value for name, value in sorted(fields.items()))
        expected = base64.b64encode(hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha1)).decode()
        return f"X-Twilio-Signature: {expected}\r\n" in head + "\r\n"

    def may_answer(self, sender):
        """Say whether a sender has not had its reply."""
        return sender not in self.senders

    def can_pay(self):
        """Say whether the kitty holds one more reply."""
        return self.spent_micros + PRICE_MICROS <= self.kitty_micros

    def meet_again(self, _message_id):
        """Count a message that has been answered before."""
        self.reasons["duplicate"] += 1

    def reply(self):
        """Return the reply."""
        return self.respond(200, f"<Response><Message>{escape(self.text())}</Message></Response>")

    def text(self):
        """Return what it says."""
        return REPLY

    def status(self):
        """Return its books."""
        messages = sum(n for reason, n in self.reasons.items() if reason not in UNPAID)
        return {
            "messages": messages,
            "replies": self.reasons["answered"],
            "by_reason": dict(self.reasons),
            "currency": "EUR",
            "spent": {"replies": f"{self.booked_micros() / 1_000_000:.6f}", "received": "0.00"},
            "kitty_left": f"{max(0, self.kitty_micros - self.booked_micros()) / 1_000_000:.6f}",
            "pace_left": "0.00",
        }

    def booked_micros(self):
        """Return what it says that its replies cost."""
        return self.spent_micros


class AnswersEverything(Honest):
    """Whoever wrote before is answered again."""

    def may_answer(self, sender):
        """Say yes."""
        return True


class OverspendsByACent(Honest):
    """One more reply than the kitty holds."""

    kitty_micros = 100_000

    def can_pay(self):
        """Say yes once too often."""
        return self.spent_micros <= self.kitty_micros


class ChargesARetryTwice(Honest):
    """The same message, delivered again, is paid again."""

    def meet_again(self, message_id):
        """Pay again."""
        self.reasons["answered"] += 1
        self.spent_micros += PRICE_MICROS


class AnswersAForgedMessage(Honest):
    """Who signs with another secret is answered as well."""

    def verifies(self, head, fields):
        """Look for a signature, but not at it."""
        return "X-Twilio-Signature: " in head


class RepliesInTwoSegments(Honest):
    """Twice the price of the reply that was configured."""

    def text(self):
        """Return it padded with what nobody sees."""
        return REPLY + " " * 160


class Stalls(Honest):
    """Two seconds without an answer to anybody."""

    stalled = False

    def may_answer(self, sender):
        """Say so at last, once it has something to stall."""
        if not self.stalled and self.reasons.total() >= 20:
            self.stalled = True
            time.sleep(2)
        return super().may_answer(sender)


class Resets(Honest):
    """Answers some, then breaks every connection at once."""

    def serve(self, connection, request):
        """Break it, so that the other side learns of it in no time."""
        if b"&Body=" in request and self.reasons.total() >= 20:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        return super().serve(connection, request)


class FallsSilent(Honest):
    """Answers some, then nobody, and keeps the connections."""

    def serve(self, connection, request):
        """Read it."""
        return True if b"&Body=" in request and self.reasons.total() >= 20 else super().serve(connection, request)


class AnswersLate(Honest):
    """Every message waits for its answer."""

    def serve(self, connection, request):
        """Answer after a while: the other side has not gone by then."""
        if b"&Body=" in request:
            connection.settimeout(1.5)
            with contextlib.suppress(TimeoutError):
                connection.recv(1, socket.MSG_PEEK)
            connection.settimeout(None)
        return super().serve(connection, request)


class AnswersTheWrongSender(Honest):
    """A reply that one man is due goes to another, who had his."""

    owed = 0

    def take(self, head, body):
        """Keep a reply back where one is due, and give it to whoever is due none."""
        answer = super().take(head, body)
        if b"<Message>" in answer and len(self.paid) > 3:
            self.owed += 1
            return self.respond(200, "<Response></Response>")
        if b"<Message>" not in answer and b" 200 " in answer and b"Body=" in body.encode() and self.owed:
            self.owed -= 1
            return self.reply()
        return answer


class AnswersTwiceOnAnotherMachine(Honest):
    """Two machines take turns, and neither knows whom the other has answered."""

    def __init__(self):
        super().__init__()
        self.others = set(), set()

    def take(self, head, body):
        """Decide on one machine, the next time on the other."""
        answer = super().take(head, body)
        (self.senders, self.paid), self.others = self.others, (self.senders, self.paid)
        return answer


class FrozenStatus(Honest):
    """Nothing has happened, it says, since the flood began."""

    def status(self):
        """Return its books as they were before the first message."""
        if not self.paid:
            self.began = super().status()
        return self.began


class ClaimsAFullKitty(Honest):
    """Nothing was spent of it, it says."""

    def status(self):
        """Return its books, but for the rest."""
        return super().status() | {"kitty_left": f"{self.kitty_micros / 1_000_000:.6f}"}


class ForgetsAMessage(Honest):
    """It has met one message less, it says."""

    def status(self):
        """Return its books, but for their number."""
        books = super().status()
        return books | {"messages": max(0, books["messages"] - 1)}


class TwoNumbers(Honest):
    """Keeps its promises at two numbers, each of which has half of the pace: ten replies."""

    share_micros = 100_000
    other = "/other"
    second = f"""
[[number]]
phone = "+33937000001"
provider = "twilio"
url = "https://sms.example.org{other}"
secret-env = "FLOOD_TEST_SECRET"

[reply]"""

    def __init__(self):
        super().__init__()
        self.shares = [0, 0]
        self.replies = [0, 0]
        self.number = 0

    @property
    def config(self):
        """Its static file."""
        one = super().config.replace("[number]", "[[number]]").replace("[reply]", self.second)
        money = one.replace('per-day = "100000"', 'per-day = "0.01"').replace('burst = "100000"', 'burst = "0.2"')
        return money + "\n[knock]\nshare = 0\n"

    def take(self, head, body):
        """Decide on one message to the number whose path it is."""
        self.number = int(head.startswith(f"POST {self.other} "))
        return super().take(head, body)

    @property
    def url(self):
        """The address of the number that is written to."""
        return URL.removesuffix("/sms") + self.other if self.number else URL

    def can_pay(self):
        """Say whether the share of the number holds one more reply, and take it."""
        payer = self.payer()
        if self.shares[payer] + PRICE_MICROS > self.share_micros:
            return False
        self.shares[payer] += PRICE_MICROS
        self.replies[self.number] += 1
        return super().can_pay()

    def payer(self):
        """Return the number whose share pays."""
        return self.number

    def status(self):
        """Return its books."""
        return super().status() | {
            "numbers": [{"number": f"number[{at}]", "replies": n} for at, n in enumerate(self.replies)]
        }


class PaysFromTheOtherShare(TwoNumbers):
    """A flood on one number is paid out of the other's share, once its own is empty."""

    def payer(self):
        """Return whichever has more left."""
        return self.shares.index(min(self.shares))


class ClaimsASmallerBill(Honest):
    """One reply is missing in its books."""

    def booked_micros(self):
        """Return a cent less."""
        return max(0, self.spent_micros - PRICE_MICROS)
