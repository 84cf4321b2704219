"""Who gets the money of a flood: shipped scenarios, played by the harness against real workers and judged by its oracle."""

import json
import re
import subprocess
import sys

import pytest

from tests import ROOT
from tests.torture import rounds

QUICKER = rounds(3, many=1)
"""A flood in a third of its time, with a third of its messages; the people and the pace shrink alike."""
INCONCLUSIVE = 4
"""This machine was too busy to judge how fast it was; what was paid to whom is exact all the same."""


@pytest.mark.parametrize(("name", "least"), [("raid", 0.7), ("block", 0.95)] if QUICKER == 1 else [("raid", 0.6)])
def test_trolls_do_not_take_the_answer_away(tmp_path, shows, name, least):
    """Of those who write for the first time and whom the pace can pay for at all, most are answered; no promise is broken."""
    text = (ROOT / "loadtest" / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")
    speed = int(text.partition("speed = ")[2].split()[0])
    scenario = tmp_path / f"{name}.toml"
    text = re.sub(r"(genuine.share_of_possible >= )[\d.]+", rf"\g<1>{least}", text)  # fewer people, more chance
    scenario.write_text(text.replace(f"speed = {speed}", f"speed = {speed * QUICKER}"))
    done = subprocess.run(
        [sys.executable, "-m", "loadtest", str(scenario), "--workers", "2", "--rate", f"{1 / QUICKER:.2f}",
         "--report", str(tmp_path / "report.html"), "--verdict-json", str(tmp_path / "verdict.json")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode in {0, INCONCLUSIVE}, done.stdout + done.stderr
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    figures, money = verdict["figures"], verdict["money"]
    shows("P6", rounds=1, requests=figures["messages.sent"])
    shows(
        figure=f"{name}: {figures['genuine.answered']} of {figures['genuine.senders']} people answered, {money['trolls']} {money['currency']} to trolls"
    )

    assert least <= figures["genuine.share_of_possible"]
    assert [] == verdict["broken"]
    assert all(promise["kept"] is not False for promise in verdict["promises"])
