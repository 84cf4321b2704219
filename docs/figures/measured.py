"""What the commands said: has experiments played, and keeps the results."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docs.figures.experiments import EXAMPLE, ROOT, Experiment, text_of

RESULTS = Path(__file__).parent / "results.json"
Values = dict[str, Any]
_DIGITS = 6


def results() -> dict[str, dict[str, Values]]:
    """Return what is kept, by experiment: `all` of its seeds, and `once`, of its first seed alone."""
    found: dict[str, dict[str, Values]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def keep(found: dict[str, dict[str, Values]]) -> None:
    """Keep results, in the order of their names."""
    RESULTS.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n", encoding="utf-8")


def said(one: Experiment) -> Values:
    """Return what `antirelou simulate` says of one."""
    with TemporaryDirectory(prefix="figures-") as folder:
        here = Path(folder)
        for file in {EXAMPLE, one.file, one.other or one.file}:
            (here / file).write_text(text_of(file), encoding="utf-8")
        if one.flood.endswith(".toml"):
            (here / one.flood).write_bytes((Path(__file__).parent / one.flood).read_bytes())
        seeds = ("--seed", str(one.first), "--seeds", str(one.seeds))
        name = "night.jsonl" if one.seeds > 1 else f"night-{one.first}.jsonl"
        _run(here, "-m", "loadtest", "trace", one.flood, *seeds, "-o", name, "--config-file", EXAMPLE)
        traces = sorted(path.name for path in here.glob("*.jsonl"))  # as a shell does: chance goes by the place
        other = ("--compare", one.other) if one.other else ()
        plot = ("--plot", str(ROOT / one.plot)) if one.plot else ()
        line = ("-m", "edge", "simulate", one.file, *traces, *one.options, *other, *plot)
        if one.other or one.is_swept:
            return _short(json.loads(_run(here, *line, "--json")))
        return {"lines": _run(here, *line).splitlines()}


def _run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603  our own commands


def _short(told: Values) -> Values:
    """Return what pages say anything of: means and intervals."""
    if "sweep" in told:
        return {"sweep": [row | {"figures": _rounded(row["figures"])} for row in told["sweep"]]}
    compared = {name: _rounded(told["compared"][name]) for name in ("figures", "differences")}
    return {"figures": _rounded(told["figures"]), "compared": compared}


def _rounded(figures: Values) -> Values:
    return {
        name: {key: round(value, _DIGITS) if isinstance(value, float) else value for key, value in figure.items()}
        for name, figure in figures.items()
    }
