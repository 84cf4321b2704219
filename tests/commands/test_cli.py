"""The commands, as a person or a script calls them: what is printed where, and the exit code."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys

import pytest

import edge.commands.demo
from bench import proc
from edge import __version__
from edge.compiled import one_pass
from edge.configfile import load
from edge.errors import AntirelouError
from edge.ledger.opening import prepare
from edge.setup import place_of
from tests import ROOT
from tests.ledger.servers import any_server, running
from tests.web.test_numbers import two
from tests.worker import PHONE, SECRET, config, free_port, message_id, sender, serving


def run(*arguments, given="", **environ):
    """Run a command on what is given as standard input; return exit code, standard output and standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "edge", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60, input=given,
        env={**os.environ, "TWILIO_AUTH_TOKEN": SECRET, **environ},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(name="file")
def _file(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_text(config(bind=f"127.0.0.1:{free_port()}", kitty="2000", per_day="35", burst="8"))
    return path


def test_check_says_what_follows(file):
    """A file that holds: every consequence on a line, exit 0, nothing on standard error."""
    code, out, err = run("check", file)

    assert (0, "") == (code, err)
    assert "reply to *: 1 segment (24 units of GSM-7)" in out
    assert "price in +33: 0.0763 EUR a reply, 0.0838 an exchange" in out
    assert "worst hour 9.458334, worst day 43.00" in out
    assert "the file holds" in out
    assert "\x1b[" not in out


def test_check_json_is_for_programs(file):
    """The same as JSON, with money as strings."""
    code, out, _ = run("check", file, "--json")
    found = json.loads(out)

    assert (0, True, 23_866, "43.00") == (code, found["ok"], found["kitty_buys"], found["worst_day"])


def test_check_fails_when_a_promise_cannot_hold(file):
    """A reply of two segments where one is allowed: exit 1, and the line says what to do."""
    file.write_text(file.read_text().replace("Non, c'est non.", "Non, c'est non. " * 11))
    code, out, _ = run("check", file)

    assert 1 == code
    assert "error: reply.text: 2 segments" in out
    assert "the file holds" not in out


def test_a_file_that_is_no_file_is_misuse(tmp_path):
    """A missing file: one line on standard error, exit 2; with --json, JSON on standard output as well."""
    code, out, err = run("check", tmp_path / "nothing.toml")
    code_json, out_json, _ = run("check", tmp_path / "nothing.toml", "--json")

    assert (2, "") == (code, out)
    assert f"antirelou: {tmp_path}/nothing.toml: cannot be read: No such file or directory\n" == err
    assert (2, False) == (code_json, json.loads(out_json)["ok"])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["chek"], "antirelou: No such command 'chek'. Did you mean 'check'?\n"),
        (["check"], "antirelou: Missing argument 'FILE'.\n"),
        (["check", "--jsn", "x"], "antirelou: No such option '--jsn'. Did you mean '--json'?\n"),
        (
            ["number", "x"],
            "antirelou: Missing argument '{status|detach|attach}'. Choose from: status, detach, attach\n",
        ),
    ],
)
def test_a_mistyped_command_gets_one_line(arguments, line):
    """Misuse: one line on standard error that says what would be right, exit 2."""
    assert (2, "", line) == run(*arguments)


def test_the_version_is_told():
    """--version prints the version of the package, and which of the two parses runs."""
    forms = "Python" if one_pass is None else "compiled"

    assert (0, f"antirelou, version {__version__}\nforms: {forms}\n", "") == run("--version")


