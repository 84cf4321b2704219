"""Facts about the shape of the static file: what must be there, what may be left out, and what a value may be."""

import datetime as dt
import typing

import msgspec
import pytest

from edge.config import BlockLimit, Config, Ledger, Limit, Limits, ReplyIn, Server
from edge.configfile import parse
from edge.errors import ConfigError
from edge.units import DAY_MS

SHORTEST = """
[number]
phone = "+33937000000"
provider = "twilio"
url = "https://sms.example.org/sms"
[reply]
text = "Non."
[price]
currency = "EUR"
received = "0.0075"
reply = { "+33" = "0.0763" }
[budget]
kitty = "2000"
per-day = "35"
"""


def with_(*lines, **tables):
    """Return the shortest file with lines before it, and with lines at the end of tables."""
    text = "\n".join([*lines, SHORTEST])
    for table, added in tables.items():
        head = f"[{table}]\n"
        text = text.replace(head, head + added + "\n") if head in text else f"{text}{head}{added}\n"
    return text


def instead(old, new):
    """Return the shortest file with another line in the place of one."""
    assert old in SHORTEST
    return SHORTEST.replace(old, new)


def tables(path="", table=Config):
    """Yield the path and the shape of every table of the file."""
    yield path, table
    for field in msgspec.structs.fields(table):
        inner = next(iter(typing.get_args(field.type)), field.type)
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from tables(f"{path}.{field.encode_name}".lstrip("."), inner)


def keys():
    """Return the path of every key of the file, tables included."""
    return [f"{path}.{key}".lstrip(".") for path, table in tables() for key in table.__struct_encode_fields__]


def test_the_shortest_file_is_a_number_a_text_a_price_and_a_budget():
    """Everything else has a default: nobody is paused, one segment, no secret, the limits, the ledger, one worker."""
    config = parse(SHORTEST)

    assert (False, 1, 0, [], [], []) == (
        config.paused,
        config.reply.segments_max,
        config.reply.after,
        config.reply.in_,
        config.number.secret_env,
        config.number.secret_file,
    )
    assert (Limits(), Ledger("sqlite:antirelou.db"), Server()) == (config.limit, config.ledger, config.server)
    assert (35_000_000, None, None) == (config.budget.per_day, config.budget.lasts_until, config.budget.burst)


def test_the_default_limits_are_once_a_day_and_by_the_numbering_plan():
    """A sender gets one reply a day; how many of ten thousand numbers that differ in four digits are answered, the plan says."""
    assert Limits(Limit(1, 1, DAY_MS), BlockLimit(4, None, None, None)) == parse(SHORTEST).limit


def test_a_worker_listens_on_loopback_and_shows_nothing_by_default():
    """No address of the outside, no TLS, no secret to ask for, no public counter, no trace."""
    server = parse(SHORTEST).server

    assert ("127.0.0.1:8000", 1, 32_768) == (server.bind, server.workers, server.body_bytes_max)
    assert ([], None, None, None, None, False, False, None) == (
        server.origin_secret_env,
        server.status_key_env,
        server.tls_cert,
        server.tls_key,
        server.tls_client_ca,
        server.counter,
        server.counter_money,
        server.trace,
    )


def test_money_and_durations_are_integers_in_the_end():
    """Millionths of the currency unit and milliseconds, exactly."""
    config = parse(with_(limit='sender = { burst = 2, count = 3, period = "1h30m" }', budget='burst = "0.000001"'))

    assert (2_000_000_000, 7_500, {"+33": 76_300}) == (config.budget.kitty, config.price.received, config.price.reply)
    assert (Limit(2, 3, 5_400_000), 1) == (config.limit.sender, config.budget.burst)


def test_every_table_is_frozen_and_refuses_unknown_keys():
    """A misspelt limit is never a limit that silently is not there, and nothing changes after the file is read."""
    configs = [table.__struct_config__ for _, table in tables()]

    assert 15 == len(configs)
    assert all(config.frozen and config.forbid_unknown_fields for config in configs)


def test_keys_are_written_with_hyphens():
    """As in TOML's own examples; no key has an underscore."""
    assert [] == [key for key in keys() if "_" in key]


