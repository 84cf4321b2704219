"""Facts about where the harness finds the secrets of the number under test."""

import pytest

from edge.configfile import parse
from loadtest.provider.credentials import NoSecret, origin_secret, signing_secret, status_key
from tests.worker import config

FILE = config(bind="127.0.0.1:8000")


def changed(old, new):
    """Return the static file, with something else in it."""
    return parse(FILE.replace(old, new))


@pytest.mark.parametrize("environ", [{"A": "one", "B": "two"}, {"A": "one"}])
def test_the_secret_is_in_the_variable_that_the_file_names(environ, tmp_path):
    """Of several the first, for any of them is right."""
    assert "one" == signing_secret(changed('"TWILIO_AUTH_TOKEN"', '["A", "B"]'), tmp_path, environ)


def test_a_secret_may_be_in_a_file(tmp_path):
    """Beside the static file, if its path is relative."""
    (tmp_path / "secret").write_text("one\n")

    assert "one" == signing_secret(changed('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"'), tmp_path, {})


@pytest.mark.parametrize("around", ["\n", " \r\n", "\ufeff", "\u200b\t", "\u00a0"])
def test_what_nobody_sees_around_a_secret_is_none_of_it(around, tmp_path):
    """The worker cuts it as well: a flood that was signed with it would be one of strangers."""
    (tmp_path / "secret").write_text(f"{around}one{around}", encoding="utf-8")
    in_file = changed('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"')
    named = changed("[server]", '[server]\norigin-secret-env = "A"\nstatus-key-env = "A"')
    environ = {"TWILIO_AUTH_TOKEN": f"{around}one{around}", "A": f"one{around}"}

    assert "one" == signing_secret(in_file, tmp_path, {}) == signing_secret(parse(FILE), tmp_path, environ)
    assert "one" == origin_secret(named, environ) == status_key(named, environ)
    with pytest.raises(NoSecret, match="the variable TWILIO_AUTH_TOKEN is not set"):
        signing_secret(parse(FILE), tmp_path, {"TWILIO_AUTH_TOKEN": around})


def test_a_secret_that_is_no_text_is_said(tmp_path):
    """In one line."""
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(NoSecret, match=r"number\.secret-file: secret cannot be read: not UTF-8"):
        signing_secret(changed('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "secret"'), tmp_path, {})


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("", "", "number.secret-env: the variable TWILIO_AUTH_TOKEN is not set"),
        ('secret-env = "TWILIO_AUTH_TOKEN"', 'secret-file = "nowhere"', "number.secret-file: nowhere cannot be read"),
    ],
)
def test_who_cannot_sign_says_why(old, new, line, tmp_path):
    """A flood of forged messages only would prove nothing."""
    with pytest.raises(NoSecret, match=line):
        signing_secret(changed(old, new), tmp_path, {})


@pytest.mark.parametrize(
    ("read", "key", "where"),
    [(origin_secret, "origin-secret-env", "ORIGIN"), (status_key, "status-key-env", "KEY")],
)
def test_the_servers_own_secrets_are_where_the_file_says(read, key, where):
    """A file that names none asks for none."""
    named = changed("[server]", f'[server]\n{key} = "{where}"')

    assert ("", "k") == (read(parse(FILE), {}), read(named, {where: "k"}))
    with pytest.raises(NoSecret, match=rf"server\.{key}: the variable {where} is not set"):
        read(named, {})


def test_each_number_has_its_secret(tmp_path):
    """Told by the number's key, where it is missing."""
    second = '[[number]]\nphone = "+33937000001"\nprovider = "plivo"\nurl = "https://sms.example.org/p"\nsecret-env = "OTHER"\n\n[reply]\n'
    both = parse(FILE.replace("[number]", "[[number]]").replace("[reply]\n", second, 1))
    environ = {"TWILIO_AUTH_TOKEN": "one", "OTHER": "two"}

    assert ["one", "two"] == [signing_secret(both, tmp_path, environ, index) for index in (0, 1)]
    with pytest.raises(NoSecret, match=r"^number\[1\]\.secret-env: the variable OTHER is not set"):
        signing_secret(both, tmp_path, {}, 1)
