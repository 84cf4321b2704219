"""What the harness says to a static file with several numbers."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.configfile import parse
from edge.errors import ConfigError
from loadtest.byhand import curl
from loadtest.command import main as flood
from loadtest.onenumber import check_one_number
from loadtest.tracecommand import main as write_trace
from loadtest.worker.own import variables
from tests.loadtest.run.test_job import Job, load
from tests.test_several_numbers import BOTH
from tests.worker import config

SAID = ": number: a flood is written to one number, and this file has 2; name a file with one [number]"


def test_a_file_with_one_number_is_taken():
    """In either form."""
    check_one_number(parse(config()), "edge.toml")
    check_one_number(parse(config().replace("[number]", "[[number]]")), "edge.toml")


@pytest.mark.parametrize(
    ("command", "arguments"), [(flood, ["raid"]), (write_trace, ["raid", "-o", "raid.jsonl"])], ids=["flood", "trace"]
)
def test_a_file_with_several_is_refused_before_anything_is_played(command, arguments, tmp_path):
    """One line, exit 2: what, where, and what would be right."""
    file = tmp_path / "edge.toml"
    file.write_text(BOTH)

    ended = CliRunner().invoke(command, [*arguments, "--config-file", str(file)])

    assert (2, 1) == (ended.exit_code, len(ended.stderr.splitlines()))
    assert ended.stderr.startswith(f"Error: {file}{SAID}")
    assert not Path("raid.jsonl").exists()


def test_so_is_one_in_the_file_of_a_worker_that_runs(tmp_path):
    """Locust's leader reads it before it plays."""
    (tmp_path / "edge.toml").write_text(BOTH)
    job = Job(
        scenario=load("raid"), seed=1, rate=1.0, thresholds=(), config_file=str(tmp_path / "edge.toml"), host="",
        i_own="", connections=1,
    )  # fmt: skip

    with pytest.raises(ConfigError, match="a flood is written to one number, and this file has 2"):
        job.check()


def test_make_run_serves_several_and_shows_a_line_for_the_first(tmp_path):
    """Every secret that is not set is made up, each number's."""
    file = parse(BOTH.replace('"46elks"', '"plivo"\nsecret-env = ["OTHER", "THIRD"]'))

    assert ["TWILIO_AUTH_TOKEN", "OTHER", "THIRD"] == variables(file)
    assert "To=%2B33937000000" in curl(file, tmp_path, {"TWILIO_AUTH_TOKEN": "x"})