@pytest.mark.parametrize("day", ["2027-10-30", '"2027-10-30"'])
def test_a_last_day_may_stand_with_or_without_quotes(day):
    """It is a date either way."""
    assert dt.date(2027, 10, 30) == parse(instead('per-day = "35"', f"lasts-until = {day}")).budget.lasts_until


@pytest.mark.parametrize(
    ("bind", "holds"),
    [
        ("127.0.0.1:8000", True),
        ("0.0.0.0:1", True),
        ("[::1]:8000", True),
        ("[::FFFF:7f00:1]:65535", True),
        ("localhost:8000", True),
        ("unix:/run/antirelou/antirelou.sock", True),
        ("unix:antirelou.sock", True),
        ("127.0.0.1", False),
        ("127.0.0.1:", False),
        ("127.0.0.1:65536", False),
        ("::1:8000", False),
        ("unix:", False),
        ("UNIX:/run/antirelou.sock", False),
        ("http://127.0.0.1:8000", False),
        ("127.0.0.1:\u0668\u0660", False),
    ],
)
def test_a_worker_listens_on_an_address_and_a_port_or_on_a_socket(bind, holds):
    """Both forms of IP addresses, names, and paths of sockets; a port is a number up to 65535."""
    if holds:
        assert bind == parse(with_(server=f'bind = "{bind}"')).server.bind
    else:
        with pytest.raises(ConfigError, match=r"server\.bind: found"):
            parse(with_(server=f'bind = "{bind}"'))


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("https://sms.example.org/sms", True),
        ("http://127.0.0.1:8000/sms", True),
        ("https://sms.example.org", True),
        ("https://sms.example.org/sms?key=1&b=%20", True),
        ("https://user:word@sms.example.org:8443/a/b/", True),
        ("sms.example.org/sms", False),
        ("ftp://sms.example.org/sms", False),
        ("https://", False),
        ("https:///sms", False),
        ("https://sms.example.org/sms#rc=2&rp=all", True),
        ("https://sms.example.org/sms#rc=2 ", False),
        ("https://sms.example.org/a b", False),
        ("https://sms.example.org?key=1", False),
        ("https://sms.example.org:65535/sms", True),
        ("https://sms.example.org:65536/sms", False),
        ("https://sms.example.org:0/sms", False),
        ("https://[::1]:99999/sms", False),
    ],
)
def test_the_url_is_the_whole_address(url, holds):
    """Scheme, host and path as entered at the provider, with Twilio's connection overrides, and no space in it."""
    if holds:
        assert url == parse(instead("https://sms.example.org/sms", url)).number.url
    else:
        with pytest.raises(ConfigError, match=r"number\.url: not a whole address"):
            parse(instead("https://sms.example.org/sms", url))


@pytest.mark.parametrize(
    ("phone", "holds"),
    [("+1234567", True), ("+123456789012345", True), ("+123456", False), ("+1234567890123456", False), ("0937", False)],
)
def test_a_phone_is_a_plus_sign_and_seven_to_fifteen_digits(phone, holds):
    """That is how ITU-T E.164 writes telephone numbers."""
    if holds:
        assert phone == parse(instead("+33937000000", phone)).number.phone
    else:
        with pytest.raises(ConfigError, match=r"number\.phone: found"):
            parse(instead("+33937000000", phone))


@pytest.mark.parametrize(
    "secret", ["0123456789abcdef0123456789abcdef", "f00dfeedf00dfeedf00dfeedf00dfeed", "PSK_8h2Jd", ""]
)
def test_a_secret_in_the_place_of_a_variable_is_refused_and_not_shown(secret):
    """Tokens hold small letters, names of variables here do not: the mistake is seen, and stays out of the log."""
    with pytest.raises(ConfigError, match="never the secret itself") as caught:
        parse(with_(number=f'secret-env = "{secret}"'))

    assert not secret or secret not in str(caught.value)


