"""Facts about secrets: found where the static file says, missed in words that say what to do, and never shown."""

import os

import pytest

from edge.config.table import as_list
from edge.configfile import parse
from edge.credentials import from_environment, number_secrets
from edge.errors import ConfigError
from tests.worker import config


def number(where):
    """Return a static file whose number has its secret there."""
    return parse(config().replace('secret-env = "TWILIO_AUTH_TOKEN"', where))


def complaint(where, folder, environ):
    """Return what is said about a secret that is not there."""
    with pytest.raises(ConfigError) as caught:
        number_secrets(number(where), folder, environ)
    return str(caught.value)


def test_a_number_may_have_no_secret(tmp_path):
    """Whether that will do is for the provider to say."""
    assert [] == number_secrets(number(""), tmp_path, {})


@pytest.mark.parametrize(
    ("where", "expected"),
    [('secret-env = "NEW"', ["n3w"]), ('secret-env = ["NEW", "OLD"]', ["n3w", "0ld"]), ("secret-env = []", [])],
)
def test_secrets_come_from_the_environment_in_the_order_of_the_file(tmp_path, where, expected):
    """One variable, or several while one secret replaces another."""
    assert expected == number_secrets(number(where), tmp_path, {"OLD": "0ld", "NEW": "n3w", "OTHER": "x"})


