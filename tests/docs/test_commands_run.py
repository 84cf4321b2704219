"""Every command in the README and in the docs is run: here, by the test that is named, or it is said why by none."""

import contextlib
import itertools
import os
import re
import shlex
import signal
import subprocess
import sys

import pytest

import edge.cli
from tests import ROOT
from tests.loadtest.traces import MARC, PAUL, line, write
from tests.needs import need
from tests.worker import free_port

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
BY_HAND = "a machine, a name or a network of one's own: "
ELSEWHERE = {
    r"make demo|antirelou check edge\.toml|sed \"s/.*": "tests/docs/test_readme.py::test_a_command_prints_what_the_readme_says",
    r"antirelou (init|check|status|pause|resume|try) evening\.toml.*": "tests/docs/test_tutorial.py::test_the_first_evening_ends_with_a_reply_and_its_bill",
    r"antirelou (init|check|status|serve) number\.toml.*": "tests/docs/test_tutorial.py::test_a_real_number_is_served_as_the_page_says",
    r"antirelou simulate (?!my-demo|edge\.toml night-\*).*": "tests/docs/test_figures.py::test_the_code_still_does_what_was_measured",
    r"antirelou simulate edge\.toml night-\*.* --compare .*": "tests/commands/test_simulate.py::test_two_files_are_compared_in_the_same_nights",
    r"antirelou simulate edge\.toml night-\*.* --sweep .*": "tests/commands/test_simulate.py::test_it_is_drawn",
    r"antirelou doctor .*": "tests/commands/test_doctor.py",
    r"antirelou alert .* --test": "tests/commands/test_alert.py::test_each_channel_has_a_line",
    r"antirelou (pause|resume) edge\.toml.*": "tests/process/test_pause.py",
    r"antirelou reload .*": "tests/commands/test_reload.py::test_a_reload_says_what_is_different_and_replaces_the_workers",
    r"antirelou status edge\.toml.*": "tests/commands/test_status.py",
    r"antirelou number .*": "tests/commands/test_number.py::test_each_of_several_numbers_is_detached_and_attached_by_itself",
    r"antirelou reconcile .* --api .*": "tests/commands/test_reconcile_api.py",
    r"antirelou reconcile .*\.csv": "tests/commands/test_reconcile.py",
    r"antirelou adopt-ledger .*": "tests/commands/test_cli.py::test_a_ledger_goes_on_under_another_number_when_a_person_says_so",
    r"python -m loadtest (raid|sybil) .*|make flood .*": "tests/process/test_fairness.py::test_trolls_do_not_take_the_answer_away",
    r"python -m loadtest numbers .*": "tests/simulation/test_against_locust.py::test_as_many_people_are_answered_where_the_flood_knows_one_of_four_numbers",
    r"python -m loadtest trace .*": "tests/loadtest/test_written.py::test_the_command_writes_one_file_or_one_for_each_seed",
    r"python -m loadtest stadium\.toml": "tests/docs/test_floods.py::test_the_stadium_ends_as_the_page_says",
    r"(python -m loadtest|locust -f loadtest/locustfile\.py --headless --config-file edge\.toml) --trace .*": "tests/loadtest/test_record_and_replay.py::test_two_processes_play_the_same_replay",
    r"python -m bench\.pages\.report.*": "tests/bench/pages/test_report.py",
    r"python -m bench\.pages\.history .*": "tests/bench/pages/test_history.py",
    r"make image.*": "tests/container/test_image.py",
    r"WEBHOOK_PATH=.* varnishd .*|SITE=.* caddy run .*": "tests/cdn/test_edges.py",
    r"export PATH=.*|set -a; .*|make run FILE=.*|export TWILIO_AUTH_TOKEN=a-secret-for-trying-out": "tests/docs/test_tutorial.py::test_the_first_evening_ends_with_a_reply_and_its_bill",
    r"antirelou (demo --keep|simulate my-demo/).*": "tests/commands/test_cli.py::test_a_demo_that_is_kept_says_what_another_limit_would_have_done",
    r"sqlite3 .*|cp (antirelou|backup)\.db.*|rm -f antirelou\.db-wal .*": "tests/docs/test_every_day.py::test_a_backup_is_taken_while_it_runs_and_restored_elsewhere",
}
WHY_NOT = {
    r"python -m bench( .*|\.generators.*|\.share.*|\.compare.*|\.growth.*)": "minutes on a machine that is left alone",
    r"make torture.*": "minutes or hours; it runs what the tests run, for longer",
    r"curl -i https://.*": BY_HAND + "the service's own address",
    r"export .*LEDGER_KEY=.*": "it sets variables",
    r"/opt/antirelou/bin/pip install .*|python3 -m venv .*|useradd .*|mkdir .*|cp (deploy|edge\.toml).*|systemd-creds .*|systemctl .*": BY_HAND
    + "root, systemd and the package index; tests/deploy asks systemd what it makes of the unit",
    r"docker run .*|-v antirelou.*|-e TWILIO.*": "it takes an engine; tests/container runs the image as its own configuration says",
    r"docker compose .*": "it takes an engine; tests/deploy reads the file",
}
HERE = {
    "docs/how-to/run-a-flood.md": r"export TWILIO_AUTH_TOKEN=a-secret-for-trying-out\n",
    "docs/how-to/record-and-replay.md": r"grep -h |sed 's/per-day",
    "docs/reference/providers.md": r"python3 -c ",
    "docs/explanation/open-loop.md": r"export TWILIO_AUTH_TOKEN=a-secret-for-trying-out\n",
}


