"""What a row of a provider's bill says: whose it is, when it was, and what it cost in micros."""

import pytest

from edge import billfile
from edge.billfile import columns_of, read
from edge.errors import ConfigError
from tests.worker import PHONE

OTHER = "+33639000001"
HEADS = {
    "twilio": "from,to,date_sent,num_segments,price,direction",
    "signalwire": "from,to,date_sent,num_segments,price,direction",
    "plivo": "from_number,to_number,message_time,units,total_amount,message_direction",
    "46elks": "from,to,created,nothing,cost,direction",
}


def rows(tmp_path, text, provider="twilio", columns=None):
    """Return the rows of a bill."""
    path = tmp_path / "bill.csv"
    path.write_text(text)
    return list(read(path, columns_of(columns, provider), PHONE))


def row(tmp_path, time="2026-11-28T21:00:00Z", price="0.0075", provider="twilio", segments="2"):
    """Return what one row says."""
    [found] = rows(tmp_path, f"{HEADS[provider]}\n{OTHER},{PHONE},{time},{segments},{price},incoming\n", provider)
    return found


@pytest.mark.parametrize(
    ("provider", "price", "micros"), [("twilio", "-0.0075", 7_500), ("signalwire", "0.0075", 7_500), ("plivo", "0.00750", 7_500), ("46elks", "3500", 350_000)]
)  # fmt: skip
def test_the_fields_of_each_provider_are_known(tmp_path, provider, price, micros):
    """As it documents them for a message; 46elks has ten-thousandths."""
    found = row(tmp_path, price=price, provider=provider)

    assert (OTHER, False, micros, 0 if provider == "46elks" else 2) == (
        found.person, found.is_reply, found.micros, found.segments,
    )  # fmt: skip


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-28T21:00:00Z",
        "2026-11-28 21:00:00",
        "2026-11-28 21:00:00 UTC",
        "2026-11-28 21:00:00GMT",
        "2026-11-29T02:30:00+05:30",
        '"Sat, 28 Nov 2026 21:00:00 +0000"',
    ],
)
def test_an_instant_may_be_written_as_providers_do(tmp_path, time):
    """With its zone; without one it is UTC."""
    assert 1_795_899_600_000 == row(tmp_path, time).at_ms


@pytest.mark.parametrize(
    ("price", "micros"), [("-0.07630", 76_300), ("+.5", 500_000), ("0,0763", None), ("0.00000001", 1), ("", None), ("null", None), ("7", 7_000_000)]
)  # fmt: skip
def test_a_price_is_rounded_up_to_a_micro(tmp_path, price, micros):
    """Whatever its sign; a comma is one where it does not part the columns."""
    if "," in price:
        [found] = rows(
            tmp_path,
            f"{HEADS['twilio']}\n{OTHER},{PHONE},2026-11-28T21:00:00Z,2,0,0763\n".replace(",", ";").replace(
                "0;0763", "0,0763;in"
            ),
        )
        assert 76_300 == found.micros
    else:
        assert micros == row(tmp_path, price=price).micros


def test_blank_lines_and_other_numbers_are_passed_over(tmp_path):
    """And so is a message that somebody else's number has sent to ours' neighbour."""
    text = f"{HEADS['twilio']}\n\n+33937000001,{OTHER},2026-11-28T21:00:00Z,1,1,outbound-api\n{OTHER},+33937000001,x,1,1,in\n\n"

    assert [] == rows(tmp_path, text)


def test_a_column_that_is_named_has_whole_units(tmp_path):
    """What the provider's API has in parts is not what an export has."""
    text = f"from,to,created,betrag\n{OTHER},{PHONE},2026-11-28T21:00:00Z,0.35\n"

    assert 350_000 == rows(tmp_path, text, "46elks", "price=betrag")[0].micros


def test_a_bill_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    """It would not fit; give it in parts."""
    monkeypatch.setattr(billfile, "BYTES_MAX", 10)

    with pytest.raises(ConfigError, match="larger than 0 MB; give it in parts, a month each"):
        rows(tmp_path, HEADS["twilio"])


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "2026-11-28 21:00 CET", "1795899600"]
)
def test_an_instant_that_is_none_is_refused(tmp_path, time):
    """Before and after all calendars, in a zone that is a word, as a bare count."""
    with pytest.raises(ConfigError, match=r"line 2: time: found .*; write such as 2026-11-28T21:00:00Z"):
        row(tmp_path, time)


@pytest.mark.parametrize("price", ["0,0763", "1.234,56"])
def test_a_row_that_is_longer_than_the_first_one_is_refused(tmp_path, price):
    """A comma in an amount has parted it: neither half is the price, nor what stands after it the segments."""
    with pytest.raises(
        ConfigError, match="line 2: longer than the first one, as where a comma in an amount parts columns"
    ):
        rows(tmp_path, f"{HEADS['twilio']}\n{OTHER},{PHONE},2026-11-28T21:00:00Z,2,{price},inbound\n")


def test_two_columns_of_one_name_are_refused(tmp_path):
    """Nobody knows which one counts."""
    with pytest.raises(ConfigError, match="two columns are named 'from'; leave one out, or give it another name"):
        rows(tmp_path, f"from,{HEADS['twilio']}\n")


@pytest.mark.parametrize(
    "person",
    [
        OTHER[1:],
        f"'{OTHER}",
        f'"=""{OTHER}"""',
        f"\u202a{OTHER}\u202c",
        "+33 6 39\u00a000 00 01",
        "+33 (6) 39.00-00.01",
    ],
)
def test_a_number_is_its_digits_whatever_stands_beside_them(tmp_path, person):
    """What people put between, what keeps a number a text in a spreadsheet, and marks that nobody sees."""
    [found] = rows(tmp_path, f"{HEADS['twilio']}\n{person},{PHONE},2026-11-28T21:00:00Z,2,0.0763,inbound\n")

    assert OTHER == found.person


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_a_spreadsheet_writes_before_and_after_is_passed_over(tmp_path, delimiter):
    """The line that names the delimiter, blank lines, and lines of blank cells."""
    text = f"sep=,\n\n{HEADS['twilio']}\n{OTHER},{PHONE},2026-11-28T21:00:00Z,2,0.0763,inbound\n , ,\n,,,,,\n"

    assert [76_300] == [found.micros for found in rows(tmp_path, text.replace(",", delimiter))]
