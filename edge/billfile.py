"""A provider's bill as a file of rows: which columns hold what, and what a row says, in micros and milliseconds.

Nobody's export has a format that its owner keeps, so columns are named in the call. What is known beforehand are the names of the
fields that a provider documents for a message in its API; the sources stand beside them.
"""

import csv
import datetime as dt
import email.utils
import io
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import msgspec

from edge.core.showing.reconciling import Billed
from edge.errors import ConfigError, did_you_mean
from edge.system.access import why_not_read
from edge.units import MICROS, divide_up

FIELDS = ("from", "to", "time", "price", "segments", "direction")
NEEDED = ("from", "to", "time", "price")
BYTES_MAX = 200_000_000
MONEY_DECIMAL = re.compile(r"[-+]?([0-9]{1,9}([.,][0-9]{0,12})?|[.,][0-9]{1,12})")

_SAYS_DELIMITER = re.compile(r"sep=([,;\t|])")
"""The line that spreadsheets write before the first one."""
_UTC = re.compile(r"(?<=[0-9]) ?(UTC|GMT)$")
_BETWEEN_DIGITS = re.compile("[\\s().'=\"\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-]")
"""What stands in a number beside its digits, seen or not."""


class Columns(msgspec.Struct, frozen=True):
    """Which columns hold what, and in which part of the currency prices are."""

    names: Mapping[str, str]
    price_unit: Decimal = Decimal(1)


_REST = Columns(
    {
        "from": "from",
        "to": "to",
        "time": "date_sent",
        "price": "price",
        "segments": "num_segments",
        "direction": "direction",
    }
)
PRESETS = {
    "twilio": _REST,  # https://www.twilio.com/docs/messaging/api/message-resource
    "signalwire": _REST,  # https://github.com/signalwire/docs: its compatibility API has Twilio's fields
    "plivo": Columns(  # https://github.com/plivo/plivo-python: the fixtures of its tests
        {
            "from": "from_number",
            "to": "to_number",
            "time": "message_time",
            "price": "total_amount",
            "segments": "units",
            "direction": "message_direction",
        }
    ),
    "46elks": Columns(  # https://46elks.se/docs/sms-history: in ten-thousandths of the account's currency
        {"from": "from", "to": "to", "time": "created", "price": "cost", "direction": "direction"}, Decimal("0.0001")
    ),
}


def columns_of(text: str | None, provider: str) -> Columns:
    """Return the columns that a call names, over those that the provider documents. Raises ConfigError."""
    if provider not in PRESETS:
        raise ConfigError(f"no columns are known of a bill of {provider!r}; {did_you_mean(provider, PRESETS)}")
    preset = PRESETS[provider]
    if text is None:
        return preset
    names = {}
    for part in text.split(","):
        field, _, column = part.partition("=")
        field = field.strip()
        if field not in FIELDS:
            raise ConfigError(f"--columns: found {field!r}; {did_you_mean(field, FIELDS)}")
        if not column.strip():
            raise ConfigError(f"--columns: {field}: no column; write such as {field}={preset.names.get(field, field)}")
        names[field] = column.strip()
    price_unit = Decimal(1) if "price" in names else preset.price_unit
    return Columns({**preset.names, **names}, price_unit)


def read(path: Path, columns: Columns, phone: str) -> Iterator[Billed]:
    """Yield the rows of a bill that are of a number. Raises ConfigError, which says the line."""
    text = _text(path)
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter_of(text), strict=True)
    rows = (row for row in reader if any(map(str.strip, row)))
    try:
        head = [name.strip() for name in next(rows, [])]
        if head and head[0] == "sep=":
            head = [name.strip() for name in next(rows, [])]
        places = _places(path, head, columns)
        for row in rows:
            billed = _Row(path, reader.line_num, row, places, columns.price_unit).read(phone)
            if billed is not None:
                _refuse_more(path, reader.line_num, row[len(head) :])
                yield billed
    except csv.Error as error:
        raise ConfigError(f"{path}: line {reader.line_num}: not CSV: {error}") from None


def _delimiter_of(text: str) -> str:
    """Return what parts the columns, as the first line that is not blank says or shows."""
    first = text[:65_536].lstrip().partition("\n")[0].strip("\r ")
    if said := _SAYS_DELIMITER.fullmatch(first):
        return said[1]
    try:
        return csv.Sniffer().sniff(first + "\n", ",;\t|").delimiter
    except csv.Error:
        return ","