def test_secrets_come_from_files_beside_the_static_file(tmp_path):
    """A relative path starts at the static file's folder; white space around a secret is none of it."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "new").write_text(" n3w\n")
    (tmp_path / "old").write_text("0ld é\r\n", encoding="utf-8")
    where = f'secret-file = ["secrets/new", "{tmp_path / "old"}"]'

    assert ["n3w", "0ld é"] == number_secrets(number(where), tmp_path, {})


AROUND = ["\n", "\r\n", " ", "\t", "\ufeff", "\u00a0", "\u200b", "\u3000", " \ufeff\n", "\0"]


@pytest.mark.parametrize("around", AROUND, ids=ascii)
@pytest.mark.parametrize("shape", ["{0}{1}", "{1}{0}", "{0}{1}{0}"])
def test_what_nobody_sees_around_a_secret_is_none_of_it(tmp_path, around, shape):
    """A new line at the end, a byte order mark before it, a space from a page it was copied from: in a variable, in a file."""
    written = shape.format(around, "s3cret of two words")
    (tmp_path / "token").write_text(written, encoding="utf-8", newline="")

    assert ["s3cret of two words"] == number_secrets(number('secret-env = "TOKEN"'), tmp_path, {"TOKEN": written})
    assert ["s3cret of two words"] == number_secrets(number('secret-file = "token"'), tmp_path, {})


@pytest.mark.parametrize("quoted", ['"s3cret"', "'s3cret'", "`s3cret`", "“s3cret”", "‘s3cret’", ' "s3cret"\n', '""'])
def test_a_secret_in_quotes_is_refused_with_its_place(tmp_path, quoted):
    """Nobody can tell whether they belong to it; every message would get 403. The value is not shown."""
    (tmp_path / "token").write_text(quoted, encoding="utf-8")
    said = [
        complaint('secret-env = "TOKEN"', tmp_path, {"TOKEN": quoted}),
        complaint('secret-file = "token"', tmp_path, {}),
    ]

    assert [
        "number.secret-env: the variable TOKEN holds a secret in quotes, which would be part of it; take them away",
        f"number.secret-file: {tmp_path / 'token'} holds a secret in quotes, which would be part of it; take them away",
    ] == said


def test_a_variable_that_is_no_text_is_named(tmp_path):
    """What Python keeps of bytes that are not UTF-8 would be a traceback as soon as it is hashed."""
    assert "number.secret-env: the variable TOKEN is not UTF-8; write it in letters and digits" == complaint(
        'secret-env = "TOKEN"', tmp_path, {"TOKEN": "s3\udcffret"}
    )


@pytest.mark.parametrize("secret", ['"', "it's", '"half', 'half"', "“half'", 'a"b'])
def test_a_quote_that_is_no_pair_belongs_to_the_secret(tmp_path, secret):
    """A password may hold any character."""
    assert [secret] == number_secrets(number('secret-env = "TOKEN"'), tmp_path, {"TOKEN": secret})


@pytest.mark.parametrize(
    ("key", "where"),
    [
        ("origin-secret-env", "server.origin-secret-env"),
        ("status-key-env", "server.status-key-env"),
        ("key-env", "ledger.key-env"),
        ("password-env", "ledger.password-env"),
    ],
)
def test_every_secret_is_read_alike(key, where):
    """The CDN's, the status key, the ledger's key and password."""
    assert ["s3cret"] == from_environment("SECRET", where, {"SECRET": "\ufeffs3cret\n"})
    with pytest.raises(ConfigError, match=f"^{where}: the variable SECRET holds a secret in quotes"):
        from_environment("SECRET", where, {"SECRET": "'s3cret'"})
    with pytest.raises(ConfigError, match=f"^{where}: the variable SECRET is not set"):
        from_environment("SECRET", where, {"SECRET": " \n"})
    assert key in where


@pytest.mark.parametrize("environ", [{}, {"TOKEN": ""}, {"TOKEN": " \n"}, {"token": "x"}])
def test_a_variable_that_is_not_set_is_named_with_what_to_do(tmp_path, environ):
    """An empty variable is as good as none: it would verify what anybody signs with nothing."""
    assert "number.secret-env: the variable TOKEN is not set; export TOKEN=… before starting" == complaint(
        'secret-env = ["TOKEN"]', tmp_path, environ
    )


def test_a_missing_variable_does_not_give_the_others_away(tmp_path):
    """What is complained about is a name; values are not in it."""
    assert "s3cret" not in complaint('secret-env = ["A", "B"]', tmp_path, {"A": "s3cret"})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe", "cannot be read: not UTF-8"),
        (b" \n", "is empty; write the secret into it"),
        (b"x" * 65_537, "cannot be read: longer than 65,536 bytes"),
    ],
)
def test_a_file_without_a_secret_is_named_with_the_reason(tmp_path, content, expected):
    """A missing file, one in another encoding and an empty one each say which file and why."""
    if content is not None:
        (tmp_path / "token").write_bytes(content)

    assert f"number.secret-file: {tmp_path / 'token'} {expected}" == complaint('secret-file = "token"', tmp_path, {})


@pytest.mark.parametrize("between", ["\n", "\r\n", "\t", "\0", "\u200b", "\u2028", "\u00a0"])
def test_what_nobody_sees_within_a_secret_is_refused_with_its_place(tmp_path, between):
    """An old secret and a new one on two lines would be one that nobody ever sends; a list says which they are."""
    (tmp_path / "token").write_bytes(f"7f3a{between}9c1e\n".encode())

    for where, place, environ in [
        ('secret-file = "token"', f"number.secret-file: {tmp_path / 'token'}", {}),
        ('secret-env = "T"', "number.secret-env: the variable T", {"T": f"7f3a{between}9c1e"}),
    ]:
        said = complaint(where, tmp_path, environ)

        assert said.startswith(
            f"{place} holds several lines, or what nobody sees, within the secret; write one secret alone"
        )
        assert "7f3a" not in said


def test_words_with_spaces_are_a_secret():
    """As people make them up for a status page."""
    assert ["correct horse"] == from_environment("T", "server.status-key-env", {"T": "correct horse\n"})


def test_a_secret_is_in_a_file(tmp_path):
    """A pipe would be waited at, and could be read once only."""
    os.mkfifo(tmp_path / "token")

    expected = f"number.secret-file: {tmp_path / 'token'} cannot be read: a pipe, not a file"
    assert expected == complaint('secret-file = "token"', tmp_path, {})


def test_other_secrets_are_looked_for_under_their_own_key():
    """The complaint names the key of the static file that points to the variable."""
    with pytest.raises(ConfigError, match=r"^server\.status-key-env: the variable STATUS_KEY is not set"):
        from_environment("STATUS_KEY", "server.status-key-env", {})


def test_one_name_is_a_list_of_one():
    """The file may say it either way."""
    assert [["A"], ["A", "B"], []] == [as_list("A"), as_list(["A", "B"]), as_list([])]
