"""The tutorials are true: what they say to type is typed here, in order, and does what they say; French and English are one."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from tests import ROOT
from tests.loadtest.test_byhand import by_hand, curl_of
from tests.needs import need
from tests.worker import await_, free_port

FOLDER = ROOT / "docs" / "tutorial"
PAGES = sorted(page.name for page in FOLDER.glob("*.md") if not page.name.endswith(".fr.md"))
TAKEN_OVER = ("make ", "export PATH", "curl ", "SITE=")
"""What needs a terminal, a machine or a name of its own: done below, or by the tests of Caddy and of `make`."""


def commands(name):
    """Return the commands of a page, in order."""
    blocks = re.findall(r"^```console\n(.*?)^```$", (FOLDER / name).read_text(), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in re.findall(r"^\$ (.*)", block, re.MULTILINE)]


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_commands_and_figures(page):
    """And the same links but for those between the two."""
    french = page.replace(".md", ".fr.md")
    english, other = (FOLDER / page).read_text(), (FOLDER / french).read_text()

    assert commands(page) == commands(french)
    assert english.count("\n## ") == other.count("\n## ")
    assert re.findall(r"`[^`\n]+`", english) == re.findall(r"`[^`\n]+`", other)
    assert re.findall(r"\d+(?:[.,]\d+)?", english) == re.findall(r"\d+(?:[.,]\d+)?", other)


@pytest.fixture(name="shell")
def _shell(tmp_path):
    """Return what runs a line in a folder of its own, in which `antirelou` is ours."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "antirelou"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m edge "$@"\n')
    program.chmod(0o755)
    environ = os.environ | {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "TWILIO_AUTH_TOKEN": "a-secret-for-trying-out",
    }  # fmt: skip

    def run(line):
        done = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_first_evening_ends_with_a_reply_and_its_bill(tmp_path, shell):
    """Each command of the page, with the worker of `make run` in between, and the line that it prints."""
    need("curl")
    lines = [line for line in commands("first-evening.md") if not line.startswith(TAKEN_OVER)]
    status = lines.index("antirelou status evening.toml")
    said = {line: shell(line) for line in lines[: status - 1]}
    file = tmp_path / "evening.toml"
    file.write_text(file.read_text() + f'\n[server]\nbind = "127.0.0.1:{free_port()}"\n')
    with by_hand(file) as printed:
        await_(lambda: "<Message>" in shell(curl_of(printed))[1])
        again = shell(curl_of(printed))[1]
        said |= {line: shell(line) for line in lines[status:]}

    assert {0} == {code for code, _ in said.values()}, said
    assert "kitty: 50.00 EUR buys 596 exchanges" in said["antirelou check evening.toml"][1]
    assert "the file holds" in said["antirelou check evening.toml"][1]
    assert "answered: " in said["antirelou try evening.toml --from +33639980001"][1]
    assert "opted_out: " in said["antirelou try evening.toml --from +33639980001 --text STOP"][1]
    assert "<Message>" in again
    assert "spent: 0.0763 EUR on replies, 0.0075 on receiving" in said["antirelou status evening.toml"][1]
    assert "paused until " in said["antirelou pause evening.toml --for 1h"][1]
    assert said["antirelou resume evening.toml"][1].startswith("resumed")


def test_a_real_number_is_served_as_the_page_says(tmp_path, shell):
    """As far as this machine reaches: what init writes is taken by check and serve, and a stranger's request is refused."""
    need("curl")
    made, sourced, check, _, status = [line for line in commands("a-real-number.md") if not line.startswith(TAKEN_OVER)]
    [reached] = [line for line in commands("a-real-number.md") if line.startswith("curl ")]
    port = free_port()
    first = shell(made)
    file, secret = tmp_path / "number.toml", tmp_path / "number.env"
    secret.write_text("TWILIO_AUTH_TOKEN=a-secret-for-trying-out\n")
    file.write_text(file.read_text() + f'\n[server]\nbind = "127.0.0.1:{port}"\n')
    checked = shell(f"{sourced}; {check}")
    with by_hand(file):
        local = reached.replace("https://sms.example.org", f"http://127.0.0.1:{port}")
        await_(lambda: "403" in shell(local)[1])
        refused, shown = shell(local)[1], shell(status)

    assert (0, 0, 0) == (first[0], checked[0], shown[0]), (first, checked, shown)
    assert "bad_signature" in refused
    assert "0 messages, 0 replies" in shown[1]
