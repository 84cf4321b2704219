"""The shape of the static file: what an operator writes, with the reason for each default.

1. Frozen, and unknown keys are refused: a misspelt limit must not be a limit that silently is not there.
2. Money and durations are strings in the file and integers here; nothing else is converted.
3. No secret stands in the file, only where it is.

What each value *means* at run time is worked out in :mod:`edge.terms`; reading and explaining mistakes is
:mod:`edge.configfile`.
"""

import datetime as dt
import ipaddress
import re
from typing import Annotated
from urllib.parse import unquote, urlsplit

import msgspec

from edge.units import DAY_MS, HOUR_MS, MICROS, MINUTE_MS, Micros, Millis, divide_up, format_money

_PHONE = re.compile(r"\+\d{7,15}", re.ASCII)
_PREFIX = re.compile(r"\+\d{1,15}", re.ASCII)
_BIND = re.compile(r"unix:[^\0]+|(?!unix:)([\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})", re.ASCII)
_PORT_MAX = 65_535
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_LEDGER_NAME = re.compile(r"[\w+.-]{1,64}", re.ASCII)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
"""The name of a variable: in capitals, so that a secret that was written in its place is not taken for one, nor shown."""

TEXT_LENGTH_MAX = 1_600
"""https://www.twilio.com/docs/api/errors/14103; a segment is a tenth of it."""

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Names = str | list[str]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of the file: frozen, keys with hyphens, unknown keys refused."""


def _require(holds: object, complaint: str) -> None:
    if not holds:
        raise ValueError(complaint)


def _require_prefixes(prefixes: list[str], where: str) -> None:
    _require(bool(prefixes), f'{where}: empty; write at least one prefix such as "+33"')
    for prefix in prefixes:
        _require_prefix(prefix, where)


def _require_prefix(prefix: str, where: str) -> None:
    _require(_PREFIX.fullmatch(prefix) is not None, f'{where}: found {prefix!r}; write "+" and digits, such as "+33"')


def _is_address(url: str) -> bool:
    try:
        return (
            re.fullmatch(r"https?://[^\s/?#]+(/[^\s#]*)?(#\S*)?", url) is not None
            and urlsplit(url).hostname is not None
            and urlsplit(url).port != 0
        )
    except ValueError:  # of brackets that hold no address, and of ports that are none
        return False


def _is_bare_address(url: str) -> bool:
    return _is_address(url) and re.fullmatch(r"https?://[^/?#@]+/?", url) is not None


def _require_variables(names: Names, where: str) -> None:
    for name in [names] if isinstance(names, str) else names:
        _require(
            _VARIABLE.fullmatch(name),
            f"{where}: not the name of a variable; write one in capitals, such as "
            '"TWILIO_AUTH_TOKEN", and never the secret itself',
        )


def _require_paths(names: Names | None, where: str) -> None:
    for name in [names or ""] if not isinstance(names, list) else names:
        _require("\0" not in name, f"{where}: holds a null character, which the name of no file has; leave it out")


def _require_api_url(url: str) -> None:
    """Require an address that a secret may be sent to: encrypted, or on this machine."""
    _require(
        _is_address(url) and not re.search(r"[?#@]", url),
        'api-url: not the beginning of an address; write one such as "https://api.twilio.com"',
    )
    _require(
        url.startswith("https:") or _is_this_machine(urlsplit(url).hostname or ""),
        "api-url: without TLS everybody on the way reads the secret; write https://, or name a server on this machine",
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _require_text(text: str) -> None:
    _require(text.strip() != "", "text: empty; write what is to be answered")
    _require(
        len(text) <= TEXT_LENGTH_MAX, f"text: {len(text)} characters; providers take {TEXT_LENGTH_MAX}; shorten it"
    )
    odd = next((c for c in text if c < " " and c != "\n"), None)
    _require(odd is None, f"text: holds the control character {odd!r}, which no telephone shows; leave it out")


PRICE_MAX = 100_000
"""For a segment, in whole units: dearer than in any currency, and small enough for the sums."""


def _require_price(micros: Micros, where: str) -> None:
    _require(
        micros <= PRICE_MAX * MICROS,
        f'{where}: found {format_money(micros)!r}; the largest price that can be counted is "{PRICE_MAX}"',
    )


def _require_prices(reply: dict[str, Micros], received: Micros | None, received_media: Micros | None) -> None:
    for prefix, micros in reply.items():
        _require_prefix(prefix, "reply")
        _require_price(micros, "reply")
        _require(
            micros > 0,
            f'reply: the price of {prefix!r} is zero, and what costs nothing has no limit; write what a segment costs, such as "0.0763"',
        )
    _require_price(received or Micros(0), "received")
    _require_price(received_media or Micros(0), "received-media")


class OwnPrice(Table, frozen=True):
    """What costs another amount at one number than `[price]` says; the currency is the same."""

    received: Micros | None = None
    received_media: Micros | None = None
    reply: dict[str, Micros] = {}

    def __post_init__(self) -> None:
        _require_prices(self.reply, self.received, self.received_media)


class Number(Table, frozen=True):
    """A number that is given away, and who carries it."""

    phone: str
    provider: str
    url: str
    """Exactly as entered at the provider, scheme and query included: signatures cover it."""
    secret_env: Names = []
    secret_file: Names = []
    api_account_env: str | None = None
    """With the next two what it takes to ask the provider for something. All three or none: most numbers need none."""
    api_key_env: str | None = None
    """Of a key that may do no more than it has to; never the account's own password."""
    api_secret_env: str | None = None
    api_url: str | None = None
    """Default: the provider's own. Another one is for its other regions, and for a stand-in on this machine."""
    price: OwnPrice = OwnPrice()

    def __post_init__(self) -> None:
        _require(_PHONE.fullmatch(self.phone) is not None, f'phone: found {self.phone!r}; write it as "+33937000000"')
        _require(
            _is_address(self.url),
            'url: not a whole address; write it as entered at the provider, such as "https://sms.example.org/sms"',
        )
        _require_variables(self.secret_env, "secret-env")
        _require_paths(self.secret_file, "secret-file")
        _require(
            not (self.secret_env and self.secret_file),
            "secret-env and secret-file: both given; keep the one that holds the secret",
        )
        api = {
            "api-account-env": self.api_account_env,
            "api-key-env": self.api_key_env,
            "api-secret-env": self.api_secret_env,
        }
        for key, name in api.items():
            _require_variables([] if name is None else name, key)
        missing = [key for key, name in api.items() if name is None]
        _require(
            len(missing) in {0, len(api)},
            f"{' and '.join(missing)}: missing; write {', '.join(api)}, or none of the three",
        )
        if self.api_url is not None:
            _require(not missing, f"api-url: nobody is called without {', '.join(api)}; write those too")
            _require_api_url(self.api_url)


