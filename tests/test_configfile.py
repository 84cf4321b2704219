"""Facts about mistakes in the static file: each gets one line that says where, what was found, what would be right."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.configfile import _EXAMPLES, load, parse
from edge.errors import ConfigError, did_you_mean
from tests.test_config import SHORTEST, instead, keys, tables, with_

NUMBER, REPLY_IN = 'phone = "+33937000000"', "[[reply.in]]\n"
AMOUNT = 'write an amount in quotes, such as "2000" or "0.0763"'
DECIMAL = 'write an amount as a decimal string, such as "2000" or "0.0763"'
DURATION = 'write a duration in quotes, such as "24h", "15m" or "1h30m"'
UNITS = 'write a duration such as "24h", "15m" or "1h30m" (units: ms, s, m, h, d)'
DATE = "write a date without quotes, for example: lasts-until = 2027-10-30"
PREFIXES = 'for example: prefixes = ["+44", "+353"]'
VARIABLE = 'not the name of a variable; write one in capitals, such as "TWILIO_AUTH_TOKEN", and never the secret itself'
PACE = 'write exactly one of per-day (such as per-day = "35") and lasts-until (such as lasts-until = 2027-10-30)'
BIND = (
    'write an address and a port, such as "127.0.0.1:8000", or a socket, such as "unix:/run/antirelou/antirelou.sock"'
)

MISTAKES = [
    # Something is missing.
    ("", "missing key 'number'; write it, for example: [number]"),
    ("[number]", f"number: missing key 'phone'; write it, for example: {NUMBER}"),
    (instead('per-day = "35"', ""), f"budget: {PACE}"),
    (SHORTEST + REPLY_IN + 'text = "No."', f"reply.in[0]: missing key 'prefixes'; write it, {PREFIXES}"),
    (instead('{ "+33" = "0.0763" }', "{}"), 'price.reply: empty; write at least one prefix such as "+33"'),
    (instead('"Non."', '"  "'), "reply.text: empty; write what is to be answered"),
    # Something is too much.
    (instead("kitty", "kity"), "budget: unknown key 'kity'; did you mean \"kitty\"? (known: kitty, per-day, lasts-until, burst)"),
    (instead("per-day", "per_day"), "budget: unknown key 'per_day'; did you mean \"per-day\"? (known: kitty, per-day, lasts-until, burst)"),
    (with_(limit="sender = { bursts = 2 }"), "limit.sender: unknown key 'bursts'; did you mean \"burst\"? (known: burst, count, period)"),
    (SHORTEST + REPLY_IN + 'prefix = "+44"', "reply.in[0]: unknown key 'prefix'; did you mean \"prefixes\"? (known: prefixes, text)"),
    (with_(number='auth-token = "x"'), "number: unknown key 'auth-token'; known: phone, provider, url, secret-env, secret-file, api-account-env, api-key-env, api-secret-env, api-url, price"),
    (SHORTEST + "[limits]", "unknown key 'limits'; did you mean \"limit\"? (known: paused, number, reply, price, budget, receiving, knock, limit, ledger, server, alert)"),
    (with_(budget="lasts-until = 2027-10-30"), f"budget: {PACE}"),
    (with_(number='secret-env = "A"\nsecret-file = "b"'), "number: secret-env and secret-file: both given; keep the one that holds the secret"),
    # Something is of another kind.
    (instead('"+33937000000"', "33937000000"), f"number.phone: found 33937000000; write a string in quotes, for example: {NUMBER}"),
    (instead('"2000"', "2000.0"), f"budget.kitty: found 2000.0; {AMOUNT}"),
    (instead('"2000"', "true"), f"budget.kitty: found true; {AMOUNT}"),
    (instead('"0.0763"', "0.0763"), f"price.reply.'+33': found 0.0763; {AMOUNT}"),
    (instead('{ "+33" = "0.0763" }', '{ "+33" = "1", "+44" = ["2"] }'), f"price.reply.'+44': found a list; {AMOUNT}"),
    (instead('{ "+33" = "0.0763" }', '"0.0763"'), "price.reply: found '0.0763'; write a table, for example: reply = { \"+33\" = \"0.0763\" }"),
    (with_(limit="sender = { period = 24 }"), f"limit.sender.period: found 24; {DURATION}"),
    (with_(limit='sender = { period = "99999999d" }'), 'limit.sender.period: found 99999999 days; the longest that can be counted is "3650d"'),
    (with_(limit='block = { period = "3650d1ms" }'), 'limit.block.period: found 3651 days; the longest that can be counted is "3650d"'),
    (instead('"2000"', '"54000000000"'), "budget.kitty: found '54000000000'; the largest amount that can be counted is \"999999999.999999\""),
    (instead('{ "+33" = "0.0763" }', '{ "+33" = "100000.01" }'), "price.reply: found '100000.01'; the largest price that can be counted is \"100000\""),
    (with_(ledger='name = "a b"'), "ledger.name: found 'a b'; write up to 64 letters, digits and the signs + . _ -, such as \"+33937000000\""),
    (with_(limit="sender = 1"), 'limit.sender: found 1; write a table, for example: sender = { burst = 1, count = 1, period = "24h" }'),
    (with_(limit='sender = { count = "1" }'), "limit.sender.count: found '1'; write a whole number"),
    (with_('paused = "no"'), "paused: found 'no'; write true or false"),
    (with_("number = 5").replace("[number]", "[other]"), "number: found 5; write a table, for example: [number]"),
    (instead('per-day = "35"', "lasts-until = 2027-10-30T12:00:00"), f"budget.lasts-until: found 2027-10-30 12:00:00; {DATE}"),
    (instead('per-day = "35"', "lasts-until = 2027"), f"budget.lasts-until: found 2027; {DATE}"),
    (with_(number="secret-env = 5"), 'number.secret-env: found 5; write a string in quotes, for example: secret-env = "TWILIO_AUTH_TOKEN"'),
    (SHORTEST + '[reply.in]\nprefixes = ["+44"]', "reply.in: found a table; write a list, for example: [[reply.in]]"),
    (SHORTEST + REPLY_IN + 'prefixes = "+44"', f"reply.in[0].prefixes: found '+44'; write a list, {PREFIXES}"),
    (SHORTEST + REPLY_IN + "prefixes = [44]", f"reply.in[0].prefixes[0]: found 44; write a string in quotes, {PREFIXES}"),
    (with_(server='status-key-env = ["A"]'), "server.status-key-env: found a list; write a string in quotes"),
    # Something does not read as what it should be.
    (instead("+33937000000", "0937000000"), "number.phone: found '0937000000'; write it as \"+33937000000\""),
    (instead("https://sms", "sms"), 'number.url: not a whole address; write it as entered at the provider, such as "https://sms.example.org/sms"'),
    (instead('"2000"', '"2000 EUR"'), f"budget.kitty: found '2000 EUR'; {DECIMAL}"),
    (instead('"0.0763"', '"0,0763"'), f"price.reply.'+33': found '0,0763'; {DECIMAL}"),
    (instead('"+33" =', '"33" ='), "price.reply: found '33'; write \"+\" and digits, such as \"+33\""),
    (SHORTEST + REPLY_IN + 'prefixes = ["44"]\ntext = "No."', "reply.in[0].prefixes: found '44'; write \"+\" and digits, such as \"+33\""),
    (instead("EUR", "€"), "price.currency: found '€'; write its three-letter code, such as \"EUR\""),
    (instead('per-day = "35"', 'lasts-until = "30.10.2027"'), f"budget.lasts-until: found '30.10.2027'; {DATE}"),
    (with_(limit='block = { period = "24" }'), f"limit.block.period: found '24'; {UNITS}"),
    (with_(server='bind = "8000"'), f"server.bind: found '8000'; {BIND}"),
    (with_(number='secret-env = "0123456789abcdef"'), f"number.secret-env: {VARIABLE}"),
    (with_(server='origin-secret-env = ["A", "s3cret"]'), f"server.origin-secret-env: {VARIABLE}"),
    (with_(server='status-key-env = "s3cret"'), f"server.status-key-env: {VARIABLE}"),
    (with_(ledger='key-env = "s3cret"'), f"ledger.key-env: {VARIABLE}"),
    (with_(ledger='password-env = "s3cret"'), f"ledger.password-env: {VARIABLE}"),
    (instead("Non.", "Non.\\u0007"), "reply.text: holds the control character '\\x07', which no telephone shows; leave it out"),
    (SHORTEST + REPLY_IN + 'prefixes = ["+44"]\ntext = ""', "reply.in[0].text: empty; write what is to be answered"),
    # Something is too little, too large, or not yet there.
    (with_(limit="sender = { count = 0 }"), "limit.sender.count: found 0; write a whole number of at least 1"),
    (with_(limit="block = { digits = 7 }"), "limit.block.digits: found 7; write a whole number of at most 6"),
    (with_(server="workers = 65"), "server.workers: found 65; write a whole number of at most 64"),
    (with_(server="body-bytes-max = 1"), "server.body-bytes-max: found 1; write a whole number of at least 1024"),
    (with_(limit='sender = { period = "0s" }'), 'limit.sender.period: zero, and a limit without a period limits nothing; write a duration, such as "24h"'),
    (with_(limit='block = { period = "0s" }'), 'limit.block.period: zero, and a limit without a period limits nothing; write a duration, such as "24h"'),
    (instead('"35"', '"0"'), 'budget.per-day: zero, and the number would never answer; write an amount, such as "35"'),
    (with_(knock="share = 1"), "knock.share: found 1.0; write a part of the pace from 0 to 0.999 in thousandths, such as 0.25"),
    (with_(knock="share = 0.3333"), "knock.share: found 0.3333; write a part of the pace from 0 to 0.999 in thousandths, such as 0.25"),
    (with_(knock='share = "a quarter"'), "knock.share: found 'a quarter'; write a number, for example: share = 0.25"),
    (with_(knock='after = "0s"'), 'knock.after: not between a millisecond and 12 hours; write a duration, such as "5m"'),
    (with_(knock='after = "13h"'), 'knock.after: not between a millisecond and 12 hours; write a duration, such as "5m"'),
    (with_(knock="most = 1"), "knock.most: found 1; write a whole number of at least 2"),
    (with_(budget='burst = "0.00"'), 'budget.burst: zero, and the number would never answer; write an amount, such as "8"'),
    (instead('"0.0763"', '"0"'), "price.reply: the price of '+33' is zero, and what costs nothing has no limit; write what a segment costs, such as \"0.0763\""),
    (instead("Non.", "a" * 1_601), "reply.text: 1601 characters; providers take 1600; shorten it"),
    (with_(reply='after = "1h"'), 'reply.after: delayed replies are not available in this version; write "0s" or leave the key out'),
    (with_(server='tls-cert = "a"'), "server: tls-cert and tls-key: only one is given; write both, or neither"),
    (with_(server='tls-client-ca = "a"'), "server.tls-client-ca: without tls-cert and tls-key nobody is asked for a certificate; write those too"),
    (with_(server="counter-money = true"), "server.counter-money: without counter = true nothing is shown; write that too"),
    (with_(server='trace = ""'), 'server.trace: empty; write a folder, such as "traces", or leave the key out'),
    (with_(server="trace = true"), "server.trace: found true; write a string in quotes"),
    (with_(server='trace = "traces"\ntrace-mb-max = 0'), "server.trace-mb-max: found 0; write a whole number of at least 1"),
    (with_(server='trace-mb-max = "64"'), "server.trace-mb-max: found '64'; write a whole number"),
]  # fmt: skip


def complaint(text):
    """Return what is said about a file that does not hold."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_a_mistake_gets_one_line_that_says_what_would_be_right(text, expected):
    """The file, the path of the key, what stands there, and what to write instead."""
    assert f"edge.toml: {expected}" == complaint(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (SHORTEST + "[number\n", 15),
        (SHORTEST + "[number]\n", 15),
        (instead('"EUR"', "EUR"), 9),
        (with_("paused = True"), 1),
    ],
)
def test_what_is_not_toml_is_shown_by_its_line(text, line):
    """The parser's own words say what it expected there."""
    assert re.fullmatch(rf"edge\.toml: not TOML: [^\n]+ \(at line {line}, column \d+\)", complaint(text))