def test_the_version_says_that_the_python_is_used():
    """Where what was compiled is left aside, forms are read in Python."""
    _, told, _ = run("--version", ANTIRELOU_PYTHON="1")

    assert "forms: Python" == told.splitlines()[1]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("kitty =", "kity =", "budget: unknown key 'kity'; did you mean \"kitty\"?"),
        ('"twilio"', '"twillio"', "number.provider: found 'twillio'; did you mean \"twilio\"?"),
        ('secret-env = "TWILIO_AUTH_TOKEN"\n', "", "twilio signs its requests; write where the secret is"),
        ("TWILIO_AUTH_TOKEN", "NO_SUCH_VARIABLE", "number.secret-env: the variable NO_SUCH_VARIABLE is not set"),
        ("[server]", '[ledger]\nurl = "sqlit:x.db"\n[server]', "ledger.url: found 'sqlit:x.db'; unknown kind 'sqlit'"),
    ],
)
def test_serve_refuses_a_file_that_does_not_hold(file, old, new, complaint):
    """Serving a broken file: one line, exit 2, no ledger made."""
    file.write_text(file.read_text().replace(old, new))
    code, _, err = run("serve", file)

    assert 2 == code
    assert complaint in err
    assert 1 == err.count("\n")
    assert not (file.parent / "antirelou.db").exists()


def test_serve_refuses_a_ledger_that_is_none(file):
    """A ledger file that holds something else is left alone: one line, exit 2."""
    (file.parent / "antirelou.db").write_text("a diary" * 500)
    code, _, err = run("serve", file)

    assert 2 == code
    assert "antirelou.db: cannot be used as a ledger" in err
    assert "a diary" * 500 == (file.parent / "antirelou.db").read_text()


def test_status_tells_what_was_done_while_the_worker_runs_and_after(tmp_path):
    """The status command reads the ledger: the same totals as the worker's page, also when nobody serves."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        worker.send(sender(1), "salut", message_id(1))
        worker.send("12345", "a short code", message_id(2))
        page = worker.status()
        worker.stop()
    code, out, _ = run("status", tmp_path / "edge.toml", "--json")
    _, shown, _ = run("status", tmp_path / "edge.toml")

    assert 0 == code
    assert {name: page[name] for name in ("messages", "replies", "by_reason", "spent")} == {
        name: json.loads(out)[name] for name in ("messages", "replies", "by_reason", "spent")
    }
    assert "2 messages, 1 reply\n" in shown
    assert "spent: 0.0763 EUR on replies, 0.015 on receiving" in shown


def test_the_demo_plays_as_announced():
    """The demo exits 0 only if everybody got what they should, and prints the bill with and without the gate."""
    code, out, err = run("demo")

    assert (0, "") == (code, err)
    assert "a troll" in out
    assert "without the gate" in out
    assert "expected" not in out
    assert "simulate" not in out


def test_a_demo_that_is_kept_says_what_another_limit_would_have_done(tmp_path):
    """The line that it ends with is a command: the same bill under the same limit, three replies more under another."""
    kept = tmp_path / "my demo"
    code, out, _ = run("demo", "--keep", kept)
    asked = shlex.split(out.splitlines()[-1])
    told = [run(*asked[1:4])[1], run(*asked[1:])[1]]
    bill = re.search(r"the bill: (\S+) EUR for 2 replies, 7.53 ", out)[1]

    assert (0, ["antirelou", "simulate", str(kept / "edge.toml"), str(kept / "traces")]) == (code, asked[:4])
    assert f"{bill} for 2 replies, 7.53 for receiving\n" in told[0]
    assert [("1", "0.15"), ("5", "0.38")] == re.findall(r"^(\d) \| [\d.]+ % \| (\S+) \|", told[1], re.MULTILINE)


@pytest.mark.parametrize(
    ("kept", "why"), [(".", "is there already; nothing was overwritten"), ("no/where", "cannot be")]
)
def test_a_demo_is_kept_in_a_new_folder_only(kept, why, tmp_path):
    """A folder that is there, or cannot be made: one line, exit 2, and nothing is played."""
    code, out, err = run("demo", "--keep", tmp_path / kept)

    assert (2, "", 1) == (code, out, err.count("\n"))
    assert why in err


def test_a_file_that_says_nothing_to_count_is_an_error_all_the_same(file):
    """An unknown provider: the error alone is printed, since nothing follows from such a file."""
    file.write_text(file.read_text().replace('"twilio"', '"twillio"'))
    code, out, _ = run("check", file)

    assert (1, 1) == (code, out.count("\n"))
    assert out.startswith("error: number.provider: found 'twillio'")


def test_an_unknown_provider_of_one_of_several_is_said_once(file):
    """Under the name of its number."""
    file.write_text(two().replace('"46elks"', '"46elk"'))
    code, out, _ = run("check", file)

    assert (1, 1) == (code, out.count("\n"))
    assert out.startswith("error: number[1].provider: found '46elk'; did you mean \"46elks\"?")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_demo_can_be_interrupted(stop, tmp_path):
    """Ctrl-C, SIGTERM or SIGHUP ends the demo with one line, below the one where the terminal shows ^C, exit 2; nothing stays."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what a script runs beside itself ignores it
    command = [sys.executable, "-u", "-m", "edge", "demo"]
    environ = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        signal.signal(signal.SIGINT, before)
        try:
            next(line for line in process.stdout if line.startswith("who"))
            worker = proc.tree(process.pid)[1:]
            process.send_signal(stop)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()

    assert (2, "\nantirelou: stopped\n") == (process.returncode, err)
    assert (True, []) == (bool(worker), [pid for pid in worker if proc.tree(pid)])
    assert [] == list(tmp_path.iterdir())