class ReplyIn(Table, frozen=True):
    """Another text for senders whose number starts with one of the prefixes; the longest prefix wins."""

    prefixes: list[str]
    text: str

    def __post_init__(self) -> None:
        _require_prefixes(self.prefixes, "prefixes")
        _require_text(self.text)


class Reply(Table, frozen=True):
    """The text that is answered. One segment by default: a second one doubles the bill, and few texts need it."""

    text: str
    segments_max: Count = 1
    after: Millis = Millis(0)
    in_: list[ReplyIn] = msgspec.field(default_factory=list, name="in")

    def __post_init__(self) -> None:
        _require_text(self.text)
        _require(
            self.after == 0,
            'after: delayed replies are not available in this version; write "0s" or leave the key out',
        )


PERIOD_DAYS_MAX = 3_650
"""Ten years: with it every product of a limit is exact in every ledger."""


class Price(Table, frozen=True):
    """The provider's prices for a segment; a prefix without a price is never answered."""

    currency: str
    received: Micros
    """For each segment of a message that comes in, answered or not."""
    reply: dict[str, Micros]
    received_media: Micros | None = None
    """For a message with pictures, instead of its segments. Default: as much as one segment."""

    def __post_init__(self) -> None:
        _require(
            re.fullmatch(r"[A-Z]{3}", self.currency) is not None,
            f'currency: found {self.currency!r}; write its three-letter code, such as "EUR"',
        )
        _require(bool(self.reply), 'reply: empty; write at least one prefix such as "+33"')
        _require_prices(self.reply, self.received, self.received_media)