def _refuse_more(path: Path, line: int, cells: list[str]) -> None:
    """Raise ConfigError where a row holds more than there are columns: what stands in which one is a guess."""
    if any(map(str.strip, cells)):
        raise ConfigError(
            f"{path}: line {line}: longer than the first one, as where a comma in an amount parts columns; export it with "
            "semicolons, or in quotes"
        )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {why_not_read(error)}") from None
    if len(raw) > BYTES_MAX:
        raise ConfigError(f"{path}: larger than {BYTES_MAX // 1_000_000} MB; give it in parts, a month each")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start}: not UTF-8; export it as CSV in UTF-8") from None


def _places(path: Path, head: list[str], columns: Columns) -> dict[str, int]:
    """Return in which place each field stands; those that a bill may lack are left out."""
    if not any(head):
        raise ConfigError(f"{path}: empty; the first line has to name the columns")
    places = {field: head.index(name) for field, name in columns.names.items() if name in head}
    twice = [name for name in columns.names.values() if head.count(name) > 1]
    if twice:
        raise ConfigError(f"{path}: two columns are named {twice[0]!r}; leave one out, or give it another name")
    missing = [field for field in NEEDED if field not in places]
    if missing:
        field = missing[0]
        raise ConfigError(
            f"{path}: no column {columns.names[field]!r} for {field}; it has {', '.join(filter(None, head))[:300]}; write "
            f"--columns {field}=NAME"
        )
    return places


class _Row:
    """One row, with what it takes to say where it is wrong."""

    def __init__(self, path: Path, line: int, row: list[str], places: Mapping[str, int], unit: Decimal) -> None:
        self._path = path
        self._line = line
        self._row = row
        self._places = places
        self._unit = unit

    def read(self, phone: str) -> Billed | None:
        """Return what it says of the number, or None where it is another number's."""
        sender, to, direction = _number(self._cell("from")), _number(self._cell("to")), self._cell("direction").lower()
        is_reply = direction.startswith("out") if direction else sender == phone
        if (sender if is_reply else to) != phone:
            return None
        return Billed(
            self._line, self._time_ms(), to if is_reply else sender, is_reply, self._segments(), self._micros()
        )

    def _cell(self, field: str) -> str:
        place = self._places.get(field)
        if place is None:
            return ""
        if place >= len(self._row):
            raise self._wrong(field, "missing; the line is shorter than the first one")
        return self._row[place].strip()

    def _time_ms(self) -> int:
        text = self._cell("time")
        at_ms = instant_said(text)
        if at_ms is None:
            raise self._wrong("time", f"found {text[:40]!r}; write such as 2026-11-28T21:00:00Z")
        return at_ms

    def _segments(self) -> int:
        text = self._cell("segments")
        segments = segments_said(text)
        if segments is None:
            raise self._wrong("segments", f"found {text[:40]!r}; write a whole number")
        return segments

    def _micros(self) -> int | None:
        text = self._cell("price").strip()
        if not text or text.lower() in {"null", "none"}:
            return None
        micros = micros_said(text, self._unit)
        if micros is None:
            raise self._wrong("price", f"found {text[:40]!r}; write an amount such as 0.0763")
        return micros

    def _wrong(self, field: str, why: str) -> ConfigError:
        return ConfigError(f"{self._path}: line {self._line}: {field}: {why}")


def segments_said(text: str) -> int | None:
    """Return how many segments a bill says, 0 where it says none; None for what is no number."""
    if not text:
        return 0
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


def micros_said(text: str, unit: Decimal = Decimal(1)) -> int | None:
    """Return an amount: providers write what they take with a minus; None for what is none."""
    if not MONEY_DECIMAL.fullmatch(text):
        return None
    numerator, denominator = (abs(Decimal(text.replace(",", "."))) * unit * MICROS).as_integer_ratio()
    return divide_up(numerator, denominator)


def instant_said(text: str) -> int | None:
    """Return an instant in milliseconds; in UTC where no zone is said. None for what is none."""
    try:
        when = _instant(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=dt.UTC)
        return int(when.astimezone(dt.UTC).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):  # the last one of what is before or after all calendars there
        return None


def _instant(text: str) -> dt.datetime:
    """Return an instant as ISO 8601 has it, or mail. Raises ValueError or TypeError."""
    try:
        return dt.datetime.fromisoformat(_UTC.sub("+00:00", text))
    except ValueError:
        return email.utils.parsedate_to_datetime(text)


def _number(text: str) -> str:
    """Return a number as we write it: bills leave out the plus, some put spaces in, and spreadsheets what keeps it a text."""
    plain = _BETWEEN_DIGITS.sub("", text)
    return f"+{plain}" if plain[:1].isdigit() else plain