def test_every_key_that_must_be_there_has_an_example():
    """Whoever leaves one out is shown how it is written."""
    required = {
        f"{path}.{field.encode_name}".lstrip(".")
        for path, table in tables()
        for field in msgspec.structs.fields(table)
        if field.required
    }

    assert {"number", "number.phone", "reply.text", "reply.in.text", "price.reply", "budget.kitty"} <= required
    assert set() == required - _EXAMPLES.keys()


def test_a_file_is_read_from_disk(tmp_path):
    """Its path stands at the head of what is said about it."""
    file = tmp_path / "edge.toml"
    file.write_text(SHORTEST)

    assert parse(SHORTEST) == load(file)
    file.write_text("[")
    with pytest.raises(ConfigError, match=rf"^{re.escape(str(file))}: not TOML"):
        load(file)


def test_a_file_from_another_editor_is_the_same_file(tmp_path):
    """A byte order mark and Windows line ends make no difference."""
    file = tmp_path / "edge.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SHORTEST.replace("\n", "\r\n").encode())

    assert parse(SHORTEST) == load(file)


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    """It is missing, it is a folder, or it is in another encoding."""
    latin_1 = tmp_path / "latin-1.toml"
    latin_1.write_bytes("# numéro".encode("latin-1"))
    for path, why in [
        (tmp_path / "missing.toml", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (latin_1, "not UTF-8; save it in that encoding"),
    ]:
        with pytest.raises(ConfigError, match=f"^{re.escape(f'{path}: cannot be read: {why}')}$"):
            load(path)


@pytest.mark.parametrize(
    ("found", "expected"),
    [("twillio", 'did you mean "twilio"? (known: plivo, twilio)'), ("xyz", "known: plivo, twilio")],
)
def test_an_unknown_name_is_answered_with_the_known_ones(found, expected):
    """With the nearest one first, if there is one that is near."""
    assert expected == did_you_mean(found, iter(["plivo", "twilio"]))


_values = st.recursive(
    st.sampled_from(["0", "-1", "1.5", "nan", "true", '""', '"x"', '"1"', '"1h"', "2027-10-30", "07:32:00", '"+33"']),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=2).map(
            lambda items: "{ " + ", ".join(f'"+{n}" = {i}' for n, i in enumerate(items)) + " }"
        )
    ),
    max_leaves=4,
)