class Budget(Table, frozen=True):
    """All the money there is, and how fast it may go.

    The pace is a bucket of money, not a calendar day: a raid drains a day's allowance in an hour, and everyone who
    writes for the rest of the day goes unanswered.
    """

    kitty: Micros
    per_day: Micros | None = None
    lasts_until: dt.date | None = None
    burst: Micros | None = None
    """The most that can be spent at once. Default: a quarter of a day, so that a raid leaves three quarters; never less than a reply."""

    def __post_init__(self) -> None:
        _require(
            (self.per_day is None) != (self.lasts_until is None),
            'write exactly one of per-day (such as per-day = "35") and lasts-until (such as lasts-until = 2027-10-30)',
        )
        _require(
            self.per_day is None or self.per_day > 0,
            'per-day: zero, and the number would never answer; write an amount, such as "35"',
        )
        _require(
            self.burst is None or self.burst > 0,
            'burst: zero, and the number would never answer; write an amount, such as "8"',
        )


DETACH = ("no", "say", "yes")


class Receiving(Table, frozen=True):
    """What silence may cost, and whether the provider is asked to stop delivering where it costs more. Only where the file says so."""

    detach: str = "no"
    per_answer: Micros | None = None
    """Default: as much as thirteen of the dearest replies; high, because whoever floods can pull a lever that is low."""
    people_per_day: Count = 100
    """The number's own quiet hours can only raise it: too few cost people, too many cost money."""
    per_day: Micros | None = None
    """Default: thirteen messages for each person expected; people write one to three."""
    burst: Micros | None = None
    """Default: ten days of it, so that the last resort is the last."""
    time_off: Millis = Millis(30 * MINUTE_MS)
    """Shorter ones take calls by the hundred, longer ones lose those who write after a flood."""

    def __post_init__(self) -> None:
        _require(self.detach in DETACH, f'detach: found {self.detach!r}; write "no", "say" or "yes"')
        for key, micros in (("per-answer", self.per_answer), ("per-day", self.per_day), ("burst", self.burst)):
            _require(
                micros is None or micros > 0,
                f'{key}: zero, and the number would be detached for good; write an amount, such as "{_RECEIVING[key]}"',
            )
        _require(
            0 < self.time_off <= 6 * HOUR_MS,
            f'time-off: found {divide_up(self.time_off, MINUTE_MS)} minutes; write more than none and at most "6h", such as "30m"',
        )


_RECEIVING = {"per-answer": "1", "per-day": "10", "burst": "100"}


THOUSANDTHS = 1_000
SHARE = 0.25
"""The part of the pace that is kept where the file names none: the smallest that still answers most people who come back."""
KNOCK_AFTER_MAX_MS = 12 * HOUR_MS
"""Who wrote is remembered for a day."""


class Knock(Table, frozen=True):
    """A part of the pace that is kept for people who write a second time: most robots do not, or at once."""

    share: float | None = None
    """Default: a quarter, or nothing where that, or what it leaves, would not hold the dearest reply; what is written is refused there."""
    after: Millis = Millis(5 * MINUTE_MS)
    """Longer than a troll waits who types on, and than a provider takes to deliver a message again."""
    most: Annotated[int, msgspec.Meta(ge=2, le=1_000)] = 3
    """Nobody who asks for help writes more often within a day."""

    def __post_init__(self) -> None:
        _require(
            self.share is None or (0 <= self.share < 1 and _is_whole(self.share * THOUSANDTHS)),
            f"share: found {self.share!r}; write a part of the pace from 0 to 0.999 in thousandths, such as 0.25",
        )
        _require(
            0 < self.after <= KNOCK_AFTER_MAX_MS,
            'after: not between a millisecond and 12 hours; write a duration, such as "5m"',
        )


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6  # noqa: PLR2004  no fraction is exact


