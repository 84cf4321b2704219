"""`antirelou alert --test`, as a person calls it: a line for each channel, and an exit code."""

import pytest

from tests.commands.test_cli import run
from tests.watch.receiver import nobody, receiving, status
from tests.worker import config


@pytest.fixture(name="file")
def _file(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_text(config() + '[alert]\nto-env = "ALERT_URLS"\n')
    return path


def test_each_channel_has_a_line(file):
    """All took it: exit 0; one did not: exit 1, and the line says why. No address is shown, and no ledger is begun."""
    with receiving() as receiver, nobody() as dead:
        good = f"{receiver.url.replace('http', 'ntfy')}/secret-topic {receiver.url}/secret"
        fine = run("alert", file, "--test", ALERT_URLS=good)
        receiver.answers = [status(401)]
        bad = run("alert", file, "--test", ALERT_URLS=f"{receiver.url}/secret {dead}/secret")
        receiver.answers = [status(429), status(500)]
        later = [run("alert", file, "--test", ALERT_URLS=receiver.url) for _ in range(2)]
        file.write_text(file.read_text() + 'language = "fr"\n')
        run("alert", file, "--test", ALERT_URLS=receiver.url)

    assert (0, "1 ntfy: taken (answered 200)\n2 webhook: taken (answered 200)\n", "") == fine
    assert (1, "1 webhook: refused: answered 401\n2 webhook: not sent: cannot be reached\n", "") == bad
    assert [
        (1, "1 webhook: not now: answered 429\n", ""),
        (1, "1 webhook: nobody knows whether it arrived: answered 500\n", ""),
    ] == later
    assert ["antirelou: a test", "antirelou : essai"] == [receiver.requests[n].json["title"] for n in (0, -1)]
    assert [file] == list(file.parent.iterdir())


@pytest.mark.parametrize(
    ("arguments", "urls", "complaint"),
    [
        ([], "https://h/", "write --test: a test is sent to every channel of alert.to-env"),
        (["--test"], "", "alert.to-env: the variable ALERT_URLS is not set; export ALERT_URLS=… before starting"),
        (["--test"], "secret", "alert.to-env: address 1: has no scheme; write one such as ntfys://TOKEN@ntfy.example.org/topic or https://…"),
    ],
)  # fmt: skip
def test_misuse_gets_one_line(file, arguments, urls, complaint):
    """Exit 2."""
    assert (2, "", f"antirelou: {complaint}\n") == run("alert", file, *arguments, ALERT_URLS=urls)


def test_without_a_channel_nothing_can_be_tested(file):
    """The line says what to write."""
    file.write_text(config())

    assert (
        2,
        "",
        'antirelou: alert.to-env: no channel; write the variable that holds their addresses, such as to-env = "ALERT_URLS"\n',
    ) == run("alert", file, "--test")