@given(st.sampled_from(keys()), _values)
def test_whatever_stands_in_place_of_a_value_there_is_a_file_or_a_line(path, value):
    """No value of any key ends in a traceback; what is said about it begins with the file, fits a line and names the key."""
    table, _, key = path.rpartition(".")
    lines = [line for line in SHORTEST.splitlines() if not line.startswith(f"{key} =")]
    head = "[[reply.in]]" if table == "reply.in" else f"[{table}]"
    if table and head not in lines:
        lines.append(head)
    if table == "reply.in":  # which is nothing without the other one
        lines.append({"prefixes": 'text = "x"', "text": 'prefixes = ["+44"]'}[key])
    lines.insert(lines.index(head) + 1 if table else 0, f"{key} = {value}")
    said = None
    try:
        parse("\n".join(lines))
    except ConfigError as error:
        said = str(error)

    assert said is None or re.fullmatch(r"edge\.toml: [^\n]+", said)
    assert said is None or key in said or "not TOML" in said


def test_what_is_no_name_of_a_file_is_said():
    """A null character cannot stand in one."""
    with pytest.raises(ConfigError, match=r"^a\\x00b: is no file's name: embedded null byte$"):
        load(Path("a\0b"))


def test_a_table_that_is_there_twice_is_named_as_it_is_written():
    """And not as the standard library holds it."""
    with pytest.raises(
        ConfigError, match=r"not TOML: Cannot declare \[limit\.sender\] twice \(at line 2, column 14\)$"
    ):
        parse("[limit.sender]\n[limit.sender]\n")