def _require_period(period: Millis) -> None:
    _require(
        period <= PERIOD_DAYS_MAX * DAY_MS,
        f'period: found {divide_up(period, DAY_MS)} days; the longest that can be counted is "{PERIOD_DAYS_MAX}d"',
    )
    _require(period > 0, 'period: zero, and a limit without a period limits nothing; write a duration, such as "24h"')


class Limit(Table, frozen=True):
    """At most `burst` at once, then `count` every `period`."""

    burst: Count = 1
    count: Count = 1
    period: Millis = Millis(DAY_MS)

    def __post_init__(self) -> None:
        _require_period(self.period)


class BlockLimit(Table, frozen=True):
    """Numbers alike but for their last `digits`, sold together. Who writes none of the other three leaves them to the numbering plans."""

    digits: Annotated[int, msgspec.Meta(ge=1, le=6)] = 4
    burst: Count | None = None
    count: Count | None = None
    period: Millis | None = None

    def __post_init__(self) -> None:
        if self.period is not None:
            _require_period(self.period)


class Limits(Table, frozen=True):
    """Per sender once a day: who did not understand the first reply will not understand the second."""

    sender: Limit = Limit()
    block: BlockLimit = BlockLimit()


class Ledger(Table, frozen=True):
    """The place where the money is counted. A relative path is relative to the static file."""

    url: str = "sqlite:antirelou.db"
    name: str | None = None
    """Only for a server, where several ledgers may lie side by side: that of the first number, unless told otherwise."""
    key_env: str | None = None
    """The variable with the key that hashes senders; only for a server, which must not know it. The same key on all machines."""
    password_env: str | None = None

    def __post_init__(self) -> None:
        _require(
            self.name is None or _LEDGER_NAME.fullmatch(self.name),
            f'name: found {self.name!r}; write up to 64 letters, digits and the signs + . _ -, such as "+33937000000"',
        )
        _require_paths(self.url, "url")
        _require_variables(self.key_env or [], "key-env")
        _require_variables(self.password_env or [], "password-env")


class Server(Table, frozen=True):
    """The worker's side of the network. A CDN or a proxy stands in front, so it is on loopback by default. Relative paths as in `ledger.url`."""

    bind: str = "127.0.0.1:8000"
    """An address and a port, or `unix:` and the path of a socket."""
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    body_bytes_max: Annotated[int, msgspec.Meta(ge=1024, le=1_048_576)] = 32_768
    """A message of 1,600 emoji with ten pictures is 23 kB of form; the rest is for fields that are yet to come."""
    origin_secret_env: Names = []
    status_key_env: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_client_ca: str | None = None
    """An authority: whoever has no certificate of it is refused before a request is read. For a CDN that brings one."""
    counter: bool = False
    """A public page of how many wrote and how many were answered. Off by default: it shows trolls what they do."""
    counter_money: bool = False
    state: str | None = None
    """The folder of what survives a worker that is killed. Default: that of the SQLite ledger, else `/var/lib/antirelou`."""
    trace: str | None = None
    """A folder. Off by default: a trace tells when who wrote, if not who it was."""
    trace_mb_max: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 64
    """The size of all traces in the folder together: some 400,000 messages."""

    def __post_init__(self) -> None:
        _require_variables(self.origin_secret_env, "origin-secret-env")
        _require_variables(self.status_key_env or [], "status-key-env")
        for key in ("tls_cert", "tls_key", "tls_client_ca", "state", "trace"):
            _require_paths(getattr(self, key), key.replace("_", "-"))
        bind = _BIND.fullmatch(self.bind)
        _require(
            bind is not None and int(bind["port"] or 0) <= _PORT_MAX,
            f'bind: found {self.bind!r}; write an address and a port, such as "127.0.0.1:8000", or a socket, such as '
            '"unix:/run/antirelou/antirelou.sock"',
        )
        _require(
            (self.tls_cert is None) == (self.tls_key is None),
            "tls-cert and tls-key: only one is given; write both, or neither",
        )
        _require(
            self.tls_client_ca is None or self.tls_cert is not None,
            "tls-client-ca: without tls-cert and tls-key nobody is asked for a certificate; write those too",
        )
        _require(
            self.counter or not self.counter_money,
            "counter-money: without counter = true nothing is shown; write that too",
        )
        _require(self.state != "", 'state: empty; write a folder, such as "/var/lib/antirelou", or leave the key out')
        _require(self.trace != "", 'trace: empty; write a folder, such as "traces", or leave the key out')


