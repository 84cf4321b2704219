"""docs/how-to/every-day.md is true: what it says to do is done here, or by the test that it names."""

import contextlib
import re
import subprocess
from urllib.parse import urlencode

import pytest

from tests import ROOT
from tests.commands.test_cli import run
from tests.needs import need
from tests.worker import PHONE, SECRET, URL, await_, config, free_port, message_id, sender, serving

PAGE = (ROOT / "docs" / "how-to" / "every-day.md").read_text()
NEW = "a-newer-secret-of-the-tests"
PATH = "/sms/0123456789abcdef0123456789abcdef"


def test_each_section_has_a_test_that_tries_it():
    """And that test is there."""
    sections = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[:-1]
    rows = dict(re.findall(r"^\| ([^|]+) \| `([^`]+)` \|$", PAGE, re.MULTILINE))

    assert sections == list(rows)
    for named in rows.values():
        path, _, test = named.partition("::")
        assert f"def {test}(" in (ROOT / path).read_text(), named


def block(section):
    """Return the commands of a section."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [
        line
        for found in re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        for line in re.findall(r"^\$ (.*)", found, re.MULTILINE)
    ]


def is_answered(worker, number, message=None, secret=SECRET):
    """Return whether somebody gets the reply."""
    return "<Message>" in worker.send(sender(number), "salut", message_id(message or number), secret)[1]


def do(section, folder):
    """Run the commands of a section, those of the system, in a folder."""
    for line in block(section):
        subprocess.run(["sh", "-c", line], cwd=folder, check=True)


def test_a_kitty_is_topped_up_while_it_runs(tmp_path):
    """What is in the file counts from the beginning; what was spent stays spent."""
    text = config(bind=f"127.0.0.1:{free_port()}", kitty="2000")
    file = tmp_path / "edge.toml"
    with serving(tmp_path, text) as worker:
        is_answered(worker, 1)
        file.write_text(text.replace('kitty = "2000"', 'kitty = "2500"'))
        code, said, _ = run("reload", file)
        left, again = worker.status()["kitty_left"], is_answered(worker, 1, message=2)

    assert (0, True) == (code, said.startswith("reloaded: budget.kitty 2000.00 → 2500.00; "))
    assert ("2499.9162", False) == (left, again)


def test_a_secret_is_rotated_without_a_restart(tmp_path):
    """One, both, the other: what is signed with one of those that are named is the provider's, and nothing else."""
    for name, secret in {"old": SECRET, "new": NEW}.items():
        (tmp_path / name).write_text(secret)
    text = config(bind=f"127.0.0.1:{free_port()}")
    files = ['"old"', '["new", "old"]', '"new"']
    texts = [text.replace('secret-env = "TWILIO_AUTH_TOKEN"', f"secret-file = {names}") for names in files]
    file, taken = tmp_path / "edge.toml", []
    with serving(tmp_path, texts[0]) as worker:
        for step, changed in enumerate(texts):
            file.write_text(changed)
            assert 0 == run("reload", file)[0]
            taken.append([is_answered(worker, 10 * step + n, secret=secret) for n, secret in ((1, SECRET), (2, NEW))])

    assert [[True, False], [True, True], [False, True]] == taken


def test_a_backup_is_taken_while_it_runs_and_restored_elsewhere(tmp_path):
    """By the commands of the page: who was answered before the backup is known again; who was answered after it is not."""
    need("sqlite3")
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(old, text) as worker:
        before = is_answered(worker, 1)
        do("Back up", old)
        after = is_answered(worker, 2)
    for name in ("backup.db", "backup.db.key"):
        (old / name).rename(new / name)
    do("Restore", new)
    with serving(new, text) as worker:
        known, once_more = is_answered(worker, 1, message=11), is_answered(worker, 2, message=12)
        spent = worker.status()["replies"]

    assert (True, True) == (before, after)
    assert (False, True, 2) == (known, once_more, spent)


def test_the_ledger_goes_on_under_another_provider(tmp_path):
    """Whoever was answered under the old one is not answered again under the new one."""
    text = config(bind=f"127.0.0.1:{free_port()}")
    with serving(tmp_path, text) as worker:
        first = is_answered(worker, 1)
    other = text.replace('"twilio"', '"46elks"').replace(URL, f"https://sms.example.org{PATH}")
    with serving(tmp_path, re.sub(r"secret-env = .*\n", "", other)) as worker:

        def write(number):
            form = {
                "direction": "incoming",
                "id": f"s{number}",
                "from": sender(number),
                "to": PHONE,
                "message": "salut",
            }
            with contextlib.closing(worker.connect()) as connection:
                connection.request("POST", PATH, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
                return connection.getresponse().read().decode()

        same, stranger = write(1), write(2)
        await_(lambda: worker.status()["messages"] == 3)

    assert (True, "", True) == (first, same, stranger.startswith("Bonjour."))


@pytest.mark.parametrize("section", ["Back up", "Restore"])
def test_what_is_tried_here_is_what_the_page_says(section):
    """The commands are taken from the page."""
    assert 1 < len(block(section))