def test_several_secrets_may_be_named_while_they_rotate():
    """A name, or a list of names, wherever a secret is pointed to; the status has one key."""
    config = parse(
        with_(number='secret-file = ["new", "old"]', server='origin-secret-env = ["A", "B"]\nstatus-key-env = "KEY"')
    )

    assert (["new", "old"], ["A", "B"], "KEY") == (
        config.number.secret_file,
        config.server.origin_secret_env,
        config.server.status_key_env,
    )


@pytest.mark.parametrize(("length", "holds"), [(1_600, True), (1_601, False)])
def test_a_text_is_no_longer_than_providers_take(length, holds):
    """Twilio refuses the 1,601st character (error 14103)."""
    if holds:
        assert length == len(parse(instead("Non.", "a" * length)).reply.text)
    else:
        with pytest.raises(ConfigError, match="1601 characters"):
            parse(instead("Non.", "a" * length))


def test_a_text_may_have_several_lines():
    """A line feed is the one control character that travels."""
    assert "Non, merci.\nVraiment." == parse(instead('"Non."', '"Non, merci.\\nVraiment."')).reply.text


def test_other_texts_are_for_other_prefixes():
    """As many as are needed, each with at least one prefix and a text of its own."""
    other = SHORTEST + '[[reply.in]]\nprefixes = ["+44", "+353"]\ntext = "No."\n'

    assert [ReplyIn(["+44", "+353"], "No.")] == parse(other).reply.in_
    for old, new in [('["+44", "+353"]', "[]"), ('"No."', '""'), ("+353", "353")]:
        with pytest.raises(ConfigError, match=r"reply\.in\[0\]\."):
            parse(other.replace(old, new))


def test_tls_needs_its_three_files_in_order():
    """A certificate comes with its key, and asking clients for one of theirs with both."""
    files = 'tls-cert = "a"\ntls-key = "b"\ntls-client-ca = "c"'
    server = parse(with_(server=files)).server

    assert ("a", "b", "c") == (server.tls_cert, server.tls_key, server.tls_client_ca)


def test_the_counter_shows_money_only_with_the_counter():
    """Both are off unless the file says so."""
    server = parse(with_(server="counter = true\ncounter-money = true")).server

    assert (True, True) == (server.counter, server.counter_money)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('language = "de"', 'alert.language: found \'de\'; alerts are written in "en" or "fr"'),
        ('digest = "8:00"', 'alert.digest: found \'8:00\'; write a time of the day, such as "08:00", or "never"'),
        ('digest = "24:00"', 'alert.digest: found \'24:00\'; write a time of the day, such as "08:00", or "never"'),
        ('to-env = "https://secret"', "alert.to-env: not the name of a variable; "),
        ('heartbeat-env = "https://secret"', "alert.heartbeat-env: not the name of a variable; "),
        ('public-url = "sms.example.org"', "alert.public-url: not a scheme and a host; write one such as "),
        ('public-url = "https://sms.example.org/x"', "alert.public-url: not a scheme and a host; "),
        ('public-url = "https://sms.example.org?x"', "alert.public-url: not a scheme and a host; "),
        ('public-url = "https://sms.example.org:http"', "alert.public-url: not a scheme and a host; "),
        ('public-url = "https://user@sms.example.org"', "alert.public-url: not a scheme and a host; "),
    ],
)
def test_alerts_are_said_where_and_how_it_is_known(line, complaint):
    """A time of the day, a language that there is, and no secret in the file."""
    with pytest.raises(ConfigError) as error:
        parse(with_(alert=line))

    assert complaint in str(error.value)
    assert "secret" not in str(error.value).replace("secret itself", "")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('detach = "maybe"', 'receiving.detach: found \'maybe\'; write "no", "say" or "yes"'),
        ("detach = true", 'receiving.detach: found true; write a string in quotes, for example: detach = "say"'),
        (
            'per-answer = "0"',
            'receiving.per-answer: zero, and the number would be detached for good; write an amount, such as "1"',
        ),
        (
            'per-day = "0"',
            'receiving.per-day: zero, and the number would be detached for good; write an amount, such as "10"',
        ),
        (
            'burst = "0"',
            'receiving.burst: zero, and the number would be detached for good; write an amount, such as "100"',
        ),
        (
            'time-off = "0s"',
            'receiving.time-off: found 0 minutes; write more than none and at most "6h", such as "30m"',
        ),
        (
            'time-off = "7h"',
            'receiving.time-off: found 420 minutes; write more than none and at most "6h", such as "30m"',
        ),
        (
            "people-per-day = 0",
            "receiving.people-per-day: found 0; write a whole number of at least 1, for example: people-per-day = 100",
        ),
        (
            "per-anwser = 1",
            "receiving: unknown key 'per-anwser'; did you mean \"per-answer\"? (known: detach, per-answer, people-per-day, "
            "per-day, burst, time-off)",
        ),
    ],
)
def test_what_receiving_may_cost_is_more_than_nothing(line, complaint):
    """And what is to be done then is one of three words."""
    with pytest.raises(ConfigError) as raised:
        parse(with_(receiving=line))

    assert f"edge.toml: {complaint}" == str(raised.value)