def blocks():
    """Yield page and text of every block of commands."""
    for page in PAGES:
        for language, text in re.findall(r"^```(sh|console)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE):
            name = str(page.relative_to(ROOT))
            yield name, "\n".join(re.findall(r"^\$ (.*)", text, re.MULTILINE)) if language == "console" else text


def _ours():
    """Return every command of `antirelou`, but where they are made from the code."""
    lines = {
        line.strip() for page, text in blocks() if page != "docs/reference/commands.md" for line in text.splitlines()
    }
    return {line for line in lines if line.startswith("antirelou ")}


def runs_here(page, text):
    """Return whether a block is run below."""
    return page in HERE and re.match(HERE[page], text) is not None


def test_every_command_is_run_or_it_is_said_why_not():
    """A new command needs a test, or a reason; what is made from the code is not written by hand."""
    known = [re.compile(pattern) for pattern in (*ELSEWHERE, *WHY_NOT)]
    commands = [
        command.strip()
        for page, text in blocks()
        if not runs_here(page, text) and page != "docs/reference/commands.md"
        for command in text.strip().splitlines()
    ]

    assert [] == [command for command in commands if not any(pattern.match(command) for pattern in known)]
    assert [] == [pattern.pattern for pattern in known if not any(map(pattern.match, commands))]


@pytest.mark.parametrize("line", sorted(_ours()))
def test_every_command_of_ours_is_one(line):
    """Its options are there, and take what is given to them."""
    name, *arguments = itertools.takewhile(lambda word: word not in ("|", ">"), shlex.split(line, comments=True)[1:])
    edge.cli.cli.commands[name].make_context(name, arguments)


def test_every_test_that_is_named_exists():
    """And so does its file."""
    for named in ELSEWHERE.values():
        path, _, test = named.partition("::")
        assert f"def {test}" in (ROOT / path).read_text() if test else (ROOT / path).exists(), named


def scripts(page):
    """Return the blocks of a page that are run here."""
    return [text for name, text in blocks() if name == page and runs_here(name, text)]


def run(text, folder, timeout_s=120):
    """Run a block as a reader would, in a folder with the example; return exit code and what it printed."""
    (folder / "bin").mkdir(exist_ok=True)
    for name, module in {"python": "", "python3": "", "locust": "-m locust"}.items():
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        script.chmod(0o755)
    port = free_port()
    bound = f'{(ROOT / "edge.toml").read_text()}\n[server]\nbind = "127.0.0.1:{port}"\n'
    (folder / "edge.toml").write_text(bound)
    if not (folder / "loadtest").exists():
        (folder / "loadtest").symlink_to(ROOT / "loadtest")
    process = subprocess.Popen(
        ["bash", "-c", text.replace("8000", str(port))],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env=os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    printed = []
    try:
        for said in process.stdout:
            printed.append(said)
            if said.startswith("verdict: "):  # what it has started in the background may go on
                break
        return process.wait(timeout_s), "".join(printed)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.stdout.close()


def test_a_worker_that_runs_is_flooded_as_the_page_says(tmp_path):
    """Served, awaited, flooded, judged: the three lines work one after the other."""
    need("curl")
    [text] = scripts("docs/how-to/run-a-flood.md")
    code, said = run(text.rstrip() + ' --limit "lag.p99_ms < 5000"\n', tmp_path)

    assert (0, True) == (code, "verdict: kept (exit 0)" in said), said


def test_a_trace_is_looked_at_as_the_page_says(tmp_path):
    """How often each reason was given, and who wrote most; a tighter file."""
    (tmp_path / "traces").mkdir()
    requests = [line(0, PAUL), line(1, PAUL, "sender_limit"), line(2, PAUL, "sender_limit"), line(3, MARC)]
    write(tmp_path / "traces" / "trace-1-1.jsonl", *requests)
    looked, tighter = scripts("docs/how-to/record-and-replay.md")

    code, said = run(looked, tmp_path)
    assert (0, [["2", "answered"], ["2", "sender_limit"], ["3", PAUL], ["1", MARC]]) == (
        code,
        [row.split() for row in said.splitlines()],
    )
    run(tighter.splitlines()[0], tmp_path)
    assert 'per-day = "10"' in (tmp_path / "tighter.toml").read_text()


def test_an_address_that_nobody_guesses_is_made_as_the_page_says(tmp_path):
    """It is long, and another one each time."""
    [text] = scripts("docs/reference/providers.md")
    made = [run(text, tmp_path)[1] for _ in "12"]

    assert 2 == len(
        {address.strip() for address in made if re.fullmatch(r"https://sms\.example\.org/sms/[\w-]{32}\n", address)}
    )


@pytest.mark.parametrize("page", ["docs/explanation/open-loop.md"])
def test_a_worker_is_stopped_for_a_second_as_the_page_says(page, tmp_path):
    """The flood with a stall in it is played, and its report written."""
    need("curl")
    [text] = scripts(page)
    [scenario] = re.findall(r"^```toml\n(description.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    (tmp_path / "stall.toml").write_text(scenario)
    code, said = run(text, tmp_path)

    assert code in (0, 143), said
    assert (tmp_path / "stall.html").exists()
