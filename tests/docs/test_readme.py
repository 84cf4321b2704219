"""The README is true: its commands are run, and print what it says; its file holds; its links lead somewhere."""

import os
import re
import subprocess
import sys
import tomllib

import pytest

from edge import __version__
from edge.configfile import parse
from edge.meaning.findings import examine
from tests import ROOT
from tests.parts import NOW_MS

UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
"""Coverage writes warnings of its own between a program's lines."""
README = (ROOT / "README.md").read_text()

PUBLISHED = ("*.md", "docs/**/*.md", "edge/**/*.py", "loadtest/**/*.py", "deploy/*", "Dockerfile", ".github/**/*")
"""What people read or are shown."""


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def _commands():
    """Return every command of the console blocks with what it is said to print."""
    for block in _blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            yield command, printed


def _anchors(page):
    """Return the names by which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("command", "printed"), list(_commands()))
def test_a_command_prints_what_the_readme_says(command, printed, tmp_path):
    """Each line is printed as shown; `…` stands for what differs from run to run."""
    (tmp_path / "edge.toml").write_text((ROOT / "edge.toml").read_text())
    program = f"{sys.executable} -m edge"
    done = subprocess.run(
        ["bash", "-c", command.replace("make demo", f"{program} demo").replace("antirelou ", f"{program} ")],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120,
        env={**UNMEASURED, "PYTHONPATH": str(ROOT), "TWILIO_AUTH_TOKEN": "a-secret"},
    )  # fmt: skip
    pattern = re.escape(printed).replace("…", ".*")

    assert re.fullmatch(pattern, done.stdout + done.stderr), done.stdout + done.stderr


def test_the_file_in_the_readme_holds():
    """The static file on the first screen breaks no promise; that it serves metropolitan France alone is said."""
    [text] = _blocks("toml")
    found = examine(parse(text), NOW_MS)

    assert ([], ["price.reply: +262"]) == (found.errors, [warning[:17] for warning in found.warnings])


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")), ids=lambda page: page.name
)
def test_links_lead_somewhere(page):
    """Every relative link of every page leads to a file, and to a heading in it where it names one."""
    links = re.findall(r"\]\((?!https?://|mailto:)([^)#]*)(?:#([^)]+))?\)", page.read_text())
    found = [(page.parent / file if file else page, anchor) for file, anchor in links]

    assert [] == [file for file, _ in found if not file.exists()]
    assert [] == [(file, anchor) for file, anchor in found if anchor and anchor not in _anchors(file)]


def test_nobody_is_told_to_install_a_name_that_is_not_ours():
    """No release is in a package index, so whoever registered the name there would be installed instead."""
    files = {path for part in PUBLISHED for path in ROOT.glob(part) if path.is_file() and path.suffix != ".pyc"}
    told = [
        f"{file.relative_to(ROOT)}: {line}"
        for file in files
        for line in re.findall(r"install\b[^`\n]*|antirelou\[\w+\]", file.read_text(encoding="utf-8"))
        if re.search(r"(?<![\w/.])antirelou(?![\w/.-])", line)
    ]

    assert [] == told


def test_the_french_readme_says_the_same():
    """The same commands that print the same, the same file but for its comments, the same figures, and each links to the other."""
    french = (ROOT / "README.fr.md").read_text()
    measured = re.compile(r"<!-- bench:headline -->.*?<!-- /bench -->", re.DOTALL)
    both = [measured.sub("", README).partition("## Where to read on")[0], french.partition("## Où lire la suite")[0]]
    consoles, files, figures, words = (
        [re.findall(pattern, text, re.DOTALL | re.MULTILINE) for text in both]
        for pattern in (r"^```console\n.*?^```$", r"^```toml\n(.*?)^```$", r"\d+(?:[.,\xa0]\d+)*", r"`[^`\n]+`")
    )

    assert consoles[0] == consoles[1]
    assert tomllib.loads(files[0][0]) == tomllib.loads(files[1][0])
    english, french_figures = ([re.sub(r"[,\xa0]", ".", figure) for figure in found] for found in figures)
    assert (english, words[0]) == (french_figures, words[1])
    assert both[0].count("\n## ") == both[1].count("\n## ")
    assert ("(README.fr.md)" in both[0], "(README.md)" in both[1]) == (True, True)


def test_the_changelog_knows_the_version():
    """The newest entry of the changelog is the version of the package."""
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert __version__ == newest[1]