def test_a_worker_that_does_not_start_ends_the_demo(tmp_path, monkeypatch):
    """A worker that is not there in time: one error that says what to try."""
    monkeypatch.setattr(edge.commands.demo, "START_S", 0.0)

    with pytest.raises(AntirelouError, match="the worker did not start; run 'antirelou check'"):
        edge.commands.demo.Demo(tmp_path, recorded=False).run()


def test_a_ledger_on_a_server_is_begun_by_hand(tmp_path):
    """The command begins it once; the second time it says that there is one, exit 2."""
    with running(any_server(), tmp_path) as server:
        file = tmp_path / "edge.toml"
        ledger = f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n[server]'
        file.write_text(config().replace("[server]", ledger))
        first = run("create-ledger", file, LEDGER_KEY="k" * 32)
        second = run("create-ledger", file, LEDGER_KEY="k" * 32)

    assert (0, "") == (first[0], first[2])
    assert "and nothing is spent" in first[1]
    assert (2, True) == (second[0], "holds a ledger of" in second[2])


def test_a_ledger_goes_on_under_another_number_when_a_person_says_so(tmp_path):
    """The status of the new number is refused, exit 2, until the command has adopted the ledger."""
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}")) as worker:
        worker.stop()
    file = tmp_path / "edge.toml"
    file.write_text(config().replace(PHONE, "+33937000001"))
    refused, adopted, then = run("status", file), run("adopt-ledger", file), run("status", file)

    assert [2, 0, 0] == [ended[0] for ended in (refused, adopted, then)]
    assert f"it is the ledger of {PHONE}, and number.phone is +33937000001" in refused[2]
    assert f"was the ledger of {PHONE}, and is that of +33937000001; what was spent is spent" in adopted[1]


def test_a_ledger_of_before_that_is_adopted_did_not_say_whose_it_was(tmp_path):
    """One of the first format names nobody."""
    for name in ("format-1.sqlite", "format-1.sqlite.key"):
        shutil.copy(ROOT / "tests" / "ledger" / "samples" / name, tmp_path)
    file = tmp_path / "edge.toml"
    file.write_text(config() + '[ledger]\nurl = "sqlite:format-1.sqlite"\n')

    assert "did not say whose ledger it was, and is that of" in run("adopt-ledger", file)[1]


def test_a_ledger_that_is_the_number_s_own_is_not_adopted(tmp_path):
    """It says so, and that is no error."""
    file = tmp_path / "edge.toml"
    file.write_text(config())
    prepare(place_of(load(file), tmp_path))

    assert (0, f"nothing to adopt: sqlite:antirelou.db is the ledger of {PHONE} already\n", "") == run(
        "adopt-ledger", file
    )