LANGUAGES = ("en", "fr")


class Alert(Table, frozen=True):
    """Where to say what must be known at once. Nothing is sent unless it says where."""

    to_env: Names = []
    """Variables with the addresses of the channels, white space between them: they hold secrets."""
    language: str = "en"
    """That of these pages, unless told otherwise."""
    digest: str = "08:00"
    """Before people leave the house; or `never`."""
    time_zone: str = "UTC"
    """That of the digest. The machine's own is UTC nearly everywhere."""
    quiet: Millis = Millis(0)
    """Zero is never: a number may well be quiet for days."""
    heartbeat_env: str | None = None
    public_url: str | None = None
    """Where a telephone reaches the buttons in an alert. Default: the host of `number.url`, which is reached from everywhere."""

    def __post_init__(self) -> None:
        _require_variables(self.to_env, "to-env")
        _require_variables(self.heartbeat_env or [], "heartbeat-env")
        _require(
            self.digest == "never" or _TIME.fullmatch(self.digest),
            f'digest: found {self.digest!r}; write a time of the day, such as "08:00", or "never"',
        )
        _require(
            self.language in LANGUAGES,
            f'language: found {self.language!r}; alerts are written in "en" or "fr"',
        )
        _require(
            self.public_url is None or _is_bare_address(self.public_url),
            'public-url: not a scheme and a host; write one such as "https://sms.example.org"',
        )


class Config(Table, frozen=True, kw_only=True):
    """The whole file."""

    paused: bool = False
    given: Number | list[Number] = msgspec.field(name="number")
    """`[number]`, or `[[number]]` for each of several: one kitty, and a sender is one sender on all of them."""
    reply: Reply
    price: Price
    budget: Budget
    receiving: Receiving = Receiving()
    knock: Knock = Knock()
    limit: Limits = Limits()
    ledger: Ledger = Ledger()
    server: Server = Server()
    alert: Alert = Alert()

    def __post_init__(self) -> None:
        _require(self.numbers, "number: empty; write at least one [[number]]")
        phones: dict[str, int] = {}
        paths: dict[str, int] = {}
        for index, number in enumerate(self.numbers):
            first = phones.setdefault(number.phone, index)
            _require(first == index, f"number[{index}].phone: that of number[{first}]; write each number once")
            first = paths.setdefault(path_of(number.url), index)
            _require(
                first == index, f"number[{index}].url: its path is that of number[{first}]; write another path for each"
            )

    @property
    def numbers(self) -> list[Number]:
        """All numbers, in the order of the file."""
        return self.given if isinstance(self.given, list) else [self.given]

    @property
    def number(self) -> Number:
        """The first number: the one that the ledger was begun with."""
        return self.numbers[0]

    def price_at(self, index: int) -> Price:
        """Return the prices at the number with an index: those of all, but for its own."""
        own, common = self.numbers[index].price, self.price
        return Price(
            common.currency,
            common.received if own.received is None else own.received,
            {**common.reply, **own.reply},
            common.received_media if own.received_media is None else own.received_media,
        )

    def where(self, index: int) -> str:
        """Return the key of the number with an index, as it stands in the file."""
        return f"number[{index}]" if isinstance(self.given, list) else "number"


def path_of(url: str) -> str:
    """Return the path of an address, as a request for it has it."""
    return unquote(urlsplit(url).path) or "/"
