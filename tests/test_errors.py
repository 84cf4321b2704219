"""Facts about errors: what is shown to an operator stays one line, whatever their files hold."""

import socket

import pytest

from edge.errors import AntirelouError, ConfigError, LedgerDown, described, refused


@pytest.mark.parametrize("kind", [AntirelouError, ConfigError, LedgerDown])
def test_an_error_is_one_line(kind):
    """What would end a line or steer a terminal is written out; everything else stays as it is."""
    assert r"déjà \n\r\x1b[2J\u2028 \ud800" == str(kind("déjà \n\r\x1b[2J\u2028 \ud800"))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Name or service not known", socket.gaierror(-2, "Name or service not known")),
        ("[Errno 2] No such file or directory: 'a'", FileNotFoundError(2, "No such file or directory", "a")),
        ("OSError: 5", OSError(5)),
        ("TimeoutError", TimeoutError()),
        ("KeyError: 'a b'", KeyError("a b")),
    ],
)
def test_somebody_elses_error_is_said_in_words(said, error):
    """Without a number where words say it; with its kind where they do not."""
    assert said == described(error)


@pytest.mark.parametrize("value", ["x" * 100_000, "\u202e" * 100_000])
def test_what_somebody_pasted_does_not_bury_what_would_be_right(value):
    """Of a line without an end its beginning and its end are kept."""
    said = str(ConfigError(f"edge.toml: number.phone: found {value!r}; write it as +33937000000"))

    assert len(said) < 10_000
    assert said.startswith("edge.toml: number.phone: found ")
    assert said.endswith("; write it as +33937000000")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("a.toml: Permission denied", PermissionError(13, "Permission denied", "a.toml")),
        ("standard output cannot be written: No space left on device", OSError(28, "No space left on device")),
        (
            "the system refuses something: Too many levels of symbolic links",
            OSError(40, "Too many levels of symbolic links"),
        ),
        ("the system refuses something: stuck", OSError("stuck")),
        (
            "the folder in which this was called is not there any more; go to another one",
            FileNotFoundError(2, "No such file or directory"),
        ),
    ],
)
def test_what_the_system_refuses_is_named(said, error):
    """A folder that was removed under a shell has no name any more."""
    assert said == refused(error)