API = 'api-account-env = "ACCOUNT"\napi-key-env = "KEY"\napi-secret-env = "SECRET"'


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (API.replace("KEY", "sk-secret"), "number.api-key-env: not the name of a variable; write one in capitals"),
        (API.replace('"SECRET"', '""'), "number.api-secret-env: not the name of a variable; write one in capitals"),
        (
            API.partition("\n")[0],
            "number: api-key-env and api-secret-env: missing; write api-account-env, api-key-env, api-secret-env, or none of the three",
        ),
        (
            'api-url = "https://api.twilio.com"',
            "number.api-url: nobody is called without api-account-env, api-key-env, api-secret-env; write those too",
        ),
        (f'{API}\napi-url = "api.twilio.com"', "number.api-url: not the beginning of an address"),
        (f'{API}\napi-url = "https://secret@api.twilio.com"', "number.api-url: not the beginning of an address"),
        (f'{API}\napi-url = "https://api.twilio.com:70000"', "number.api-url: not the beginning of an address"),
        (f'{API}\napi-url = "https://api.twilio.com/?a=b"', "number.api-url: not the beginning of an address"),
        (
            f'{API}\napi-url = "http://api.twilio.com"',
            "number.api-url: without TLS everybody on the way reads the secret",
        ),
        (f'{API}\napi-url = "http://127.0.0.1.example.org"', "number.api-url: without TLS everybody on the way"),
    ],
)
def test_what_is_no_way_to_a_providers_api_is_refused(lines, complaint):
    """One line, without what was written: it may be the secret itself."""
    with pytest.raises(ConfigError) as caught:
        parse(with_(number=lines))

    assert complaint in str(caught.value)
    assert "secret@" not in str(caught.value)
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://api.dublin.ie1.twilio.com", "http://127.0.0.1:8000", "http://[::1]:1", "http://localhost"]
)
def test_a_providers_api_is_called_over_tls_or_on_this_machine(url):
    """All three variables, and where it is if not at the provider's own address."""
    number = parse(with_(number=f'{API}\napi-url = "{url}"')).number

    assert ("ACCOUNT", "KEY", "SECRET", url) == (
        number.api_account_env, number.api_key_env, number.api_secret_env, number.api_url,
    )  # fmt: skip


def test_brackets_that_hold_no_address_are_refused():
    """As every other address that is none: in one line."""
    with pytest.raises(ConfigError, match=r"^edge\.toml: number\.url"):
        parse(with_(number="").replace("https://sms.example.org/sms", "https://[x/sms"))


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("ledger", "url"),
        ("server", "tls-cert"),
        ("server", "tls-key"),
        ("server", "tls-client-ca"),
        ("server", "state"),
        ("server", "trace"),
        ("number", "secret-file"),
    ],
)
def test_the_name_of_a_file_holds_no_null(table, key):
    """The system takes none, and says so late, in a traceback."""
    text = (
        SHORTEST.replace("[number]\n", f'[number]\n{key} = ["a\\u0000b"]\n')
        if table == "number"
        else f'{SHORTEST}\n[{table}]\n{key} = "a\\u0000b"\n'
    )
    with pytest.raises(ConfigError, match=f"{table}.{key}: holds a null character, which the name of no file has"):
        parse(text)
